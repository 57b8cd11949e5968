import { Group, SegmentedControl } from '@mantine/core';
import type { ReactNode } from 'react';

import type { HealItem } from '@/api';
import { StatusBadge } from '@/components/badges';
import { When } from '@/components/figures';
import { ButtonLink, TextLink } from '@/components/links';
import { PageHeader } from '@/components/PageHeader';
import { EmptyState } from '@/components/states';
import { type Column, VirtualTable } from '@/components/VirtualTable';
import { useChangeSearch } from '@/routing/address';
import { paths } from '@/routing/paths';
import { useProject } from '@/routing/session';
import { heals } from '@/strings/heals';

import { useHeals, useWhich, type Which } from './queue';

/** The queue: what was found another way and waits for a decision; and what was decided. */
export function HealsPage(): ReactNode {
  const project = useProject();
  const which = useWhich();
  const change = useChangeSearch();
  const query = useHeals(project.id, which);
  const first = query.data?.pages[0]?.items[0];
  const start = first && which.status === 'proposed' && <ButtonLink {...paths.heal(project.id, first.id, { ...which })}>{heals.start}</ButtonLink>;
  return (
    <>
      <PageHeader title={heals.title} subtitle={project.name} actions={start} />
      <Group mb="sm" gap="sm">
        <SegmentedControl aria-label={heals.title} value={which.kind} onChange={(kind) => change({ kind })} data={choices(heals.kinds)} />
        <SegmentedControl aria-label={heals.status} value={which.status} onChange={(status) => change({ status })} data={choices(heals.statuses)} />
      </Group>
      <VirtualTable
        label={heals.kinds[which.kind]}
        columns={columnsOf(project.id, which)}
        query={query}
        rowKey={({ id }) => id}
        empty={<EmptyState icon="heals" title={heals.emptyTitle[which.kind]} hint={heals.empty[which.kind]} />}
      />
    </>
  );
}

function choices(words: Readonly<Record<string, string>>): { value: string; label: string }[] {
  return Object.entries(words).map(([value, label]) => ({ value, label }));
}

function columnsOf(project: string, which: Which): Column<HealItem>[] {
  return [
    {
      key: 'step',
      title: heals.step,
      width: 'minmax(0, 2fr)',
      cell: (heal) => <TextLink {...paths.heal(project, heal.id, { ...which })}>{heal.step_title || heal.instruction || heal.action}</TextLink>,
    },
    { key: 'test', title: heals.test, width: 'minmax(0, 1.5fr)', from: 'sm', cell: ({ test }) => test },
    { key: 'found', title: heals.found, width: 'minmax(0, 2fr)', from: 'md', cell: ({ new_locator: to }) => <code>{to.selector}</code> },
    { key: 'sure', title: heals.sure, width: '112px', from: 'sm', align: 'right', cell: ({ confidence }) => confidence?.toFixed(2) ?? '–' },
    { key: 'status', title: heals.status, width: '112px', from: 'lg', cell: ({ status }) => <StatusBadge status={status} /> },
    { key: 'seen', title: heals.seen, width: '132px', align: 'right', cell: ({ updated_at: at }) => <When at={at} /> },
  ];
}
