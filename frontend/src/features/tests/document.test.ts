import { describe, expect, it } from 'vitest';

import type { TestStep } from '@/api';

import { addedStep, duplicatedStep, movedStep, type Place, readTest, removedStep, type Row, shownOf, withField, withKeys, withTags, withText } from './document';

const TEXT = `# who may sign in
name: Sign in            # the first
base_url: http://127.0.0.1:8000

variables: {user: admin}
steps:
  # open the page
  - Go to "/login"
  - action: fill         # typed
    instruction: the user name
    selector: "#user"
    value: 007

  - Click the "Sign in" button   # the big one
teardown:
  - Go back
`;

function at(index: number, section: Place['section'] = 'steps'): Place {
  return { section, index };
}

function rowsOf(text: string): readonly Row[] {
  const reading = readTest(text);
  if (!('test' in reading)) throw new Error(reading.problem);
  return reading.test.rows;
}

const words = (text: string): string[] => rowsOf(text).map(({ sentence, keys }) => sentence || (keys.instruction ?? ''));

describe('a text that is read', () => {
  it('gives its rows with their lines, and numbers as they are written', () => {
    expect(rowsOf(TEXT).map(({ section, index, kind, firstLine, lastLine }) => [section, index, kind, firstLine, lastLine])).toEqual([
      ['steps', 0, 'sentence', 8, 8],
      ['steps', 1, 'keys', 9, 12],
      ['steps', 2, 'sentence', 14, 14],
      ['teardown', 0, 'sentence', 16, 16],
    ]);
    expect(rowsOf(TEXT)[1]?.keys).toEqual({ action: 'fill', instruction: 'the user name', selector: '#user', value: '007' });
  });

  it('says the line where it cannot be read', () => {
    expect(readTest('name: x\nsteps:\n  - "open\n')).toMatchObject({ problem: expect.any(String) as string });
    expect(readTest('name: x\nname: y\n')).toMatchObject({ line: 2 });
    expect(readTest('just words')).toMatchObject({ line: 1 });
  });

  it('leaves alone what the table cannot edit', () => {
    expect(rowsOf('name: x\nsteps:\n  - include: a.yaml\n')[0]).toMatchObject({ kind: 'other', sentence: 'include: a.yaml' });
  });
});

