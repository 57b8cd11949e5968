import type { Overlap, ScheduleChange, ScheduleNew, ScheduleOut } from '@/api';

/** A schedule as its form holds it. Of `suite_id` and `test_ids` the one that `kind` names counts. */
export interface Values {
  name: string;
  cron: string;
  time_zone: string;
  kind: 'suite' | 'tests';
  suite_id: string | null;
  test_ids: string[];
  overlap: Overlap;
  active: boolean;
}

/** The time zone of the reader's machine. */
export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** What a new schedule begins with; a suite where the address names one. */
export function newValues(suite: string | undefined): Values {
  return {
    name: '',
    cron: '30 6 * * MON-FRI',
    time_zone: ownZone(),
    kind: 'suite',
    suite_id: suite ?? null,
    test_ids: [],
    overlap: 'skip',
    active: true,
  };
}

/** What is saved, as the form holds it. */
export function valuesOf(saved: ScheduleOut): Values {
  const { name, cron, time_zone, suite_id, test_ids, overlap, active } = saved;
  return { name, cron, time_zone, kind: suite_id === null ? 'tests' : 'suite', suite_id, test_ids, overlap, active };
}

/** What the form asks to be made. */
export function toMake(project: string, values: Values): ScheduleNew {
  const { name, cron, time_zone, overlap, active } = values;
  return { project_id: project, name: name.trim(), cron: cron.trim(), time_zone: time_zone.trim(), overlap, active, ...what(values) };
}

/** What the form asks to be changed: nothing that stays as it is, because a change of times forgets the last error. */
export function toChange(saved: ScheduleOut, values: Values): ScheduleChange {
  const before = toMake(saved.project_id, valuesOf(saved));
  const after = Object.entries(toMake(saved.project_id, values));
  return Object.fromEntries(after.filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof ScheduleNew])));
}

function what({ kind, suite_id, test_ids }: Values): Pick<ScheduleNew, 'suite_id' | 'test_ids'> {
  return kind === 'suite' ? { suite_id } : { test_ids };
}
