import { Button, Group, TextInput } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { listTestsInfiniteOptions, type TestItem } from '@/api';
import { StatusBadge } from '@/components/badges';
import { When } from '@/components/figures';
import { ButtonLink, TextLink } from '@/components/links';
import { PageHeader } from '@/components/PageHeader';
import { EmptyState } from '@/components/states';
import { BY_CURSOR, type Column, VirtualTable } from '@/components/VirtualTable';
import { useAddressSearch, useChangeSearch } from '@/routing/address';
import { paths } from '@/routing/paths';
import { useProject, useRights } from '@/routing/session';
import { tests } from '@/strings/tests';

import { TierMixBars } from './TierMixBars';

const WORDS = ['q', 'tag'] as const;
const LABELS = { q: tests.search, tag: tests.tag };

/** A project's tests, by the search in the address. */
export function TestsPage(): ReactNode {
  const project = useProject();
  const rights = useRights();
  const search = useAddressSearch();
  const given = Object.fromEntries(WORDS.flatMap((name) => (search[name] ? [[name, search[name]]] : [])));
  const query = useInfiniteQuery({
    ...listTestsInfiniteOptions({ query: { project_id: project.id, limit: 100, ...given } }),
    ...BY_CURSOR,
  });
  const make = rights.change && <ButtonLink {...paths.newTest(project.id)}>{tests.make}</ButtonLink>;
  return (
    <>
      <PageHeader title={tests.title} subtitle={project.name} actions={make} />
      <Search />
      <VirtualTable
        label={tests.title}
        columns={columnsOf(project.id)}
        query={query}
        rowKey={({ id }) => id}
        empty={WORDS.some((name) => search[name]) ? <Nothing /> : <EmptyState icon="tests" title={tests.emptyTitle} hint={tests.empty} action={make} />}
      />
    </>
  );
}

function Search(): ReactNode {
  const search = useAddressSearch();
  const change = useChangeSearch();
  return (
    <Group mb="sm" gap="xs" align="flex-end">
      {WORDS.map((name) => (
        <TextInput
          key={`${name} ${search[name] ?? ''}`}
          label={LABELS[name]}
          defaultValue={search[name] ?? ''}
          onBlur={({ currentTarget }) => change({ [name]: currentTarget.value.trim() })}
          onKeyDown={({ key, currentTarget }) => key === 'Enter' && change({ [name]: currentTarget.value.trim() })}
        />
      ))}
    </Group>
  );
}

function Nothing(): ReactNode {
  const change = useChangeSearch();
  const clear = (
    <Button variant="default" onClick={() => change({ q: undefined, tag: undefined })}>
      {tests.clear}
    </Button>
  );
  return <EmptyState icon="filter" title={tests.nothingTitle} hint={tests.nothing} action={clear} />;
}

function columnsOf(project: string): readonly Column<TestItem>[] {
  return [
    { key: 'name', title: tests.name, width: 'minmax(140px, 3fr)', cell: (test) => <TextLink {...paths.test(project, test.id)}>{test.name}</TextLink> },
    { key: 'tags', title: tests.tags, width: 'minmax(80px, 1fr)', from: 'md', cell: ({ tags }) => tags.join(', ') },
    { key: 'last', title: tests.last, width: '150px', cell: (test) => <Last test={test} /> },
    { key: 'mix', title: tests.mix, width: '180px', from: 'md', cell: ({ tier_mix: mix = [] }) => <TierMixBars mix={mix} /> },
    { key: 'changed', title: tests.changed, width: '140px', from: 'lg', cell: ({ updated_at: at }) => <When at={at} /> },
  ];
}

function Last({ test }: { test: TestItem }): ReactNode {
  const { last_run: last } = test;
  if (!last) return tests.never;
  return (
    <TextLink {...paths.run(test.project_id, last.id)}>
      <StatusBadge status={last.status} />
    </TextLink>
  );
}
