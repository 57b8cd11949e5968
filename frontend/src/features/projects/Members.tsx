import { Button, Group, NativeSelect, TextInput } from '@mantine/core';
import { isNotEmpty, useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { createMemberMutation, deleteMemberMutation, listMembersOptions, type MemberOut, type Role } from '@/api';
import { Card } from '@/components/Card';
import { ConfirmTable, type RowAction } from '@/components/ConfirmTable';
import { When } from '@/components/figures';
import { FormProblem } from '@/components/FormProblem';
import { QueryState } from '@/components/states';
import { useFormSave } from '@/components/useFormSave';
import { useSave } from '@/components/useSave';
import { projects } from '@/strings/projects';

const ROLES: readonly Role[] = ['admin', 'member', 'viewer'];
const CHOICES = ROLES.map((value) => ({ value, label: projects.roles[value] }));

/** Who is in a project; its administrators take others in and let them go. */
export function Members({ project, mayChange }: { project: string; mayChange: boolean }): ReactNode {
  const query = useQuery(listMembersOptions({ path: { project_id: project }, query: { limit: 200 } }));
  return (
    <Card title={projects.members}>
      <QueryState query={query}>{({ items }) => <MemberTable project={project} members={items} mayChange={mayChange} />}</QueryState>
      {mayChange && <NewMember project={project} />}
    </Card>
  );
}

function MemberTable(props: { project: string; members: readonly MemberOut[]; mayChange: boolean }): ReactNode {
  const { project, members, mayChange } = props;
  const remove = useSave(deleteMemberMutation(), projects.removed, 'listMembers', 'listProjects');
  const action: RowAction<MemberOut> = {
    word: projects.remove,
    question: ({ username }) => projects.removeQuestion(username),
    consequence: projects.removeConsequence,
    act: ({ user_id: user }) => remove.mutateAsync({ path: { project_id: project, user_id: user } }),
  };
  return (
    <ConfirmTable
      label={projects.members}
      heads={[projects.username, projects.memberRole, projects.since]}
      rows={members}
      rowKey={({ user_id: user }) => user}
      cells={({ username, role, created_at: since }) => [username, projects.roles[role], <When key="since" at={since} />]}
      action={mayChange ? action : null}
    />
  );
}

function NewMember({ project }: { project: string }): ReactNode {
  const form = useForm<{ username: string; role: Role }>({
    initialValues: { username: '', role: 'member' },
    validate: { username: isNotEmpty(projects.required) },
  });
  const take = useSave(createMemberMutation(), projects.taken, 'listMembers');
  const { submit, problem } = useFormSave(form, take, (body) => ({ path: { project_id: project }, body }));
  return (
    <form noValidate onSubmit={submit}>
      <FormProblem problem={problem} />
      <Group align="flex-end" mt="md">
        <TextInput label={projects.username} autoComplete="off" autoCapitalize="none" {...form.getInputProps('username')} />
        <NativeSelect label={projects.memberRole} data={CHOICES} {...form.getInputProps('role')} />
        <Button type="submit" loading={take.isPending}>
          {projects.take}
        </Button>
      </Group>
    </form>
  );
}
