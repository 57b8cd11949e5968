import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, Scalar, YAMLMap, YAMLSeq } from 'yaml';

import type { Action, Condition, TestStep } from '@/api';

export const SECTIONS = ['setup', 'steps', 'teardown'] as const;
export type Section = (typeof SECTIONS)[number];

/** The keys of a step that most steps do without: the table shows them when they are asked for. */
export const MORE_KEYS = ['name', 'frame', 'timeout_seconds', 'optional'] as const;
/** The keys of a step that the table edits. */
export const STEP_KEYS = ['action', 'instruction', 'selector', 'condition', 'attribute', 'value', 'key', 'target', 'files', ...MORE_KEYS] as const;
export type StepKey = (typeof STEP_KEYS)[number];
/** What a cell of the table edits: a plain sentence, or a key of a step. */
export type Field = 'sentence' | StepKey;

/** Where a row stands. Indices count from 0. */
export interface Place {
  readonly section: Section;
  readonly index: number;
}

/** One step as it is written. `other` is what the table cannot edit, such as an include. Lines count from 1. */
export interface Row extends Place {
  readonly kind: 'sentence' | 'keys' | 'other';
  readonly sentence: string;
  readonly keys: Readonly<Partial<Record<StepKey, string>>>;
  readonly firstLine: number;
  readonly lastLine: number;
}

/** What the table and the fields above it show of a test's text. */
export interface TestText {
  readonly name: string;
  readonly baseUrl: string;
  readonly tags: readonly string[];
  /** Names and values that a run may be given others for. */
  readonly variables: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
}

/** A text that could be read, or why it could not, with the line where. */
export type Reading = { readonly test: TestText } | { readonly problem: string; readonly line: number };

type Parsed = Document.Parsed;

// Every scalar is text, as test files have it: `007` stays `007`.
const AS_TEXT = { schema: 'failsafe', prettyErrors: false, strict: true } as const;
const IN_ONE_LINE = { lineWidth: 0, flowCollectionPadding: false, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER } as const;
const NEEDS_QUOTES = /^(|~|null|true|false)$/i;

/** Read a test's text. */
export function readTest(text: string): Reading {
  const lines = new LineCounter();
  const document = parseDocument(text, { ...AS_TEXT, lineCounter: lines });
  const [error] = document.errors;
  if (error) return { problem: error.message, line: lines.linePos(error.pos[0]).line };
  const root: unknown = document.contents;
  if (!isMap(root)) return { problem: 'a test is written as keys and values: name, base_url, steps', line: 1 };
  const rows = SECTIONS.flatMap((section) => rowsOf(root, section, text, lines));
  return { test: { name: textAt(root, 'name'), baseUrl: textAt(root, 'base_url'), tags: listAt(root, 'tags'), variables: pairsAt(root, 'variables'), rows } };
}

function rowsOf(root: YAMLMap, section: Section, text: string, lines: LineCounter): Row[] {
  const steps = root.get(section);
  if (!isSeq(steps)) return [];
  return steps.items.map((item, index) => {
    const [start = 0, end = start] = isNode(item) ? (item.range ?? []) : [];
    const whole = text.slice(start, end).trimEnd();
    const span = { firstLine: lines.linePos(start).line, lastLine: lines.linePos(start + whole.length).line };
    const place = { section, index, ...span };
    if (isScalar(item)) return { ...place, kind: 'sentence', sentence: textOf(item), keys: {} };
    if (isMap(item) && !item.has('include')) return { ...place, kind: 'keys', sentence: '', keys: keysOf(item) };
    return { ...place, kind: 'other', sentence: whole, keys: {} };
  });
}

function keysOf(step: YAMLMap): Row['keys'] {
  return Object.fromEntries(STEP_KEYS.flatMap((key) => (step.has(key) ? [[key, listAt(step, key).join(key === 'frame' ? '\n' : ', ')]] : [])));
}

function textAt(map: YAMLMap, key: string): string {
  return textOf(map.get(key, true));
}

/** A list of texts; a text alone is a list of one. */
function listAt(map: YAMLMap, key: string): string[] {
  const value = map.get(key, true);
  if (isSeq(value)) return value.items.map(textOf);
  return value === undefined ? [] : [textOf(value)];
}

function pairsAt(map: YAMLMap, key: string): Record<string, string> {
  const value = map.get(key);
  if (!isMap(value)) return {};
  return Object.fromEntries(value.items.map((pair) => [textOf(pair.key), textOf(pair.value)]));
}

function textOf(node: unknown): string {
  const value: unknown = isScalar(node) ? node.value : node;
  return typeof value === 'string' ? value : '';
}

function isNode(value: unknown): value is Node {
  return isScalar(value) || isMap(value) || isSeq(value);
}

// --- changes: each takes a text and gives another; a text that cannot be read comes back as it is ---------