describe('a change', () => {
  it('of one field touches its line alone, and keeps every comment and blank', () => {
    const text = withField(TEXT, at(0), 'sentence', 'Go to "/sign-in"');
    expect(text).toBe(TEXT.replace('"/login"', '"/sign-in"'));
    expect(withField(TEXT, at(2), 'sentence', 'Press Enter')).toBe(TEXT.replace('Click the "Sign in" button   #', 'Press Enter #'));
    expect(withField(TEXT, at(1), 'value', '008')).toBe(TEXT.replace('007', '008'));
  });

  it('adds after a row, and at the beginning', () => {
    expect(words(addedStep(TEXT, at(0), 'Reload the page'))).toEqual(['Go to "/login"', 'Reload the page', 'the user name', 'Click the "Sign in" button', 'Go back']);
    expect(words(addedStep(TEXT, at(-1), 'Reload the page'))[0]).toBe('Reload the page');
    expect(words(addedStep('name: x\n', at(-1), 'Go back'))).toEqual(['Go back']);
  });

  it('moves a step with its comments, and stops at the ends', () => {
    const down = movedStep(TEXT, at(1), 1);
    expect(words(down)).toEqual(['Go to "/login"', 'Click the "Sign in" button', 'the user name', 'Go back']);
    for (const comment of ['# who may sign in', '# the first', '# open the page', '# typed', '# the big one']) expect(down).toContain(comment);
    expect(movedStep(TEXT, at(0), -1)).toBe(TEXT);
    expect(movedStep(TEXT, at(2), 1)).toBe(TEXT);
  });

  it('duplicates and takes out', () => {
    expect(words(duplicatedStep(TEXT, at(2)))).toEqual(['Go to "/login"', 'the user name', 'Click the "Sign in" button', 'Click the "Sign in" button', 'Go back']);
    expect(duplicatedStep(TEXT, at(2)).split('# the big one')).toHaveLength(2);
    expect(words(removedStep(TEXT, at(1)))).toEqual(['Go to "/login"', 'Click the "Sign in" button', 'Go back']);
  });

  it('writes any text so that it is read as the same text', () => {
    for (const value of ['a: b', '# no comment', '', 'true', ' spaces ', '"quoted"', "it's", '- dash', '{{user}}', '*', 'null', 'ends:']) {
      expect(rowsOf(withField(TEXT, at(0), 'sentence', value))[0]?.sentence).toBe(value);
    }
    expect(withField(TEXT, at(1), 'value', '')).toContain('value: ""');
    expect(withField(TEXT, at(1), 'selector', '')).not.toContain('selector');
  });

  it('makes setup above the steps and teardown below, and takes them out with their last step', () => {
    const plain = 'name: x\nsteps:\n  - Go back\n';
    const both = addedStep(addedStep(plain, at(-1, 'setup'), 'Press Tab'), at(-1, 'teardown'), 'Press Enter');
    expect(both).toBe('name: x\nsetup:\n  - Press Tab\nsteps:\n  - Go back\nteardown:\n  - Press Enter\n');
    expect(removedStep(removedStep(both, at(0, 'setup')), at(0, 'teardown'))).toBe(plain);
    expect(removedStep(plain, at(0))).toBe('name: x\nsteps: []\n');
  });

  it('writes what most steps do without as test files have it', () => {
    const step = 'name: x\nsteps:\n  - action: click\n    selector: a\n';
    expect(withField(step, at(0), 'optional', 'true')).toBe(`${step}    optional: true\n`);
    expect(withField(step, at(0), 'timeout_seconds', '5')).toBe(`${step}    timeout_seconds: 5\n`);
    const framed = withField(step, at(0), 'frame', 'iframe, frame\n#inner');
    expect(rowsOf(framed)[0]?.keys.frame).toBe('iframe, frame\n#inner');
    expect(withField(framed, at(0), 'frame', '#inner')).toBe(`${step}    frame: "#inner"\n`);
    expect(withField(framed, at(0), 'frame', '')).toBe(step);
  });

  it('keeps the indentation that is there', () => {
    const flat = 'name: x\nsteps:\n- Go back\n- action: click\n  selector: a\n';
    expect(withField(flat, at(0), 'sentence', 'Reload the page')).toBe(flat.replace('Go back', 'Reload the page'));
    const wide = 'name: x\nsteps:\n    - Go back\n    - Press Enter\n';
    expect(withField(wide, at(0), 'sentence', 'Reload the page')).toBe(wide.replace('Go back', 'Reload the page'));
    expect(words(addedStep('name: x\nsteps: [Go back]\n', at(0), 'Press Enter, twice'))).toEqual(['Go back', 'Press Enter, twice']);
  });

  it('edits the head of the test', () => {
    expect(withText(TEXT, 'name', 'Sign out')).toBe(TEXT.replace('Sign in            # the first', 'Sign out # the first'));
    expect(withText('name: x\nsteps: []\n', 'base_url', 'http://a')).toBe('name: x\nbase_url: http://a\nsteps: []\n');
    const tagged = withTags(TEXT, ['smoke', 'a, b']);
    expect(readTest(tagged)).toMatchObject({ test: { tags: ['smoke', 'a, b'] } });
    expect(tagged.indexOf('tags:')).toBeLessThan(tagged.indexOf('variables:'));
    expect(withTags(tagged, [])).toBe(TEXT);
  });

  it('leaves a text that cannot be read as it is', () => {
    const broken = 'name: "x\nsteps:\n  - Go back\n';
    expect(addedStep(broken, at(0))).toBe(broken);
  });
});

describe('a sentence', () => {
  const step: TestStep = {
    title: '', sentence: 'Clear the "Name" field', action: 'fill', name: null, instruction: 'the "Name" field', selector: null, frame: [], condition: null,
    attribute: null, value: '', key: null, target: null, files: [], timeout_seconds: null, optional: false,
  };

  it('is written with keys', () => {
    const text = withKeys('name: x\nsteps:\n  - Clear the "Name" field # first\n', at(0), step);
    expect(rowsOf(text)[0]?.keys).toEqual({ action: 'fill', instruction: 'the "Name" field', value: '' });
    expect(text).toContain('# first');
  });

  it('is shown as action, target, value', () => {
    expect(shownOf(step)).toEqual({ action: 'fill', condition: null, target: 'the "Name" field', value: '' });
    expect(shownOf({ ...step, action: 'press', value: null, key: 'Enter' }).value).toBe('Enter');
  });
});
