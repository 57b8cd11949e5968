import { fileURLToPath } from 'node:url';

import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': here('./src') } },
  build: {
    outDir: here('../src/tierwright/server/ui/dist'),
    emptyOutDir: true,
    manifest: true,
    target: 'es2023',
    // Browsers that know light-dark(): rewritten for older ones it would lose the theme's colours.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // Nothing is inlined into the page: the server's content policy lets only files of its own run.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8000' } },
  test: {
    environment: 'jsdom',
    environmentOptions: { jsdom: { url: 'http://localhost:3000' } },
    setupFiles: ['./src/testing/setup.ts'],
    css: { modules: { classNameStrategy: 'non-scoped' } },
    maxWorkers: 2,
    testTimeout: 60_000,
    expect: { poll: { timeout: 15_000 } },
    unstubGlobals: true,
    restoreMocks: true,
  },
});
