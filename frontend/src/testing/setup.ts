import '@testing-library/jest-dom/vitest';

import { notifications } from '@mantine/notifications';
import { cleanup, configure } from '@testing-library/react';
import { afterAll, afterEach, beforeAll } from 'vitest';

import { server } from './server';

// What a page asks for comes in its own time on a busy machine: a generous deadline, which only failures wait for.
configure({ asyncUtilTimeout: 15_000 });

// What jsdom lacks and Mantine asks for.
class NoObserver {
  observe = noop;
  unobserve = noop;
  disconnect = noop;
}
window.ResizeObserver = NoObserver;

Object.defineProperty(window, 'matchMedia', {
  value: (query: string) => ({ matches: false, media: query, addEventListener: noop, removeEventListener: noop, addListener: noop, removeListener: noop }),
});
Object.defineProperty(window, 'scrollTo', { value: noop });
Element.prototype.scrollIntoView = noop;

function noop(): undefined {
  return undefined;
}

// A request that a test has not described fails it, instead of going out.
beforeAll(() => server.listen({ onUnhandledFrame: 'error' }));
afterEach(() => {
  cleanup();
  // They live in a store of the module, and would be shown to the next test of the file.
  notifications.clean();
  notifications.cleanQueue();
  server.resetHandlers();
  localStorage.clear();
});
afterAll(() => server.close());
