import { Alert, Button, Group } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { makeTestMutation, refresh, wordsOf } from '@/api';
import { PageHeader } from '@/components/PageHeader';
import { useUnsavedGuard } from '@/components/useUnsavedGuard';
import { paths } from '@/routing/paths';
import { useProject } from '@/routing/session';
import { tests } from '@/strings/tests';

import { useTextHistory } from './history';
import { TestEditor } from './TestEditor';

/** A test that is about to be made. */
export function NewTestPage(): ReactNode {
  const project = useProject();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const history = useTextHistory(tests.start);
  const make = useMutation(makeTestMutation());
  const guard = useUnsavedGuard(history.text !== tests.start && !make.isSuccess && !make.isPending);
  const save = (): void => {
    if (make.isPending || make.isSuccess) return;
    make.mutate(
      { body: { project_id: project.id, yaml: history.text } },
      {
        onSuccess: ({ id }) => {
          void refresh(queryClient, 'listTests', 'listTags');
          void navigate(paths.test(project.id, id));
        },
      },
    );
  };
  return (
    <>
      <PageHeader title={tests.make} subtitle={project.name} />
      {make.error !== null && (
        <Alert role="alert" color="bad" mb="sm">
          {wordsOf(make.error)}
        </Alert>
      )}
      <TestEditor history={history} readOnly={false} onSave={save} startAtName />
      <Group mt="md">
        <Button onClick={save} loading={make.isPending}>
          {tests.create}
        </Button>
      </Group>
      {guard}
    </>
  );
}
