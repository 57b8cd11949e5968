import { Button, Group, TextInput } from '@mantine/core';
import { isNotEmpty, useForm } from '@mantine/form';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { listSuitesInfiniteOptions, makeSuiteMutation, type SuiteItem } from '@/api';
import { When } from '@/components/figures';
import { count } from '@/components/format';
import { FormProblem } from '@/components/FormProblem';
import { TextLink } from '@/components/links';
import { PageHeader } from '@/components/PageHeader';
import { EmptyState } from '@/components/states';
import { useFormSave } from '@/components/useFormSave';
import { useSave } from '@/components/useSave';
import { BY_CURSOR, type Column, VirtualTable } from '@/components/VirtualTable';
import { paths } from '@/routing/paths';
import { useProject, useRights } from '@/routing/session';
import { suites } from '@/strings/suites';

import { LastRun } from './LastRun';

/** A project's suites, and making one. */
export function SuitesPage(): ReactNode {
  const project = useProject();
  const rights = useRights();
  const query = useInfiniteQuery({ ...listSuitesInfiniteOptions({ query: { project_id: project.id, limit: 100 } }), ...BY_CURSOR });
  return (
    <>
      <PageHeader title={suites.title} subtitle={project.name} />
      {rights.change && <NewSuite project={project.id} />}
      <VirtualTable
        label={suites.title}
        columns={columnsOf(project.id)}
        query={query}
        rowKey={({ id }) => id}
        empty={<EmptyState icon="suites" title={suites.emptyTitle} hint={rights.change ? suites.empty : suites.emptyForViewers} />}
      />
    </>
  );
}

function NewSuite({ project }: { project: string }): ReactNode {
  const navigate = useNavigate();
  const form = useForm({ initialValues: { name: '' }, validate: { name: isNotEmpty(suites.required) } });
  const make = useSave(makeSuiteMutation(), suites.made, 'listSuites');
  const { submit, problem } = useFormSave(
    form,
    make,
    ({ name }) => ({ body: { project_id: project, name: name.trim() } }),
    ({ id }) => void navigate({ ...paths.suite(project, id) }),
  );
  return (
    <form noValidate onSubmit={submit}>
      <FormProblem problem={problem} />
      <Group align="flex-end" mb="sm" gap="xs">
        <TextInput label={suites.newName} w={280} autoComplete="off" {...form.getInputProps('name')} />
        <Button type="submit" loading={make.isPending}>
          {suites.make}
        </Button>
      </Group>
    </form>
  );
}

function columnsOf(project: string): readonly Column<SuiteItem>[] {
  return [
    { key: 'name', title: suites.name, width: 'minmax(120px, 2fr)', cell: (suite) => <TextLink {...paths.suite(project, suite.id)}>{suite.name}</TextLink> },
    { key: 'tests', title: suites.tests, width: '72px', from: 'sm', align: 'right', cell: ({ test_count: tests }) => count(tests) },
    { key: 'last', title: suites.last, width: 'minmax(140px, 2fr)', cell: (suite) => <LastRun suite={suite} most={3} narrow /> },
    { key: 'changed', title: suites.changed, width: '140px', from: 'lg', align: 'right', cell: ({ updated_at: at }) => <When at={at} /> },
  ];
}
