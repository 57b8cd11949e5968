import { Button, Group, PasswordInput, Stack, Table, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { api, listSecretsOptions, refresh, type SecretOut, writeSecretMutation } from '@/api';
import { Card } from '@/components/Card';
import { ConfirmButton } from '@/components/ConfirmButton';
import { When } from '@/components/figures';
import { showProblems } from '@/components/formProblems';
import { notifyDone, notifyProblem } from '@/components/notify';
import { LoadingState, QueryState } from '@/components/states';
import { useProject, useRights } from '@/routing/session';
import { settings } from '@/strings/settings';

const words = settings.project;

/** The names of a project's secrets; their values are written, and never shown. */
export function SecretsCard(): ReactNode {
  const { id } = useProject();
  const { change } = useRights();
  const secrets = useQuery(listSecretsOptions({ path: { project_id: id } }));
  return (
    <Card title={words.secrets}>
      <Stack>
        <Text size="sm" c="dimmed" maw={720}>
          {words.secretsHint}
        </Text>
        <QueryState query={secrets} loading={<LoadingState rows={2} />}>
          {({ items }) => (items.length ? <Names items={items} /> : <Text size="sm">{words.noSecrets}</Text>)}
        </QueryState>
        {change && <NewSecret />}
      </Stack>
    </Card>
  );
}

function Names({ items }: { items: readonly SecretOut[] }): ReactNode {
  const { id } = useProject();
  const { change } = useRights();
  const queryClient = useQueryClient();
  const forget = async (name: string): Promise<void> => {
    await api.deleteSecret({ path: { project_id: id, name }, throwOnError: true });
    await refresh(queryClient, 'listSecrets');
  };
  return (
    <Table aria-label={words.secrets} maw={720}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{words.secretName}</Table.Th>
          <Table.Th>{words.setAt}</Table.Th>
          {change && <Table.Td />}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {items.map(({ name, updated_at: at }) => (
          <Table.Tr key={name}>
            <Table.Td ff="monospace" style={{ overflowWrap: 'anywhere' }}>
              {name}
            </Table.Td>
            <Table.Td>
              <When at={at} />
            </Table.Td>
            {change && (
              <Table.Td ta="right">
                <ConfirmButton
                  size="compact-xs"
                  question={words.forgetQuestion(name)}
                  consequence={words.forgetConsequence}
                  confirm={words.forget}
                  onConfirm={() => forget(name)}
                >
                  {words.forget}
                </ConfirmButton>
              </Table.Td>
            )}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

const NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,99}$/;

function NewSecret(): ReactNode {
  const { id } = useProject();
  const queryClient = useQueryClient();
  const form = useForm({
    initialValues: { name: '', value: '' },
    validate: {
      name: (name) => (NAME.test(name) ? null : words.secretNameWrong),
      value: (value) => (value ? null : words.secretValueWrong),
    },
  });
  const save = useMutation({
    ...writeSecretMutation(),
    onSuccess: async (_none, { path }) => {
      form.reset();
      notifyDone(words.secretSaved(path.name));
      await refresh(queryClient, 'listSecrets');
    },
    onError: (error) => {
      if (showProblems(form, error) !== null) notifyProblem(error);
    },
  });
  return (
    <form
      noValidate
      aria-label={words.secretSet}
      onSubmit={form.onSubmit(({ name, value }) => save.mutate({ path: { project_id: id, name }, body: { value } }))}
    >
      <Group align="flex-start" gap="sm">
        <TextInput label={words.secretName} autoComplete="off" {...form.getInputProps('name')} />
        <PasswordInput label={words.secretValue} autoComplete="new-password" miw={220} {...form.getInputProps('value')} />
        <Button type="submit" variant="default" loading={save.isPending} mt={24}>
          {words.secretSet}
        </Button>
      </Group>
    </form>
  );
}
