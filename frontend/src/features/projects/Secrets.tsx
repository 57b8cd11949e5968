import { Alert, Button, Code, Group, PasswordInput, Text, TextInput } from '@mantine/core';
import { isNotEmpty, useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';

import { deleteSecretMutation, listSecretsOptions, type SecretOut, writeSecretMutation } from '@/api';
import { Card } from '@/components/Card';
import { ConfirmButton } from '@/components/ConfirmButton';
import { When } from '@/components/figures';
import { showProblems } from '@/components/formProblems';
import { SimpleTable } from '@/components/SimpleTable';
import { EmptyState, QueryState } from '@/components/states';
import { useSave } from '@/components/useSave';
import { projects } from '@/strings/projects';

/** The names of a project's secrets; members set, replace and forget them, and nobody reads them. */
export function Secrets({ project, mayChange }: { project: string; mayChange: boolean }): ReactNode {
  const query = useQuery(listSecretsOptions({ path: { project_id: project } }));
  return (
    <Card title={projects.secrets}>
      <Text size="sm" c="dimmed" mb="sm">
        {projects.secretsHint}
      </Text>
      <QueryState query={query}>
        {({ items }) =>
          items.length ? (
            <SecretTable project={project} secrets={items} mayChange={mayChange} />
          ) : (
            <EmptyState icon="lock" title={projects.noSecrets} hint={projects.noSecretsHint} />
          )
        }
      </QueryState>
      {mayChange && <NewSecret project={project} />}
    </Card>
  );
}

function SecretTable(props: { project: string; secrets: readonly SecretOut[]; mayChange: boolean }): ReactNode {
  const { project, secrets, mayChange } = props;
  const forget = useSave(deleteSecretMutation(), projects.forgotten, 'listSecrets');
  const rows = secrets.map(({ name, updated_at: set }) => ({
    key: name,
    cells: [
      <Code key="name">{name}</Code>,
      <When key="set" at={set} />,
      ...(mayChange
        ? [
            <ConfirmButton
              key="forget"
              size="compact-sm"
              question={projects.forgetQuestion(name)}
              consequence={projects.forgetConsequence}
              confirm={projects.forget}
              onConfirm={() => forget.mutateAsync({ path: { project_id: project, name } })}
            >
              {projects.forget}
            </ConfirmButton>,
          ]
        : []),
    ],
  }));
  const heads = [projects.secretName, projects.changed, ...(mayChange ? [projects.action] : [])];
  return <SimpleTable label={projects.secrets} heads={heads} rows={rows} />;
}

function NewSecret({ project }: { project: string }): ReactNode {
  const [problem, setProblem] = useState<string | null>(null);
  const form = useForm({
    initialValues: { name: '', value: '' },
    validate: { name: isNotEmpty(projects.required), value: isNotEmpty(projects.required) },
  });
  const keep = useSave(writeSecretMutation(), projects.kept, 'listSecrets');
  const submit = form.onSubmit(({ name, value }) => {
    setProblem(null);
    const path = { project_id: project, name };
    keep.mutate({ path, body: { value } }, { onSuccess: form.reset, onError: (error) => setProblem(showProblems(form, error)) });
  });
  return (
    <form noValidate onSubmit={submit}>
      {problem !== null && (
        <Alert role="alert" color="bad" mt="sm">
          {problem}
        </Alert>
      )}
      <Group align="flex-end" mt="md">
        <TextInput label={projects.secretName} autoComplete="off" {...form.getInputProps('name')} />
        <PasswordInput label={projects.value} autoComplete="off" miw={220} {...form.getInputProps('value')} />
        <Button type="submit" loading={keep.isPending}>
          {projects.keep}
        </Button>
      </Group>
    </form>
  );
}
