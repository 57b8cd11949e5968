import { Button, Group, Stack, TextInput } from '@mantine/core';
import { isNotEmpty, useForm } from '@mantine/form';
import type { ReactNode } from 'react';

import { createProjectMutation } from '@/api';
import { Card } from '@/components/Card';
import { When } from '@/components/figures';
import { FormProblem } from '@/components/FormProblem';
import { TextLink } from '@/components/links';
import { PageHeader } from '@/components/PageHeader';
import { SimpleTable } from '@/components/SimpleTable';
import { useFormSave } from '@/components/useFormSave';
import { useSave } from '@/components/useSave';
import { paths } from '@/routing/paths';
import { useMe, useProjects } from '@/routing/session';
import { projects } from '@/strings/projects';

/** The projects that one can see, and making one. */
export function ProjectsPage(): ReactNode {
  const mayMake = useMe().role !== 'viewer';
  const rows = useProjects().map(({ id, name, role, created_at: since }) => ({
    key: id,
    cells: [
      <TextLink key="name" {...paths.project(id)}>
        {name}
      </TextLink>,
      projects.roles[role],
      <When key="since" at={since} />,
    ],
  }));
  return (
    <>
      <PageHeader title={projects.title} subtitle={projects.subtitle} />
      <Stack>
        {mayMake && <NewProject />}
        <Card>
          <SimpleTable label={projects.title} heads={[projects.name, projects.role, projects.since]} rows={rows} />
        </Card>
      </Stack>
    </>
  );
}

function NewProject(): ReactNode {
  const form = useForm({ initialValues: { name: '' }, validate: { name: isNotEmpty(projects.required) } });
  const make = useSave(createProjectMutation(), projects.made, 'listProjects');
  const { submit, problem } = useFormSave(form, make, (body) => ({ body }));
  return (
    <Card>
      <form noValidate onSubmit={submit}>
        <FormProblem problem={problem} />
        <Group align="flex-end">
          <TextInput label={projects.name} {...form.getInputProps('name')} />
          <Button type="submit" loading={make.isPending}>
            {projects.make}
          </Button>
        </Group>
      </form>
    </Card>
  );
}
