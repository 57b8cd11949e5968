import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { beforeEach, describe, expect, it } from 'vitest';

import type { TestOut, TestStep, TextProblem } from '@/api';
import { tests } from '@/strings/tests';
import { type Shown, showFeature } from '@/testing/render';
import { answer, refuse, reply, server } from '@/testing/server';

import { testsFeature } from './routes';

const AT = '2026-11-27T08:00:00Z';
const YAML = `# kept
name: Buy a book
steps:
  - Go to "/"   # home
  - Press Enter
  - action: click
    selector: "#buy"
`;
const compiled = (sentence: string): TestStep => ({
  title: sentence, sentence, action: 'press', name: null, instruction: '', selector: null, frame: [], condition: null, attribute: null, value: null,
  key: sentence.replace('Press ', ''), target: null, files: [], timeout_seconds: null, optional: false,
});
const test: TestOut = {
  id: 't1', project_id: 'shop', name: 'Buy a book', tags: [], version: 3, created_at: AT, updated_at: AT, yaml: YAML, steps: [compiled('Go to "/"'), compiled('Press Enter')],
};

let problems: TextProblem[] = [];

beforeEach(() => {
  problems = [];
  server.use(
    answer('get', '/tests/t1', test),
    answer('get', '/tests/tags', []),
    reply('post', '/tests/check', () => ({ problems })),
    reply('post', '/tests/compile', (body) => compiled(sentenceIn(body))),
  );
});

function sentenceIn(body: unknown): string {
  return typeof body === 'object' && body !== null && 'sentence' in body ? String(body.sentence) : '';
}

const step = (number: number, what: string = tests.table.step): string => tests.table.cell(what, 'step', number);
const cell = (number: number): Promise<HTMLElement> => screen.findByRole('textbox', { name: step(number) });
const yaml = (): string => screen.getByRole<HTMLTextAreaElement>('textbox', { name: tests.yaml }).value;
const sentences = (): string[] => screen.queryAllByRole<HTMLInputElement>('textbox', { name: /^Step of step/ }).map(({ value }) => value);

async function opened(): Promise<Shown> {
  const shown = showFeature(testsFeature, '/p/shop/tests/t1');
  await cell(1);
  return shown;
}

describe('the table of steps by keyboard', () => {
  it('adds below and above, and the new row has the focus', async () => {
    const { user } = await opened();
    await user.click(await cell(1));
    await user.keyboard('{Enter}');
    expect(await cell(2)).toHaveFocus();
    await user.keyboard('Press Tab');
    expect(yaml()).toContain('# home\n  - Press Tab\n  - Press Enter');
    await user.keyboard('{Shift>}{Enter}{/Shift}');
    expect(sentences()).toEqual(['Go to "/"', '', 'Press Tab', 'Press Enter']);
    expect(await cell(2)).toHaveFocus();
  });

  it('moves the step, and the focus with it', async () => {
    const { user } = await opened();
    await user.click(await cell(2));
    await user.keyboard('{Alt>}{ArrowUp}{/Alt}');
    expect(sentences()).toEqual(['Press Enter', 'Go to "/"']);
    expect(await cell(1)).toHaveFocus();
    await user.keyboard('{Alt>}{ArrowUp}{/Alt}');
    expect(sentences()).toEqual(['Press Enter', 'Go to "/"']);
    await user.keyboard('{Alt>}{ArrowDown}{/Alt}');
    expect(yaml()).toBe(YAML);
  });

  it('duplicates, deletes, and goes between rows', async () => {
    const { user } = await opened();
    await user.click(await cell(1));
    await user.keyboard('{ArrowDown}');
    expect(await cell(2)).toHaveFocus();
    await user.keyboard('{Control>}d{/Control}');
    expect(sentences()).toEqual(['Go to "/"', 'Press Enter', 'Press Enter']);
    expect(await cell(3)).toHaveFocus();
    await user.keyboard('{Alt>}{Delete}{/Alt}{ArrowUp}{ArrowUp}');
    expect(await cell(1)).toHaveFocus();
    expect(yaml()).toBe(YAML);
  });

  it('undoes across both views, and does it again', async () => {
    const { user } = await opened();
    await user.click(await cell(2));
    await user.keyboard('{Alt>}{Delete}{/Alt}');
    const inYaml = yaml();
    fireEvent.change(screen.getByRole('textbox', { name: tests.yaml }), { target: { value: inYaml.replace('Go to "/"', 'Go to "/b"') } });
    expect(sentences()).toEqual(['Go to "/b"']);
    await user.click(await cell(1));
    await user.keyboard('{Control>}z{/Control}');
    expect(sentences()).toEqual(['Go to "/"']);
    await user.click(screen.getByRole('textbox', { name: tests.yaml }));
    await user.keyboard('{Control>}z{/Control}');
    expect(yaml()).toBe(YAML);
    await user.keyboard('{Control>}{Shift>}z{/Shift}{/Control}{Control>}y{/Control}');
    expect(sentences()).toEqual(['Go to "/b"']);
    expect(yaml()).toContain('# kept');
  });

  it('saves by key, and tells its keys', async () => {
    const sent: unknown[] = [];
    server.use(reply('put', '/tests/t1', (body) => (sent.push(body), { ...test, version: 4, yaml: yaml() })));
    const { user } = await opened();
    await user.click(await cell(2));
    await user.keyboard('{End}s{Control>}s{/Control}');
    await waitFor(() => expect(sent).toEqual([{ yaml: YAML.replace('Press Enter', 'Press Enters'), version: 3 }]));
    await user.click(screen.getByRole('button', { name: tests.keys.button }));
    expect(await screen.findByRole('dialog', { name: tests.keys.title })).toHaveTextContent(tests.keys.moveUp);
  });
});

