import { Alert, Radio, SimpleGrid, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';

import {
  type ExecutionSettingsOut,
  listStrategiesOptions,
  readSettingsOptions,
  readSettingsQueryKey,
  type StrategyOut,
  writeSettingsMutation,
} from '@/api';
import { Card } from '@/components/Card';
import { showProblems } from '@/components/formProblems';
import { Icon } from '@/components/Icon';
import { notifyDone } from '@/components/notify';
import { LoadingState, QueryState } from '@/components/states';
import { useUnsavedGuard } from '@/components/useUnsavedGuard';
import { common } from '@/strings/common';
import { settings } from '@/strings/settings';

import { changeOf, DEFAULTS, type ExecutionValues, RULES, valuesOf } from './executionValues';
import { SaveResetButtons } from './SaveResetButtons';
import { SettingsForm } from './SettingsForm';
import { StrategyCard } from './StrategyCard';

const words = settings.execution;
const loading = <LoadingState rows={5} height={140} />;

/** One's execution settings: strategy, timeouts, retries, tracking. */
export function ExecutionSettingsPanel(): ReactNode {
  const saved = useQuery(readSettingsOptions());
  const strategies = useQuery(listStrategiesOptions());
  return (
    <QueryState query={saved} loading={loading}>
      {(mine) => (
        <QueryState query={strategies} loading={loading}>
          {(known) => <Editor saved={mine} strategies={known.strategies} />}
        </QueryState>
      )}
    </QueryState>
  );
}

function Editor({ saved, strategies }: { saved: ExecutionSettingsOut; strategies: readonly StrategyOut[] }): ReactNode {
  const form = useForm<ExecutionValues>({ initialValues: valuesOf(saved), validate: RULES, validateInputOnBlur: true });
  const [problem, setProblem] = useState<string | null>(null);
  const queryClient = useQueryClient();
  const unsaved = form.isDirty();
  const guard = useUnsavedGuard(unsaved);
  const save = useMutation({
    ...writeSettingsMutation(),
    onSuccess: (now) => {
      queryClient.setQueryData(readSettingsQueryKey(), now);
      form.setInitialValues(valuesOf(now));
      form.setValues(valuesOf(now));
      setProblem(null);
      notifyDone(words.saved);
    },
    onError: (error) => setProblem(showProblems(form, error)),
  });
  return (
    <form noValidate onSubmit={form.onSubmit((values) => save.mutate({ body: changeOf(values) }))}>
      <Stack gap="md">
        <Radio.Group label={words.strategy} description={words.strategyHint} {...form.getInputProps('fallback_strategy')}>
          <SimpleGrid cols={{ base: 1, md: 3 }} mt="sm">
            {strategies.map((strategy) => (
              <StrategyCard key={strategy.id} strategy={strategy} chosen={form.values.fallback_strategy === strategy.id} />
            ))}
          </SimpleGrid>
        </Radio.Group>
        <Card title={words.limits}>
          <SettingsForm form={form} />
        </Card>
        {problem !== null && (
          <Alert role="alert" color="bad" icon={<Icon name="warning" />} title={common.errorTitle}>
            {problem}
          </Alert>
        )}
        <SaveResetButtons
          unsaved={unsaved}
          saving={save.isPending}
          onUndo={() => {
            form.reset();
            setProblem(null);
          }}
          onDefaults={() => {
            form.setValues(DEFAULTS);
            form.clearErrors();
          }}
        />
      </Stack>
      {guard}
    </form>
  );
}
