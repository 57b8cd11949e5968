import { type FormValidateInput, useForm, type UseFormReturnType } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';

import { api, type ProjectSettings, readProjectSettingsQueryKey } from '@/api';
import { formProblems } from '@/components/formProblems';
import { notifyDone } from '@/components/notify';
import { useUnsavedGuard } from '@/components/useUnsavedGuard';
import { useProject } from '@/routing/session';
import { settings } from '@/strings/settings';

/** How a section's fields stand in a project's settings. */
export interface SectionPlan<Values> {
  readonly title: string;
  readonly read: (saved: ProjectSettings) => Values;
  /** The settings with this section's values in them, and without what was emptied. */
  readonly write: (saved: ProjectSettings, values: Values) => ProjectSettings;
  readonly validate: FormValidateInput<Values>;
  /** The field of a path that the server names; undefined: it belongs to none. */
  readonly fieldOf: (path: string) => string | undefined;
}

/** A section while it is changed. */
export interface Section<Values> {
  readonly form: UseFormReturnType<Values>;
  readonly problem: string | null;
  readonly saving: boolean;
  readonly guard: ReactNode;
  readonly save: (values: Values) => void;
  readonly undo: () => void;
}

/** A part of a project's settings that is saved by itself: what is saved of the others is asked for before, and stays. */
export function useSection<Values extends Record<string, unknown>>(plan: SectionPlan<Values>, saved: ProjectSettings): Section<Values> {
  const path = { project_id: useProject().id };
  const form = useForm<Values>({ initialValues: plan.read(saved), validate: plan.validate, validateInputOnBlur: true });
  const [problem, setProblem] = useState<string | null>(null);
  const queryClient = useQueryClient();
  const guard = useUnsavedGuard(form.isDirty());
  const save = useMutation({
    mutationFn: async (values: Values) => {
      const { data: now } = await api.readProjectSettings({ path, throwOnError: true });
      return (await api.writeProjectSettings({ path, body: plan.write(now, values), throwOnError: true })).data;
    },
    onSuccess: (now) => {
      queryClient.setQueryData(readProjectSettingsQueryKey({ path }), now);
      form.setInitialValues(plan.read(now));
      form.setValues(plan.read(now));
      setProblem(null);
      notifyDone(settings.project.saved(plan.title));
    },
    onError: (error) => {
      const { fields, rest } = formProblems(error, (name) => plan.fieldOf(name) !== undefined);
      form.setErrors(Object.fromEntries(Object.entries(fields).map(([name, words]) => [plan.fieldOf(name) ?? name, words])));
      setProblem(rest);
    },
  });
  const undo = (): void => {
    form.reset();
    setProblem(null);
  };
  return { form, problem, saving: save.isPending, guard, save: save.mutate, undo };
}
