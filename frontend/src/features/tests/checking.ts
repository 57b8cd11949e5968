import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { createContext, useContext, useState } from 'react';

import { api, ApiProblem, type TestStep, type TextProblem } from '@/api';

import { type Field, type Row, STEP_KEYS } from './document';

const CHECK_PAUSE_MS = 400;
const COMPILE_PAUSE_MS = 250;
const LONGEST_SENTENCE = 2000;

/** What the server says of a text. `known` is false while it is asked. */
export interface Checked {
  readonly known: boolean;
  readonly problems: readonly TextProblem[];
  readonly error: unknown;
}

interface Answer {
  readonly yaml: string;
  readonly problems: readonly TextProblem[];
}

/**
 * The server's check of a text, after a pause in the writing. Until it has answered, what it said before stays, as long
 * as the lines are the same ones.
 */
export function useCheck(text: string, enabled: boolean): Checked {
  const [yaml] = useDebouncedValue(text, CHECK_PAUSE_MS);
  const { data, error } = useQuery({
    queryKey: ['checkTest', yaml],
    queryFn: async ({ signal }) => ({ yaml, problems: (await api.checkTest({ body: { yaml }, signal, throwOnError: true })).data.problems }),
    staleTime: Infinity,
    retry: false,
    enabled,
  });
  const [last, setLast] = useState<Answer>({ yaml: text, problems: [] });
  if (data && data !== last) setLast(data);
  const known = data?.yaml === text;
  const sameLines = lineCount(last.yaml) === lineCount(text);
  return { known, problems: known ? data.problems : sameLines ? last.problems : [], error: yaml === text ? error : null };
}

function lineCount(text: string): number {
  return text.split('\n').length;
}

/** What is wrong with each field of a row; what belongs to no field of it stands at its first. */
export function problemsOfRow(row: Row, problems: readonly TextProblem[]): Readonly<Partial<Record<Field, string>>> {
  const found: Partial<Record<Field, string>> = {};
  for (const problem of problems) {
    if (problem.line < row.firstLine || problem.line > row.lastLine) continue;
    const field = fieldOf(row, problem.key);
    found[field] = found[field] === undefined ? problem.message : `${found[field]}; ${problem.message}`;
  }
  return found;
}

function fieldOf(row: Row, key: string): Field {
  if (row.kind !== 'keys') return 'sentence';
  return STEP_KEYS.find((known) => known === key) ?? 'instruction';
}

/** What the steps of a saved test mean, by their sentences, so that nobody needs to ask. */
export const KnownSteps = createContext<ReadonlyMap<string, TestStep>>(new Map());

/** A sentence compiled, or what the server does not understand of it. */
export interface Compiled {
  readonly step: TestStep | undefined;
  readonly problem: string | undefined;
}

/** What a sentence means, asked after a pause in the typing. */
export function useCompiled(sentence: string): Compiled {
  const known = useContext(KnownSteps).get(sentence);
  const [asked] = useDebouncedValue(sentence, COMPILE_PAUSE_MS);
  const enabled = known === undefined && asked.trim() !== '' && asked.length <= LONGEST_SENTENCE;
  const { data, error } = useQuery({
    queryKey: ['compileStep', asked],
    queryFn: async ({ signal }) => (await api.compileStep({ body: { sentence: asked }, signal, throwOnError: true })).data,
    staleTime: Infinity,
    retry: false,
    enabled,
  });
  if (known) return { step: known, problem: undefined };
  const current = enabled && asked === sentence;
  return { step: current ? data : undefined, problem: current && error instanceof ApiProblem ? wordsOfRefusal(error) : undefined };
}

function wordsOfRefusal({ errors, message }: ApiProblem): string {
  return errors.map((error) => error.message).join('; ') || message;
}