/** Add a step after a row, or as the first of its section (`index` -1). */
export function addedStep(text: string, { section, index }: Place, sentence = ''): string {
  return changed(text, (root) => {
    const steps = root.get(section);
    if (isSeq(steps)) steps.items.splice(index + 1, 0, fresh(sentence));
    else setSection(root, section, listOf([sentence]));
  });
}

/** Move a step one place up (-1) or down (1) within its section. */
export function movedStep(text: string, place: Place, by: -1 | 1): string {
  return changedSteps(text, place, (items, index) => {
    const there = index + by;
    if (there < 0 || there >= items.length) return;
    items.splice(there, 0, ...items.splice(index, 1));
  });
}

/** Write a step a second time below itself. Its comments stay with the first. */
export function duplicatedStep(text: string, place: Place): string {
  return changedSteps(text, place, (items, index) => {
    const item = items[index];
    if (!isNode(item)) return;
    const copy = item.clone() as Node;
    copy.commentBefore = undefined;
    copy.comment = undefined;
    copy.spaceBefore = undefined;
    if (isScalar(copy) || isMap(copy)) copy.anchor = undefined;
    items.splice(index + 1, 0, copy);
  });
}

/** Take a step out; setup and teardown go with their last one. */
export function removedStep(text: string, { section, index }: Place): string {
  return changed(text, (root) => {
    const steps = root.get(section);
    if (!isSeq(steps) || index < 0) return;
    steps.items.splice(index, 1);
    if (steps.items.length === 0 && section !== 'steps') root.delete(section);
  });
}

/** Write another text into a field of a step. Emptied, a key goes, except the value: to fill with nothing clears. */
export function withField(text: string, place: Place, field: Field, value: string): string {
  return changedSteps(text, place, (items, index) => {
    const item = items[index];
    if (field === 'sentence') {
      items[index] = fresh(value, item);
      return;
    }
    if (!isMap(item)) return;
    if (value === '' && field !== 'value') item.delete(field);
    else item.set(field, written(field, value, item.get(field, true)));
  });
}

/** Write a sentence's step with its keys, so that each can be changed. */
export function withKeys(text: string, place: Place, step: TestStep): string {
  return changedSteps(text, place, (items, index) => {
    const map = new YAMLMap();
    for (const key of STEP_KEYS) {
      const value = step[key];
      if (typeof value === 'string' && value !== '') map.set(key, fresh(value));
      else if (typeof value === 'string' && key === 'value') map.set(key, fresh(''));
      else if (Array.isArray(value) && value.length > 0) map.set(key, listOf(value));
    }
    items[index] = keepingComments(map, items[index]);
  });
}

/** Write a text at the top of the test. Emptied, the key goes. */
export function withText(text: string, key: 'name' | 'base_url', value: string): string {
  return changed(text, (root) => {
    if (value === '' && key !== 'name') root.delete(key);
    else setEarly(root, key, fresh(value, root.get(key, true)));
  });
}

/** Give the test these tags. */
export function withTags(text: string, tags: readonly string[]): string {
  return changed(text, (root) => {
    if (tags.length === 0) {
      root.delete('tags');
      return;
    }
    const before = root.get('tags', true);
    const list = keepingComments(listOf(tags), before);
    list.flow = isSeq(before) ? before.flow : true;
    setEarly(root, 'tags', list);
  });
}

/** Write a section where people look for it: setup above the steps. */
function setSection(root: YAMLMap, section: Section, steps: YAMLSeq): void {
  const had = root.has(section);
  root.set(section, steps);
  const before = section === 'setup' ? root.items.findIndex((pair) => textOf(pair.key) === 'steps') : -1;
  if (had || before < 0) return;
  const [pair] = root.items.splice(-1, 1);
  if (pair) root.items.splice(before, 0, pair);
}

/** Set a key that people look for above the steps. */
function setEarly(root: YAMLMap, key: string, value: Node): void {
  if (root.has(key)) {
    root.set(key, value);
    return;
  }
  const early = ['name', 'base_url', 'tags'];
  const last = root.items.findLastIndex((pair) => early.slice(0, early.indexOf(key)).includes(textOf(pair.key)));
  root.set(key, value);
  const [pair] = root.items.splice(-1, 1);
  if (pair) root.items.splice(last + 1, 0, pair);
}

function changedSteps(text: string, { section, index }: Place, change: (items: unknown[], index: number) => void): string {
  return changed(text, (root) => {
    const steps = root.get(section);
    if (isSeq(steps) && index >= 0 && index < steps.items.length) change(steps.items, index);
  });
}

function changed(text: string, change: (root: YAMLMap) => void): string {
  const document: Parsed = parseDocument(text, AS_TEXT);
  const root: unknown = document.contents;
  if (document.errors.length > 0 || !isMap(root)) return text;
  const layout = layoutOf(text, root);
  change(root);
  return lookingAsBefore(text, document.toString({ ...layout, ...IN_ONE_LINE }));
}

