import { Button, Code, Group, PasswordInput, Text, TextInput } from '@mantine/core';
import { isNotEmpty, useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { deleteSecretMutation, listSecretsOptions, type SecretOut, writeSecretMutation } from '@/api';
import { secrets } from '@/strings/secrets';

import { Card } from './Card';
import { ConfirmTable, type RowAction } from './ConfirmTable';
import { When } from './figures';
import { FormProblem } from './FormProblem';
import { EmptyState, LoadingState, QueryState } from './states';
import { useFormSave } from './useFormSave';
import { useSave } from './useSave';

const NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,99}$/;

/** The names of a project's secrets; members set, replace and forget them, and nobody reads them. */
export function Secrets({ project, mayChange }: { project: string; mayChange: boolean }): ReactNode {
  const query = useQuery(listSecretsOptions({ path: { project_id: project } }));
  return (
    <Card title={secrets.title}>
      <Text size="sm" c="dimmed" mb="sm" maw={720}>
        {secrets.hint}
      </Text>
      <QueryState query={query} loading={<LoadingState rows={2} />}>
        {({ items }) =>
          items.length ? (
            <SecretTable project={project} items={items} mayChange={mayChange} />
          ) : (
            <EmptyState icon="lock" title={secrets.none} hint={secrets.noneHint} />
          )
        }
      </QueryState>
      {mayChange && <NewSecret project={project} />}
    </Card>
  );
}

function SecretTable({ project, items, mayChange }: { project: string; items: readonly SecretOut[]; mayChange: boolean }): ReactNode {
  const forget = useSave(deleteSecretMutation(), secrets.forgotten, 'listSecrets');
  const action: RowAction<SecretOut> = {
    word: secrets.forget,
    question: ({ name }) => secrets.forgetQuestion(name),
    consequence: secrets.forgetConsequence,
    act: ({ name }) => forget.mutateAsync({ path: { project_id: project, name } }),
  };
  return (
    <ConfirmTable
      label={secrets.title}
      heads={[secrets.name, secrets.changed]}
      rows={items}
      rowKey={({ name }) => name}
      cells={({ name, updated_at: set }) => [<Code key="name">{name}</Code>, <When key="set" at={set} />]}
      action={mayChange ? action : null}
    />
  );
}

function NewSecret({ project }: { project: string }): ReactNode {
  const form = useForm({
    initialValues: { name: '', value: '' },
    validate: { name: (name) => (NAME.test(name) ? null : secrets.nameWrong), value: isNotEmpty(secrets.valueWrong) },
  });
  const keep = useSave(writeSecretMutation(), secrets.kept, 'listSecrets');
  const { submit, problem } = useFormSave(form, keep, ({ name, value }) => ({ path: { project_id: project, name }, body: { value } }));
  return (
    <form noValidate aria-label={secrets.keep} onSubmit={submit}>
      <FormProblem problem={problem} />
      <Group align="flex-start" mt="md">
        <TextInput label={secrets.name} autoComplete="off" {...form.getInputProps('name')} />
        <PasswordInput label={secrets.value} autoComplete="new-password" miw={220} {...form.getInputProps('value')} />
        <Button type="submit" loading={keep.isPending} mt={24}>
          {secrets.keep}
        </Button>
      </Group>
    </form>
  );
}
