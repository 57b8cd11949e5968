import { tests } from '@/strings/tests';

const words = tests.keys;

/** What the keyboard does in the editor. */
export type Command = 'add' | 'addAbove' | 'up' | 'down' | 'moveUp' | 'moveDown' | 'duplicate' | 'remove' | 'undo' | 'redo' | 'save' | 'help';

interface Binding {
  readonly command: Command;
  /** `Mod` is Ctrl, and Cmd on a Mac. */
  readonly keys: readonly string[];
  readonly words: string;
  /** Only within the table of steps. */
  readonly inTable?: true;
}

/** Every key that the editor knows: what it listens to and what its help tells. */
export const BINDINGS: readonly Binding[] = [
  { command: 'add', keys: ['Enter'], words: words.add, inTable: true },
  { command: 'addAbove', keys: ['Shift+Enter'], words: words.addAbove, inTable: true },
  { command: 'up', keys: ['ArrowUp'], words: words.up, inTable: true },
  { command: 'down', keys: ['ArrowDown'], words: words.down, inTable: true },
  { command: 'moveUp', keys: ['Alt+ArrowUp'], words: words.moveUp, inTable: true },
  { command: 'moveDown', keys: ['Alt+ArrowDown'], words: words.moveDown, inTable: true },
  { command: 'duplicate', keys: ['Mod+d'], words: words.duplicate, inTable: true },
  { command: 'remove', keys: ['Alt+Delete', 'Alt+Backspace'], words: words.remove, inTable: true },
  { command: 'undo', keys: ['Mod+z'], words: words.undo },
  { command: 'redo', keys: ['Mod+Shift+z', 'Mod+y'], words: words.redo },
  { command: 'save', keys: ['Mod+s'], words: words.save },
  { command: 'help', keys: ['?'], words: words.help },
];

/** What a key pressed means, or null. */
export function commandOf(event: KeyLike, inTable: boolean): Command | null {
  const pressed = pressedOf(event);
  return BINDINGS.find((binding) => binding.keys.includes(pressed) && (inTable || !binding.inTable))?.command ?? null;
}

interface KeyLike {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

function pressedOf({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyLike): string {
  if (key === '?') return key;
  const held = [...(ctrlKey || metaKey ? ['Mod'] : []), ...(altKey ? ['Alt'] : []), ...(shiftKey ? ['Shift'] : [])];
  return [...held, key.length === 1 ? key.toLowerCase() : key].join('+');
}
