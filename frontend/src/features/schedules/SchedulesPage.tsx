import { Group, Switch, Text } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { listSchedulesInfiniteOptions, listSuitesOptions, type ScheduleOut, updateScheduleMutation } from '@/api';
import { When } from '@/components/figures';
import { Icon } from '@/components/Icon';
import { ButtonLink, TextLink } from '@/components/links';
import { notifyDone, notifyProblem } from '@/components/notify';
import { PageHeader } from '@/components/PageHeader';
import { EmptyState } from '@/components/states';
import { useChange } from '@/components/useSave';
import { BY_CURSOR, type Column, VirtualTable } from '@/components/VirtualTable';
import { paths } from '@/routing/paths';
import { useProject, useRights } from '@/routing/session';
import { schedules } from '@/strings/schedules';

import { CronWords } from './CronWords';

/** A project's schedules: when each comes next, and what was wrong when it last came. */
export function SchedulesPage(): ReactNode {
  const project = useProject();
  const rights = useRights();
  const query = useInfiniteQuery({ ...listSchedulesInfiniteOptions({ query: { project_id: project.id, limit: 100 } }), ...BY_CURSOR });
  const make = rights.change && <ButtonLink {...paths.newSchedule(project.id)}>{schedules.new}</ButtonLink>;
  return (
    <>
      <PageHeader title={schedules.title} subtitle={project.name} actions={make} />
      <VirtualTable
        label={schedules.title}
        columns={columnsOf(project.id, rights.change)}
        query={query}
        rowKey={({ id }) => id}
        rowHeight={56}
        empty={<EmptyState icon="schedules" title={schedules.emptyTitle} hint={rights.change ? schedules.empty : schedules.emptyForViewers} action={make} />}
      />
    </>
  );
}

function columnsOf(project: string, mayChange: boolean): readonly Column<ScheduleOut>[] {
  return [
    { key: 'name', title: schedules.name, width: 'minmax(120px, 2fr)', cell: (schedule) => <Name schedule={schedule} /> },
    { key: 'when', title: schedules.when, width: 'minmax(120px, 2fr)', cell: (schedule) => <Times schedule={schedule} /> },
    { key: 'what', title: schedules.what, width: 'minmax(80px, 1fr)', from: 'md', cell: (schedule) => <What schedule={schedule} /> },
    { key: 'next', title: schedules.next, width: '130px', from: 'sm', cell: ({ active, next_run_at: at }) => (active ? <When at={at} absent={schedules.never} /> : schedules.off) },
    {
      key: 'last',
      title: schedules.last,
      width: '130px',
      from: 'lg',
      cell: ({ id, last_run_at: at }) => (at ? <TextLink {...paths.runs(project, { schedule_id: id })}><When at={at} /></TextLink> : schedules.never),
    },
    { key: 'on', title: schedules.on, width: '64px', cell: (schedule) => <OnOff schedule={schedule} mayChange={mayChange} /> },
  ];
}

function Name({ schedule }: { schedule: ScheduleOut }): ReactNode {
  return (
    <>
      <TextLink {...paths.schedule(schedule.project_id, schedule.id)}>{schedule.name}</TextLink>
      {schedule.last_error !== null && (
        <Group gap={4} wrap="nowrap" c="var(--tw-bad)" fz="xs" title={schedule.last_error}>
          <Icon name="warning" size={13} /> {schedules.failedShort}
        </Group>
      )}
    </>
  );
}

function Times({ schedule }: { schedule: ScheduleOut }): ReactNode {
  return (
    <>
      <CronWords cron={schedule.cron} />
      <Text size="xs" c="dimmed" truncate>
        {schedule.time_zone}
      </Text>
    </>
  );
}

/** What a schedule runs, by the suite's name. The page asks once for the names of all suites that it can. */
function What({ schedule }: { schedule: ScheduleOut }): ReactNode {
  const { suite_id: suite, project_id: project, test_ids: tests } = schedule;
  const { data } = useQuery({ ...listSuitesOptions({ query: { project_id: project, limit: 200 } }), enabled: suite !== null });
  if (suite === null) return schedules.tests(tests.length);
  return <TextLink {...paths.suite(project, suite)}>{data?.items.find(({ id }) => id === suite)?.name ?? schedules.aSuite}</TextLink>;
}

function OnOff({ schedule, mayChange }: { schedule: ScheduleOut; mayChange: boolean }): ReactNode {
  const change = useChange(updateScheduleMutation(), 'listSchedules', 'readSchedule');
  const { id, name, active } = schedule;
  const set = (wanted: boolean): void =>
    change.mutate(
      { path: { schedule_id: id }, body: { active: wanted } },
      { onSuccess: () => notifyDone(wanted ? schedules.switchedOn(name) : schedules.switchedOff(name)), onError: notifyProblem },
    );
  return (
    <Switch
      size="xs"
      aria-label={schedules.onOf(name)}
      checked={active}
      disabled={!mayChange || change.isPending}
      onChange={({ currentTarget }) => set(currentTarget.checked)}
    />
  );
}
