import { Alert, Button, Group, NativeSelect, TextInput } from '@mantine/core';
import { isNotEmpty, useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';

import { createMemberMutation, deleteMemberMutation, listMembersOptions, type MemberOut, type Role } from '@/api';
import { Card } from '@/components/Card';
import { ConfirmButton } from '@/components/ConfirmButton';
import { When } from '@/components/figures';
import { showProblems } from '@/components/formProblems';
import { SimpleTable } from '@/components/SimpleTable';
import { QueryState } from '@/components/states';
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
  const rows = members.map(({ user_id: user, username, role, created_at: since }) => ({
    key: user,
    cells: [
      username,
      projects.roles[role],
      <When key="since" at={since} />,
      ...(mayChange
        ? [
            <ConfirmButton
              key="remove"
              size="compact-sm"
              question={projects.removeQuestion(username)}
              consequence={projects.removeConsequence}
              confirm={projects.remove}
              onConfirm={() => remove.mutateAsync({ path: { project_id: project, user_id: user } })}
            >
              {projects.remove}
            </ConfirmButton>,
          ]
        : []),
    ],
  }));
  const heads = [projects.username, projects.memberRole, projects.since, ...(mayChange ? [projects.action] : [])];
  return <SimpleTable label={projects.members} heads={heads} rows={rows} />;
}

function NewMember({ project }: { project: string }): ReactNode {
  const [problem, setProblem] = useState<string | null>(null);
  const form = useForm<{ username: string; role: Role }>({
    initialValues: { username: '', role: 'member' },
    validate: { username: isNotEmpty(projects.required) },
  });
  const take = useSave(createMemberMutation(), projects.taken, 'listMembers');
  const submit = form.onSubmit((body) => {
    setProblem(null);
    take.mutate({ path: { project_id: project }, body }, { onSuccess: form.reset, onError: (error) => setProblem(showProblems(form, error)) });
  });
  return (
    <form noValidate onSubmit={submit}>
      {problem !== null && (
        <Alert role="alert" color="bad" mt="sm">
          {problem}
        </Alert>
      )}
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
