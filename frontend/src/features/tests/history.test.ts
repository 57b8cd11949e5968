import { describe, expect, it } from 'vitest';

import { afterwards, type Change, type History, typing } from './history';

const start: History = { past: [], present: '', future: [], group: null };
const write = (text: string, group: string | null = null): Change => ({ kind: 'write', text, group });
const after = (...changes: Change[]): History => changes.reduce(afterwards, start);

describe('the history of a text', () => {
  it('undoes and does again, each change by itself', () => {
    const history = after(write('a'), write('b'), { kind: 'undo' });
    expect(history.present).toBe('a');
    expect(afterwards(history, { kind: 'redo' }).present).toBe('b');
    expect(after(write('a'), { kind: 'undo' }, { kind: 'undo' }).present).toBe('');
  });

  it('undoes a word at once', () => {
    const typed = ['C', 'Cl', 'Click ', 'Click m', 'Click me'].map((text) => write(text, typing('row 1', text)));
    const undone = afterwards(after(...typed), { kind: 'undo' });
    expect(undone.present).toBe('Cl');
    expect(afterwards(undone, { kind: 'undo' }).present).toBe('');
  });

  it('forgets what was undone when something else is written', () => {
    expect(after(write('a'), { kind: 'undo' }, write('b')).future).toEqual([]);
  });

  it('takes what the server made of a text, unless somebody has written on', () => {
    expect(after(write('a'), { kind: 'settle', sent: 'a', saved: 'a\n' }).present).toBe('a\n');
    expect(after(write('a'), write('ab'), { kind: 'settle', sent: 'a', saved: 'a\n' }).present).toBe('ab');
  });
});
