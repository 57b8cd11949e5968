import { ActionIcon, SimpleGrid, Stack, Text } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { api, type CacheEntryOut, type CacheStatsOut, forgetEntryMutation, listEntriesInfiniteOptions, readStatsOptions, refresh } from '@/api';
import { ConfirmButton } from '@/components/ConfirmButton';
import { Figure, When } from '@/components/figures';
import { count, percent } from '@/components/format';
import { Icon } from '@/components/Icon';
import { notifyDone, notifyProblem } from '@/components/notify';
import { EmptyState, LoadingState, QueryState } from '@/components/states';
import { BY_CURSOR, type Column, VirtualTable } from '@/components/VirtualTable';
import { useProject, useRights } from '@/routing/session';
import { settings } from '@/strings/settings';

import { SettingsHead } from './SettingsHead';

const words = settings.cache;

/** What tier 2 remembers of a project, and how much it was worth. */
export function CachePage(): ReactNode {
  const query = { project_id: useProject().id };
  const { change } = useRights();
  const stats = useQuery(readStatsOptions({ query }));
  const entries = useInfiniteQuery({ ...listEntriesInfiniteOptions({ query }), ...BY_CURSOR });
  return (
    <>
      <SettingsHead tab="cache" subtitle={words.lead} actions={change && <ClearButton none={stats.data?.entries === 0} />} />
      <Stack>
        <QueryState query={stats} loading={<LoadingState rows={1} height={126} />}>
          {(figures) => <Stats figures={figures} />}
        </QueryState>
        <VirtualTable
          label={words.list}
          columns={change ? [...COLUMNS, FORGET] : COLUMNS}
          query={entries}
          rowKey={({ id }) => String(id)}
          empty={<EmptyState icon="search" title={words.emptyTitle} hint={words.empty} />}
        />
      </Stack>
    </>
  );
}

function Stats({ figures }: { figures: CacheStatsOut }): ReactNode {
  const asked = figures.hits + figures.misses + figures.invalid;
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, lg: 4 }} role="group" aria-label={words.stats}>
      <Figure
        label={words.hitRate}
        value={figures.hit_rate === null ? words.noData : percent(figures.hit_rate)}
        window={words.since}
        sample={words.asked(asked)}
      />
      <Figure label={words.entries} value={count(figures.entries)} window={words.since} sample={words.provisional(figures.provisional)} />
      <Figure label={words.invalid} value={count(figures.invalid)} window={words.since} sample={words.invalidHint} />
      <Figure label={words.evictions} value={count(figures.evictions)} window={words.since} sample={words.evictionsHint} />
    </SimpleGrid>
  );
}

const title = (entry: CacheEntryOut): string => entry.instruction || entry.selector;

const COLUMNS: readonly Column<CacheEntryOut>[] = [
  { key: 'step', title: words.instruction, width: 'minmax(0, 2fr)', cell: (entry) => <span title={title(entry)}>{title(entry)}</span> },
  { key: 'page', title: words.page, width: 'minmax(0, 1fr)', from: 'md', cell: ({ page }) => <span title={page}>{page}</span> },
  {
    key: 'locator',
    title: words.locator,
    width: 'minmax(0, 1.5fr)',
    from: 'sm',
    cell: ({ locators, xpath }) => (
      <Text span ff="monospace" size="xs" title={locators[0]?.selector ?? xpath}>
        {locators[0]?.selector ?? xpath}
      </Text>
    ),
  },
  { key: 'hits', title: words.hits, width: '64px', align: 'right', cell: ({ hit_count: hits }) => count(hits) },
  { key: 'used', title: words.used, width: '130px', from: 'lg', cell: ({ last_validated_at: at }) => <When at={at} /> },
  {
    key: 'expires',
    title: words.expires,
    width: '110px',
    from: 'md',
    cell: ({ provisional, expires_at: at }) => (provisional ? words.waiting : <When at={at} />),
  },
];

const FORGET: Column<CacheEntryOut> = { key: 'forget', title: words.forgetOne, titleShown: false, width: '52px', cell: (entry) => <ForgetButton entry={entry} /> };

function ForgetButton({ entry }: { entry: CacheEntryOut }): ReactNode {
  const queryClient = useQueryClient();
  const forget = useMutation({
    ...forgetEntryMutation(),
    onSuccess: async () => {
      notifyDone(words.forgotten);
      await refresh(queryClient, 'listEntries', 'readStats');
    },
    onError: notifyProblem,
  });
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      loading={forget.isPending}
      aria-label={words.forget(title(entry))}
      title={words.forgetOne}
      onClick={() => forget.mutate({ path: { entry_id: entry.id } })}
    >
      <Icon name="trash" size={16} />
    </ActionIcon>
  );
}

function ClearButton({ none }: { none: boolean }): ReactNode {
  const { id } = useProject();
  const queryClient = useQueryClient();
  const clear = async (): Promise<void> => {
    const { data } = await api.clearCache({ query: { project_id: id }, throwOnError: true });
    notifyDone(words.cleared(data.deleted));
    await refresh(queryClient, 'listEntries', 'readStats');
  };
  return (
    <ConfirmButton question={words.clearQuestion} consequence={words.clearConsequence} confirm={words.clear} onConfirm={clear} disabled={none}>
      {words.clear}
    </ConfirmButton>
  );
}
