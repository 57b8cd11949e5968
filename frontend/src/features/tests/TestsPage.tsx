import { Button, Group, Select, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';

import { api, listTagsOptions, listTestsInfiniteOptions, type TestItem } from '@/api';
import { StatusBadge } from '@/components/badges';
import { When } from '@/components/figures';
import { Icon } from '@/components/Icon';
import { ButtonLink, TextLink } from '@/components/links';
import { PageHeader } from '@/components/PageHeader';
import { RowCheckbox } from '@/components/RowCheckbox';
import { EmptyState } from '@/components/states';
import { BY_CURSOR, type Column, VirtualTable } from '@/components/VirtualTable';
import { useAddressSearch, useChangeSearch } from '@/routing/address';
import { paths } from '@/routing/paths';
import { useProject, useRights } from '@/routing/session';
import { tests } from '@/strings/tests';

import { ImportDialog } from './ImportDialog';
import { exportAddress } from './importing';
import { RunDialog } from './RunDialog';
import { TierMixBars } from './TierMixBars';

const WORDS = ['q', 'tag'] as const;

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
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const toggle = (id: string): void => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  const make = rights.change && <ButtonLink {...paths.newTest(project.id)}>{tests.make}</ButtonLink>;
  return (
    <>
      <PageHeader title={tests.title} subtitle={project.name} actions={<Actions make={make} />} />
      <Search />
      <Chosen ids={[...chosen]} />
      <VirtualTable
        label={tests.title}
        columns={columnsOf(project.id, { has: (id) => chosen.has(id), toggle })}
        query={query}
        rowKey={({ id }) => id}
        selected={({ id }) => chosen.has(id)}
        empty={WORDS.some((name) => search[name]) ? <Nothing /> : <EmptyState icon="tests" title={tests.emptyTitle} hint={tests.empty} action={make} />}
      />
    </>
  );
}

function Actions({ make }: { make: ReactNode }): ReactNode {
  const project = useProject();
  const rights = useRights();
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button variant="default" component="a" href={exportAddress(project.id)} download leftSection={<Icon name="download" size={16} />}>
        {tests.importing.export}
      </Button>
      {rights.change && (
        <Button variant="default" onClick={open} leftSection={<Icon name="upload" size={16} />}>
          {tests.importing.open}
        </Button>
      )}
      {make}
      <ImportDialog opened={opened} onClose={close} />
    </>
  );
}

function Search(): ReactNode {
  const project = useProject();
  const search = useAddressSearch();
  const change = useChangeSearch();
  const { data: tags = [] } = useQuery(listTagsOptions({ query: { project_id: project.id } }));
  const known = tags.map(({ tag, tests: number }) => ({ value: tag, label: tests.tagCount(tag, number) }));
  const data = search.tag && !known.some(({ value }) => value === search.tag) ? [{ value: search.tag, label: search.tag }, ...known] : known;
  return (
    <Group mb="sm" gap="xs" align="flex-end">
      <TextInput
        key={search.q ?? ''}
        label={tests.search}
        defaultValue={search.q ?? ''}
        onBlur={({ currentTarget }) => change({ q: currentTarget.value.trim() })}
        onKeyDown={({ key, currentTarget }) => key === 'Enter' && change({ q: currentTarget.value.trim() })}
      />
      <Select
        label={tests.tag}
        placeholder={tests.anyTag}
        clearable
        searchable
        data={data}
        value={search.tag ?? null}
        onChange={(tag) => change({ tag: tag ?? undefined })}
      />
    </Group>
  );
}

/** What can be done with the tests that are selected. Its place is there always, so that nothing jumps. */
function Chosen({ ids }: { ids: readonly string[] }): ReactNode {
  const project = useProject();
  const rights = useRights();
  const [opened, { open, close }] = useDisclosure(false);
  const none = ids.length === 0;
  return (
    <Group mb="xs" gap="xs" mih={36}>
      <Text size="sm" c="dimmed" role="status">
        {tests.chosen(ids.length)}
      </Text>
      {rights.change && (
        <Button size="xs" disabled={none} onClick={open}>
          {tests.runWith}
        </Button>
      )}
      <Button
        size="xs"
        variant="default"
        leftSection={<Icon name="download" size={14} />}
        {...(none ? { disabled: true } : { component: 'a', href: exportAddress(project.id, ids), download: true })}
      >
        {tests.exportChosen}
      </Button>
      <RunDialog
        opened={opened}
        onClose={close}
        title={tests.running.titleMany(ids.length)}
        variables={{}}
        onStart={(overrides) => api.startRuns({ body: { test_ids: [...ids], overrides }, throwOnError: true }).then(({ data }) => data)}
      />
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

interface Choosing {
  readonly has: (id: string) => boolean;
  readonly toggle: (id: string) => void;
}

function columnsOf(project: string, choosing: Choosing): readonly Column<TestItem>[] {
  const select: Column<TestItem> = {
    key: 'select',
    title: tests.selection,
    titleShown: false,
    width: '40px',
    cell: ({ id, name }) => <RowCheckbox label={tests.select(name)} checked={choosing.has(id)} onToggle={() => choosing.toggle(id)} />,
  };
  return [
    select,
    { key: 'name', title: tests.name, width: 'minmax(120px, 3fr)', cell: (test) => <TextLink {...paths.test(project, test.id)}>{test.name}</TextLink> },
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
