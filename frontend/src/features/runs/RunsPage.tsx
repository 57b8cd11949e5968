import { Button, Group, Select, Text, TextInput } from '@mantine/core';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useMemo, useState } from 'react';

import { api, listRunsInfiniteOptions, refresh, type RunItem, type RunState } from '@/api';
import { StatusBadge } from '@/components/badges';
import { Duration, Money, When } from '@/components/figures';
import { strategyName } from '@/components/format';
import { Icon } from '@/components/Icon';
import { ButtonLink, TextLink } from '@/components/links';
import { notifyDone, notifyProblem } from '@/components/notify';
import { PageHeader } from '@/components/PageHeader';
import { RowCheckbox } from '@/components/RowCheckbox';
import { EmptyState } from '@/components/states';
import { BY_CURSOR, type Column, VirtualTable } from '@/components/VirtualTable';
import { useAddressSearch, useChangeSearch } from '@/routing/address';
import { paths } from '@/routing/paths';
import { useProject, useRights } from '@/routing/session';
import { runs } from '@/strings/runs';

import { SuitePicker, TestPicker } from './Pickers';

const STATES = Object.keys(runs.statuses).filter(isState);
const LIVE_MS = 2000;
const LIVE_PAGES = 3;
const ONLY = ['group_id', 'test_id', 'suite_id', 'schedule_id'] as const;
/** What has no picker of its own is said in words. */
const TOLD = ['group_id', 'schedule_id'] as const;
const TOLD_WORDS = { group_id: runs.groupOnly, schedule_id: runs.scheduleOnly };
const FILTERS = ['status', 'tag', 'from', 'to', ...ONLY] as const;

function isState(word: string): word is RunState {
  return word in runs.statuses;
}

/** A project's runs, newest first, by the filters in the address. */
export function RunsPage(): ReactNode {
  const project = useProject();
  const rights = useRights();
  const query = useRuns(project.id);
  const [chosen, setChosen] = useState<ReadonlyMap<string, RunItem>>(new Map());
  // Remembered, so that the rows need not be drawn anew when a further page comes while the list scrolls.
  const columns = useMemo(() => {
    const toggle = (run: RunItem): void => {
      const next = new Map(chosen);
      if (!next.delete(run.id)) next.set(run.id, run);
      setChosen(next);
    };
    return columnsOf(project.id, rights.change ? { has: (id) => chosen.has(id), toggle } : null);
  }, [project.id, rights.change, chosen]);
  return (
    <>
      <PageHeader title={runs.title} subtitle={project.name} />
      <RunFilters />
      {rights.change && <Chosen chosen={[...chosen.values()]} onDone={() => setChosen(new Map())} />}
      <VirtualTable
        label={runs.title}
        columns={columns}
        query={query}
        rowKey={({ id }) => id}
        selected={({ id }) => chosen.has(id)}
        empty={<NoRuns />}
      />
    </>
  );
}

function useRuns(project: string) {
  const search = useAddressSearch();
  const status = search.status?.split(',').filter(isState);
  const given = Object.fromEntries(['tag', ...ONLY].flatMap((name) => (search[name] ? [[name, search[name]]] : [])));
  const moments = { from: momentOf(search.from), to: momentOf(search.to) };
  return useInfiniteQuery({
    ...listRunsInfiniteOptions({ query: { project_id: project, limit: 100, ...given, ...moments, ...(status?.length && { status }) } }),
    ...BY_CURSOR,
    refetchInterval: ({ state }) => {
      const pages = state.data?.pages ?? [];
      return pages.length <= LIVE_PAGES && pages.some(({ items }) => items.some(unfinished)) && LIVE_MS;
    },
  });
}

