import type { UseFormReturnType } from '@mantine/form';
import type { UseMutationResult } from '@tanstack/react-query';
import { type SyntheticEvent, useState } from 'react';

import { showProblems } from './formProblems';

/** What a form's element and its `FormProblem` take. */
export interface FormSave {
  readonly submit: (event?: SyntheticEvent<HTMLFormElement>) => void;
  readonly problem: string | null;
}

/**
 * Sends a form by a change (`useSave`): `asked` makes of its values what the change takes. What the server refuses stands
 * at its field, the rest is `problem`. What was done empties the form, or does `done`.
 */
export function useFormSave<Values extends object, Answer, Failure, Variables>(
  form: UseFormReturnType<Values>,
  save: UseMutationResult<Answer, Failure, Variables>,
  asked: (values: Values) => Variables,
  done: (answer: Answer) => void = () => form.reset(),
): FormSave {
  const [problem, setProblem] = useState<string | null>(null);
  const submit = form.onSubmit((values) => {
    setProblem(null);
    save.mutate(asked(values), { onSuccess: done, onError: (error) => setProblem(showProblems(form, error)) });
  });
  return { submit, problem };
}
