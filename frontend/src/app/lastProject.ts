const KEY = 'tierwright.project';

/** The project that was open last in this browser; null where storage is forbidden or empty. */
export function lastProject(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** Remember a project as the last one. */
export function rememberProject(id: string): void {
  try {
    localStorage.setItem(KEY, id);
  } catch {
    // Storage may be forbidden: then the first project is where one begins.
  }
}