/** A moment of the address, which a person may have written; null where it is none. */
function momentOf(text: string | undefined): string | null {
  if (!text) return null;
  const moment = new Date(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00` : text);
  return Number.isNaN(moment.getTime()) ? null : moment.toISOString();
}

function unfinished({ status }: RunItem): boolean {
  return status === 'queued' || status === 'running';
}

function RunFilters(): ReactNode {
  const search = useAddressSearch();
  const change = useChangeSearch();
  const told = TOLD.filter((name) => search[name]);
  return (
    <Group mb="sm" gap="xs" align="flex-end">
      <Select
        label={runs.status}
        placeholder={runs.any}
        clearable
        w={170}
        data={STATES.map((value) => ({ value, label: runs.statuses[value] }))}
        value={search.status ?? null}
        onChange={(status) => change({ status: status ?? undefined })}
      />
      <TestPicker />
      <SuitePicker />
      <TextInput
        key={search.tag ?? ''}
        label={runs.tag}
        w={140}
        defaultValue={search.tag ?? ''}
        onBlur={({ currentTarget }) => change({ tag: currentTarget.value.trim() })}
        onKeyDown={({ key, currentTarget }) => key === 'Enter' && change({ tag: currentTarget.value.trim() })}
      />
      {(['from', 'to'] as const).map((name) => (
        <TextInput
          key={name}
          type="date"
          label={runs[name]}
          w={150}
          value={search[name]?.slice(0, 10) ?? ''}
          onChange={({ currentTarget }) => change({ [name]: currentTarget.value })}
        />
      ))}
      {FILTERS.some((name) => search[name]) && <ClearFilters />}
      {told.map((name) => (
        <Text key={name} size="sm" c="dimmed">
          {TOLD_WORDS[name]}
        </Text>
      ))}
    </Group>
  );
}

function ClearFilters(): ReactNode {
  const change = useChangeSearch();
  return (
    <Button variant="default" onClick={() => change(Object.fromEntries(FILTERS.map((name) => [name, undefined])))}>
      {runs.clear}
    </Button>
  );
}

function NoRuns(): ReactNode {
  const project = useProject();
  const search = useAddressSearch();
  if (FILTERS.some((name) => search[name])) {
    return <EmptyState icon="filter" title={runs.nothingTitle} hint={runs.nothing} action={<ClearFilters />} />;
  }
  const action = <ButtonLink {...paths.tests(project.id)}>{runs.openTests}</ButtonLink>;
  return <EmptyState icon="runs" title={runs.emptyTitle} hint={runs.empty} action={action} />;
}

/** What can be done with the runs that are selected. Its place is there always, so that nothing jumps. */
function Chosen({ chosen, onDone }: { chosen: readonly RunItem[]; onDone: () => void }): ReactNode {
  const queryClient = useQueryClient();
  const open = chosen.filter(unfinished);
  const ended = chosen.filter((run) => !unfinished(run));
  const each = async (some: readonly RunItem[], act: (run: RunItem) => Promise<unknown>, done: string): Promise<void> => {
    const results = await Promise.allSettled(some.map(act));
    const failed = results.filter(({ status }) => status === 'rejected').length;
    if (failed) notifyProblem(new Error(runs.notAll(failed)));
    else notifyDone(done);
    onDone();
    await refresh(queryClient, 'listRuns', 'readDashboard');
  };
  const again = (run: RunItem): Promise<unknown> => api.rerun({ path: { execution_id: run.id } });
  const cancel = (run: RunItem): Promise<unknown> => api.cancel({ path: { execution_id: run.id } });
  return (
    <Group mb="xs" gap="xs" mih={36}>
      <Text size="sm" c="dimmed" role="status">
        {runs.chosen(chosen.length)}
      </Text>
      <Button size="xs" disabled={ended.length === 0} leftSection={<Icon name="refresh" size={14} />} onClick={() => void each(ended, again, runs.queuedAgain(ended.length))}>
        {runs.again}
      </Button>
      <Button size="xs" variant="default" disabled={open.length === 0} leftSection={<Icon name="stop" size={14} />} onClick={() => void each(open, cancel, runs.cancelled)}>
        {runs.cancelChosen}
      </Button>
    </Group>
  );
}

interface Choosing {
  readonly has: (id: string) => boolean;
  readonly toggle: (run: RunItem) => void;
}

function columnsOf(project: string, choosing: Choosing | null): Column<RunItem>[] {
  const select: Column<RunItem> = {
    key: 'select',
    title: runs.select,
    titleShown: false,
    width: '40px',
    cell: (run) => <RowCheckbox label={runs.selectOne(run.test_name)} checked={choosing?.has(run.id) ?? false} onToggle={() => choosing?.toggle(run)} />,
  };
  return [
    ...(choosing ? [select] : []),
    { key: 'status', title: runs.status, width: '160px', cell: ({ status }) => <StatusBadge status={status} /> },
    { key: 'test', title: runs.test, width: 'minmax(0, 1fr)', cell: (run) => <TextLink {...paths.run(project, run.id)}>{nameOf(run)}</TextLink> },
    { key: 'strategy', title: runs.strategy, width: '160px', from: 'lg', cell: ({ strategy }) => strategyName(strategy) },
    { key: 'time', title: runs.time, width: '96px', from: 'sm', align: 'right', cell: ({ duration_ms: ms, status }) => (status === 'queued' || status === 'running' ? '–' : <Duration ms={ms} />) },
    { key: 'cost', title: runs.cost, width: '96px', from: 'md', align: 'right', cell: ({ cost_usd: dollars }) => <Money dollars={dollars} /> },
    { key: 'queued', title: runs.queued, width: '140px', from: 'sm', align: 'right', cell: ({ queued_at: at }) => <When at={at} /> },
  ];
}

/** A run's test, and which row of its examples. */
export function nameOf(run: Pick<RunItem, 'test_name' | 'example'>): string {
  const row = Object.values(run.example ?? {}).map(String);
  return row.length ? `${run.test_name} (${row.join(', ')})` : run.test_name;
}
