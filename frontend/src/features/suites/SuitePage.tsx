import { Button, Group, Stack, Textarea, TextInput } from '@mantine/core';
import { isNotEmpty, useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { api, readSuiteOptions, refresh, startRunsMutation, type SuiteOut, updateSuiteMutation } from '@/api';
import { Card } from '@/components/Card';
import { ConfirmButton } from '@/components/ConfirmButton';
import { FormProblem } from '@/components/FormProblem';
import { Icon } from '@/components/Icon';
import { ButtonLink } from '@/components/links';
import { notifyDone, notifyProblem } from '@/components/notify';
import { PageHeader } from '@/components/PageHeader';
import { LoadingState, QueryState } from '@/components/states';
import { useFormSave } from '@/components/useFormSave';
import { useSave } from '@/components/useSave';
import { useUnsavedGuard } from '@/components/useUnsavedGuard';
import { useAddressParts } from '@/routing/address';
import { paths } from '@/routing/paths';
import { useRights } from '@/routing/session';
import { suites } from '@/strings/suites';

import { LastRun } from './LastRun';
import { TestsInOrder } from './TestsInOrder';

/** One suite: its tests in their order, and what can be done with it. */
export function SuitePage(): ReactNode {
  const { suite: id = '' } = useAddressParts();
  const query = useQuery(readSuiteOptions({ path: { suite_id: id } }));
  return (
    <QueryState query={query} loading={<><PageHeader title={suites.one} /><LoadingState rows={6} /></>}>
      {(suite) => <Suite key={suite.id} suite={suite} />}
    </QueryState>
  );
}

function Suite({ suite }: { suite: SuiteOut }): ReactNode {
  const rights = useRights();
  return (
    <>
      <PageHeader title={suite.name} subtitle={<LastRun suite={suite} />} actions={<Actions suite={suite} />} />
      <Stack>
        <TestsInOrder suite={suite} />
        {rights.change && <About suite={suite} />}
      </Stack>
    </>
  );
}

function Actions({ suite }: { suite: SuiteOut }): ReactNode {
  const rights = useRights();
  const { project_id: project, id } = suite;
  return (
    <>
      <ButtonLink variant="default" {...paths.runs(project, { suite_id: id })}>
        {suites.runs}
      </ButtonLink>
      {rights.change && (
        <>
          <ButtonLink variant="default" {...paths.newSchedule(project, { suite_id: id })}>
            {suites.schedule}
          </ButtonLink>
          <Removal suite={suite} />
          <Run suite={suite} />
        </>
      )}
    </>
  );
}

function Run({ suite }: { suite: SuiteOut }): ReactNode {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const start = useMutation({
    ...startRunsMutation(),
    onSuccess: async ({ group_id: group, runs }) => {
      notifyDone(suites.started(runs.length));
      await navigate({ ...paths.runs(suite.project_id, { group_id: group }) });
      await refresh(queryClient, 'listRuns', 'listSuites', 'readSuite', 'readDashboard');
    },
    onError: notifyProblem,
  });
  return (
    <Button
      loading={start.isPending}
      disabled={suite.tests.length === 0}
      leftSection={<Icon name="runs" size={14} />}
      onClick={() => start.mutate({ body: { suite_id: suite.id } })}
    >
      {suites.run}
    </Button>
  );
}

function Removal({ suite }: { suite: SuiteOut }): ReactNode {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const remove = async (): Promise<void> => {
    await api.dropSuite({ path: { suite_id: suite.id }, throwOnError: true });
    notifyDone(suites.removed);
    await navigate({ ...paths.suites(suite.project_id) });
    await refresh(queryClient, 'listSuites', 'listSchedules');
  };
  return (
    <ConfirmButton question={suites.removeQuestion(suite.name)} consequence={suites.removeConsequence} confirm={suites.remove} onConfirm={remove}>
      {suites.remove}
    </ConfirmButton>
  );
}

function About({ suite }: { suite: SuiteOut }): ReactNode {
  const form = useForm({ initialValues: { name: suite.name, description: suite.description }, validate: { name: isNotEmpty(suites.required) } });
  const save = useSave(updateSuiteMutation(), suites.saved, 'readSuite', 'listSuites');
  const guard = useUnsavedGuard(form.isDirty());
  const { submit, problem } = useFormSave(
    form,
    save,
    (body) => ({ path: { suite_id: suite.id }, body }),
    () => form.resetDirty(),
  );
  return (
    <Card title={suites.about}>
      <form noValidate onSubmit={submit}>
        <Stack maw={640}>
          <FormProblem problem={problem} />
          <TextInput label={suites.name} {...form.getInputProps('name')} />
          <Textarea label={suites.description} rows={3} {...form.getInputProps('description')} />
          <Group>
            <Button type="submit" variant="default" loading={save.isPending} disabled={!form.isDirty()}>
              {suites.save}
            </Button>
          </Group>
        </Stack>
      </form>
      {guard}
    </Card>
  );
}