/** How the text is indented, so that lines nobody touched need not change. */
function layoutOf(text: string, root: YAMLMap): { indent: number; indentSeq: boolean } {
  const written = /^(?:setup|steps|teardown):[^\S\n]*(?:#.*)?\n(?:[^\S\n]*(?:#.*)?\n)*( *)- /m.exec(text)?.[1];
  const indent = written?.length ?? 2;
  return { indent: root.flow ? 2 : Math.max(indent, 2), indentSeq: written === undefined || indent > 0 };
}

/** Lines that differ from what was there in blanks alone stay as they were, as long as the text means the same. */
function lookingAsBefore(before: string, after: string): string {
  const looks = new Map<string, string[]>();
  for (const line of before.split('\n')) looks.set(squeezed(line), [...(looks.get(squeezed(line)) ?? []), line]);
  const kept = after.split('\n').map((line) => looks.get(squeezed(line))?.shift() ?? line);
  const text = kept.join('\n');
  return meaning(text) === meaning(after) ? text : after;
}

function squeezed(line: string): string {
  const start = line.length - line.trimStart().length;
  const words = line.slice(start).trimEnd().replace(/\s+/g, ' ');
  return line.slice(0, start) + words.replace(/([[{]) /g, '$1').replace(/ ([\]}])/g, '$1');
}

function meaning(text: string): string {
  const document = parseDocument(text, AS_TEXT);
  return document.errors.length > 0 ? '' : JSON.stringify(document.toJS());
}

/** A scalar for a text, with the comments of what it replaces. */
function fresh(value: string, before?: unknown): Scalar {
  const scalar = new Scalar(value);
  if (NEEDS_QUOTES.test(value)) scalar.type = Scalar.QUOTE_DOUBLE;
  return keepingComments(scalar, before);
}

/** The value of a key: files are separated by commas, frames by lines, since selectors have commas. */
function written(key: StepKey, value: string, before: unknown): Node {
  if (key === 'files') return oneOrMore(value.split(',').map((file) => file.trim()), before);
  if (key === 'frame') return oneOrMore(value.split('\n'), before);
  const scalar = fresh(value, before);
  if (key === 'optional') scalar.type = Scalar.PLAIN;
  return scalar;
}

function oneOrMore(texts: readonly string[], before: unknown): Node {
  const [only = ''] = texts;
  return texts.length > 1 ? keepingComments(listOf(texts), before) : fresh(only, before);
}

function listOf(texts: readonly string[]): YAMLSeq {
  const list = new YAMLSeq();
  list.items = texts.map((text) => fresh(text));
  return list;
}

function keepingComments<Kind extends Node>(node: Kind, before: unknown): Kind {
  if (!isNode(before)) return node;
  node.comment = before.comment;
  node.commentBefore = before.commentBefore;
  node.spaceBefore = before.spaceBefore;
  return node;
}

// --- what a step is about ---------------------------------------------------------------------------------

/** The key that holds what a step is given besides its element. */
export function valueKeyOf(action: string | undefined): 'key' | 'target' | 'files' | 'value' {
  return action === 'press' ? 'key' : action === 'drag' ? 'target' : action === 'upload' ? 'files' : 'value';
}

/** Whether steps of this action look at something, and so have a condition. */
export function judges(action: string | undefined): boolean {
  return action === 'expect' || action === 'wait_for';
}

const VALUED: readonly string[] = [
  ...['navigate', 'fill', 'type', 'select', 'dialog', 'switch_page', 'download', 'screenshot', 'scroll', 'press', 'drag', 'upload'],
  ...['text', 'contains', 'matches', 'value', 'count', 'attribute', 'url', 'title'],
];
const ABOUT_THE_PAGE: readonly string[] = ['navigate', 'go_back', 'reload', 'dialog', 'download', 'switch_page', 'url', 'title'];

/** Whether steps with these keys are given something besides an element. */
export function takesValue({ action = '', condition = '' }: Row['keys']): boolean {
  return VALUED.includes(judges(action) ? condition : action);
}

/** Whether steps with these keys are about an element rather than the page. */
export function takesElement({ action = '', condition = '' }: Row['keys']): boolean {
  return !ABOUT_THE_PAGE.includes(judges(action) ? condition : action);
}

/** A step in the three words that the table shows. */
export interface Shown {
  readonly action: Action;
  readonly condition: Condition | null;
  readonly target: string;
  readonly value: string;
}

/** What a compiled step does, with which element, and with what. */
export function shownOf(step: TestStep): Shown {
  const value = step.value ?? step.key ?? step.target ?? step.files.join(', ');
  const named = step.attribute === null ? value : `${step.attribute}: ${value}`;
  return { action: step.action, condition: step.condition, target: step.selector ?? step.instruction, value: named };
}