describe('the table and the YAML', () => {
  it('show what a sentence means as soon as it is typed', async () => {
    const { user } = await opened();
    const row = within(screen.getAllByRole('row')[2] ?? document.body);
    expect(row.getByText(tests.actions.press)).toBeVisible();
    expect(row.getByText('Enter')).toBeVisible();
    await user.clear(await cell(2));
    await user.type(await cell(2), 'Press Tab');
    expect(await row.findByText('Tab')).toBeVisible();
  });

  it('say at the row what is not understood', async () => {
    server.use(refuse('post', '/tests/compile', 422, 'no', [{ path: 'body.sentence:1:1', message: 'no such verb' }]));
    const { user } = await opened();
    await user.type(await cell(2), '!');
    await waitFor(async () => expect(await cell(2)).toBeInvalid());
    expect(screen.getByText('no such verb')).toBeVisible();
  });

  it("show the server's problem at its field and lead to its line", async () => {
    problems = [{ path: 'body.yaml:7:15', message: 'no such element', line: 7, column: 15, key: 'selector' }];
    const { user } = await opened();
    await waitFor(() => expect(screen.getByRole('textbox', { name: step(3, tests.table.selector) })).toBeInvalid());
    const field = screen.getByRole<HTMLTextAreaElement>('textbox', { name: tests.yaml });
    await user.click(screen.getByRole('button', { name: /7:15/ }));
    expect(field).toHaveFocus();
    expect(field.value.slice(field.selectionStart, field.selectionEnd)).toBe('    selector: "#buy"');
  });

  it('keep the last rows, to be read only, while the YAML cannot be read', async () => {
    const { user } = await opened();
    const field = screen.getByRole('textbox', { name: tests.yaml });
    fireEvent.change(field, { target: { value: YAML.replace('name: Buy', 'name: "Buy') } });
    expect(await screen.findByText(/cannot be read/)).toBeVisible();
    expect(sentences()).toEqual(['Go to "/"', 'Press Enter']);
    expect(await cell(1)).toHaveAttribute('readonly');
    await user.click(screen.getByRole('button', { name: tests.table.undo }));
    expect(await cell(1)).not.toHaveAttribute('readonly');
  });

  it('edit the keys of a step, and write a sentence with keys', async () => {
    const { user } = await opened();
    await user.selectOptions(screen.getByRole('combobox', { name: step(3, tests.table.action) }), 'expect');
    await user.selectOptions(screen.getByRole('combobox', { name: step(3, tests.table.condition) }), 'text');
    await user.type(screen.getByRole('textbox', { name: step(3, tests.table.value) }), 'Hi');
    expect(yaml()).toContain('  - action: expect\n    selector: "#buy"\n    condition: text\n    value: Hi\n');
    await user.click(screen.getByRole('button', { name: tests.table.commands(2) }));
    await user.click(await screen.findByRole('menuitem', { name: tests.table.asKeys }));
    expect(yaml()).toContain('  - action: press\n    key: Enter\n');
  });

  it('edit what most steps do without, and undo it', async () => {
    const { user } = await opened();
    await user.click(screen.getByRole('button', { name: tests.table.commands(3) }));
    await user.click(await screen.findByRole('menuitem', { name: tests.table.moreFields }));
    const names = tests.table.moreKeys;
    await user.type(await screen.findByRole('textbox', { name: step(3, names.name) }), 'Buy');
    await user.type(screen.getByRole('textbox', { name: step(3, names.timeout_seconds) }), '2.5');
    await user.type(screen.getByRole('textbox', { name: step(3, names.frame) }), '#shop, main{Enter}iframe');
    await user.click(screen.getByRole('checkbox', { name: step(3, tests.table.optionalHint) }));
    const written = '    selector: "#buy"\n    name: Buy\n    timeout_seconds: 2.5\n    frame:\n      - "#shop, main"\n      - iframe\n';
    expect(yaml()).toBe(`${YAML.replace('    selector: "#buy"\n', written)}    optional: true\n`);
    expect(screen.getByText(/frame, deadline in seconds, optional/)).toBeVisible();
    await user.click(screen.getByRole('checkbox', { name: step(3, tests.table.optionalHint) }));
    expect(yaml()).not.toContain('optional');
    while (yaml() !== YAML) await user.click(screen.getByRole('button', { name: tests.table.undo }));
    expect(screen.getByRole('textbox', { name: step(3, names.frame) })).toHaveValue('');
  });

  it('show what is wrong with what is folded', async () => {
    problems = [{ path: 'body.yaml:6:5', message: 'must be a number', line: 6, column: 5, key: 'timeout_seconds' }];
    await opened();
    await waitFor(() => expect(screen.getByRole('textbox', { name: step(3, tests.table.moreKeys.timeout_seconds) })).toBeInvalid());
    expect(screen.getByText('must be a number')).toBeVisible();
  });

  it('make setup and teardown, which go with their last step', async () => {
    const { user } = await opened();
    const inSection = (section: 'setup' | 'teardown'): string => tests.table.cell(tests.table.step, tests.table.sectionWords[section], 1);
    await user.click(screen.getByRole('button', { name: tests.table.add.teardown }));
    expect(screen.getByRole('textbox', { name: inSection('teardown') })).toHaveFocus();
    await user.keyboard('Go back');
    await user.click(screen.getByRole('button', { name: tests.table.add.setup }));
    await user.keyboard('Press Tab{ArrowDown}');
    expect(await cell(1)).toHaveFocus();
    expect(yaml()).toBe(`${YAML.replace('steps:', 'setup:\n  - Press Tab\nsteps:')}teardown:\n  - Go back\n`);
    await user.click(screen.getByRole('textbox', { name: inSection('setup') }));
    await user.keyboard('{Alt>}{Delete}{/Alt}');
    expect(await cell(1)).toHaveFocus();
    await user.click(screen.getByRole('textbox', { name: inSection('teardown') }));
    await user.keyboard('{Alt>}{Delete}{/Alt}');
    expect(yaml()).toBe(YAML);
    await user.click(screen.getByRole('button', { name: tests.table.undo }));
    expect(screen.getByRole('textbox', { name: inSection('teardown') })).toHaveValue('Go back');
  });

  it('share name and tags', async () => {
    const { user } = await opened();
    await user.type(screen.getByRole('textbox', { name: tests.testName }), 's');
    await user.type(screen.getByRole('combobox', { name: tests.tags }), 'smoke{Enter}');
    expect(yaml()).toContain('name: Buy a books\ntags: [smoke]\nsteps:');
  });
});
