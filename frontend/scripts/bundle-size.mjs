// Prints what the first load of the dashboard costs, and fails when that is too much.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const MOST_KB = 300;
const DIST = new URL('../../src/tierwright/server/ui/dist/', import.meta.url);
const FIRST_PAGE = ['index.html', 'src/app/Shell.tsx', 'src/app/Home.tsx', 'src/app/ProjectFrame.tsx', 'src/features/dashboard/DashboardPage.tsx'];

const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', DIST), 'utf8'));
const files = new Set();

function need(key) {
  const entry = manifest[key];
  if (!entry) throw new Error(`the build has no ${key}`);
  if (files.has(entry.file)) return;
  files.add(entry.file);
  for (const imported of entry.imports ?? []) need(imported);
}

FIRST_PAGE.forEach(need);
const kilobytes = [...files].map((file) => gzipSync(readFileSync(new URL(file, DIST))).length).reduce((a, b) => a + b, 0) / 1000;
console.log(`first load of the dashboard: ${kilobytes.toFixed(1)} kB of gzipped JavaScript in ${files.size} files, ${MOST_KB} kB allowed`);
process.exitCode = kilobytes > MOST_KB ? 1 : 0;
