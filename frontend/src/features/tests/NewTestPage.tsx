import { Alert, Button, Group } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';

import { makeTestMutation, refresh, wordsOf } from '@/api';
import { PageHeader } from '@/components/PageHeader';
import { useUnsavedGuard } from '@/components/useUnsavedGuard';
import { paths } from '@/routing/paths';
import { useProject } from '@/routing/session';
import { tests } from '@/strings/tests';

import { YamlField } from './YamlField';

/** A test that is about to be made, from an example. */
export function NewTestPage(): ReactNode {
  const project = useProject();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const [yaml, setYaml] = useState<string>(tests.start);
  const make = useMutation(makeTestMutation());
  const guard = useUnsavedGuard(yaml !== tests.start && !make.isSuccess && !make.isPending);
  const save = (): void =>
    make.mutate(
      { body: { project_id: project.id, yaml } },
      {
        onSuccess: ({ id }) => {
          void refresh(queryClient, 'listTests');
          void navigate(paths.test(project.id, id));
        },
      },
    );
  return (
    <>
      <PageHeader title={tests.make} subtitle={project.name} />
      {make.error !== null && (
        <Alert role="alert" color="bad" mb="sm">
          {wordsOf(make.error)}
        </Alert>
      )}
      <YamlField value={yaml} onChange={setYaml} readOnly={false} />
      <Group mt="md">
        <Button onClick={save} loading={make.isPending}>
          {tests.create}
        </Button>
      </Group>
      {guard}
    </>
  );
}
