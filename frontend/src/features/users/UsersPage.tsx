import { Button, Group, NativeSelect, PasswordInput, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { isNotEmpty, useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { createUserMutation, deleteUserMutation, listUsersOptions, type Role, updateUserMutation, type UserChange, type UserOut } from '@/api';
import { Card } from '@/components/Card';
import { ConfirmButton } from '@/components/ConfirmButton';
import { When } from '@/components/figures';
import { FormProblem } from '@/components/FormProblem';
import { notifyProblem } from '@/components/notify';
import { PageHeader } from '@/components/PageHeader';
import { SimpleTable } from '@/components/SimpleTable';
import { QueryState } from '@/components/states';
import { useFormSave } from '@/components/useFormSave';
import { useSave } from '@/components/useSave';
import { useMe } from '@/routing/session';
import { common } from '@/strings/common';
import { users } from '@/strings/users';

import { NewPassword } from './NewPassword';

const ROLES: readonly Role[] = ['admin', 'member', 'viewer'];
const CHOICES = ROLES.map((value) => ({ value, label: users.roles[value] }));

function roleOf(word: string): Role {
  return ROLES.find((role) => role === word) ?? 'viewer';
}

/** Who may sign in, for administrators. */
export function UsersPage(): ReactNode {
  const query = useQuery(listUsersOptions({ query: { limit: 200 } }));
  return (
    <>
      <PageHeader title={users.title} subtitle={users.subtitle} />
      <Stack>
        <NewUser />
        <QueryState query={query}>{({ items }) => <UserTable found={items} />}</QueryState>
      </Stack>
    </>
  );
}

function NewUser(): ReactNode {
  const form = useForm<{ username: string; password: string; role: Role }>({
    initialValues: { username: '', password: '', role: 'member' },
    validate: { username: isNotEmpty(users.required), password: isNotEmpty(users.required) },
  });
  const add = useSave(createUserMutation(), users.added, 'listUsers', 'listProjects');
  const { submit, problem } = useFormSave(form, add, (body) => ({ body }));
  return (
    <Card>
      <form noValidate onSubmit={submit}>
        <FormProblem problem={problem} />
        <SimpleGrid cols={{ base: 1, sm: 3 }}>
          <TextInput label={users.username} autoComplete="off" autoCapitalize="none" {...form.getInputProps('username')} />
          <PasswordInput label={users.password} autoComplete="new-password" {...form.getInputProps('password')} />
          <NativeSelect label={users.role} data={CHOICES} {...form.getInputProps('role')} />
        </SimpleGrid>
        <Button type="submit" mt="md" loading={add.isPending}>
          {users.add}
        </Button>
      </form>
    </Card>
  );
}

function UserTable({ found }: { found: readonly UserOut[] }): ReactNode {
  const me = useMe();
  const change = useSave(updateUserMutation(), users.changed, 'listUsers');
  const set = (user: UserOut, body: UserChange): Promise<unknown> => change.mutateAsync({ path: { user_id: user.id }, body });
  const rows = found.map((user) => ({
    key: user.id,
    cells: [
      user.username,
      <NativeSelect
        key="role"
        size="xs"
        aria-label={users.roleOf(user.username)}
        data={CHOICES}
        value={user.role}
        disabled={user.id === me.id}
        onChange={({ currentTarget }) => void set(user, { role: roleOf(currentTarget.value) }).catch(notifyProblem)}
      />,
      user.active ? common.yes : common.no,
      <When key="since" at={user.created_at} />,
      user.id !== me.id && (
        <Group key="actions" gap="xs" wrap="nowrap">
          <Access user={user} onSet={(active) => set(user, { active })} />
          <NewPassword user={user} />
          <Removal user={user} />
        </Group>
      ),
    ],
  }));
  return (
    <Card>
      <SimpleTable label={users.title} heads={[users.username, users.role, users.state, users.since, common.action]} rows={rows} />
    </Card>
  );
}

function Access({ user, onSet }: { user: UserOut; onSet: (active: boolean) => Promise<unknown> }): ReactNode {
  if (!user.active) {
    return (
      <Button size="compact-sm" variant="default" onClick={() => void onSet(true).catch(notifyProblem)}>
        {users.let}
      </Button>
    );
  }
  return (
    <ConfirmButton
      size="compact-sm"
      question={users.shutOutQuestion(user.username)}
      consequence={users.shutOutConsequence}
      confirm={users.shutOut}
      onConfirm={() => onSet(false)}
    >
      {users.shutOut}
    </ConfirmButton>
  );
}

function Removal({ user }: { user: UserOut }): ReactNode {
  const remove = useSave(deleteUserMutation(), users.removed, 'listUsers');
  return (
    <ConfirmButton
      size="compact-sm"
      question={users.removeQuestion(user.username)}
      consequence={users.removeConsequence}
      confirm={users.remove}
      onConfirm={() => remove.mutateAsync({ path: { user_id: user.id } })}
    >
      {users.remove}
    </ConfirmButton>
  );
}
