import { ApiProblem, wordsOf } from '@/api';

/** What the server refused: messages by field of the form, and words for what belongs to no field of it. */
export interface FormProblems {
  readonly fields: Readonly<Record<string, string>>;
  readonly rest: string | null;
}

/** Sort an error's messages to the fields of a form, by their paths (`steps.0.action`). */
export function formProblems(error: unknown, known: (path: string) => boolean): FormProblems {
  if (!(error instanceof ApiProblem) || error.errors.length === 0) return { fields: {}, rest: wordsOf(error) };
  const mine = error.errors.filter(({ path }) => known(path));
  const others = error.errors.filter(({ path }) => !known(path));
  const rest = others.map(({ path, message }) => `${path}: ${message}`).join('; ');
  return { fields: Object.fromEntries(mine.map(({ path, message }) => [path, message])), rest: rest || null };
}

/** The part of a Mantine form that takes errors. */
export interface ErrorTaker {
  readonly getValues: () => object;
  readonly setErrors: (errors: Record<string, string>) => void;
}

/** Put an error's messages at the fields of a Mantine form; returns what belongs to none of them. */
export function showProblems(form: ErrorTaker, error: unknown): string | null {
  const names = Object.keys(form.getValues());
  const { fields, rest } = formProblems(error, (path) => names.includes(path.split('.')[0] ?? ''));
  form.setErrors({ ...fields });
  return rest;
}
