import { useReducer } from 'react';

/** What was written before and after; both views of a test share it. `group` names what the last change was part of. */
export interface History {
  readonly past: readonly string[];
  readonly present: string;
  readonly future: readonly string[];
  readonly group: string | null;
}

export type Change =
  | { readonly kind: 'write'; readonly text: string; readonly group: string | null }
  | { readonly kind: 'undo' }
  | { readonly kind: 'redo' }
  | { readonly kind: 'settle'; readonly sent: string; readonly saved: string };

const MOST = 500;

/**
 * The history after a change. Changes of one group one after the other are undone together; without a group each is its
 * own. `settle` replaces a text that was sent by what the server made of it, unless somebody has written on meanwhile.
 */
export function afterwards(history: History, change: Change): History {
  const { past, present, future, group } = history;
  switch (change.kind) {
    case 'write': {
      if (change.text === present) return history;
      const together = change.group !== null && change.group === group;
      return { past: together ? past : [...past, present].slice(-MOST), present: change.text, future: [], group: change.group };
    }
    case 'undo': {
      const before = past.at(-1);
      return before === undefined ? history : { past: past.slice(0, -1), present: before, future: [present, ...future], group: null };
    }
    case 'redo': {
      const [next, ...rest] = future;
      return next === undefined ? history : { past: [...past, present], present: next, future: rest, group: null };
    }
    case 'settle':
      return { ...history, present: present === change.sent ? change.saved : present, group: null };
  }
}

/** The text of a test that is being written, and what undoes and does again what was done to it. */
export interface TextHistory {
  readonly text: string;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  readonly write: (text: string, group?: string) => void;
  readonly undo: () => void;
  readonly redo: () => void;
  readonly settle: (sent: string, saved: string) => void;
}

/** A history that begins with a text. */
export function useTextHistory(first: string): TextHistory {
  const [history, tell] = useReducer(afterwards, { past: [], present: first, future: [], group: null });
  return {
    text: history.present,
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
    write: (text, group) => tell({ kind: 'write', text, group: group ?? null }),
    undo: () => tell({ kind: 'undo' }),
    redo: () => tell({ kind: 'redo' }),
    settle: (sent, saved) => tell({ kind: 'settle', sent, saved }),
  };
}

/** The group of typing in a place: a word, or a line, is undone at once. */
export function typing(place: string, text: string): string {
  return `${place} ${text.split(/\s/).length}`;
}
