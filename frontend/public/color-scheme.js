// Runs before anything is drawn, so that nobody who chose the dark theme sees a white flash.
(() => {
  let chosen = 'auto';
  try {
    chosen = localStorage.getItem('tierwright.theme') ?? 'auto';
  } catch {
    // Storage may be forbidden; then the machine's own theme is used.
  }
  const dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
