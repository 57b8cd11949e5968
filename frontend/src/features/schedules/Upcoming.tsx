import { List, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { ApiProblem, readTimesOptions, wordsOf } from '@/api';
import { inZone } from '@/components/format';
import { schedules } from '@/strings/schedules';

import { useCronWords } from './cronWords';

const PAUSE_MS = 300;
const SHOWN = 5;

/** When a schedule would run, as the server says; or what is wrong with its times, by field. */
export interface Times {
  readonly next: readonly string[] | null;
  readonly faults: Readonly<Record<string, string | undefined>>;
  readonly problem: string | null;
}

/** Asks the server when these times come, once the typing rests. */
export function useTimes(cron: string, zone: string): Times {
  const [asked] = useDebouncedValue(`${cron.trim()}|${zone.trim()}`, PAUSE_MS);
  const [times = '', place = ''] = asked.split('|');
  const { data, error } = useQuery({ ...readTimesOptions({ query: { cron: times, time_zone: place } }), enabled: times !== '' && place !== '' });
  const faults = error instanceof ApiProblem ? Object.fromEntries(error.errors.map(({ path, message }) => [path, message])) : {};
  const elsewhere = error !== null && Object.keys(faults).length === 0;
  return { next: data?.next_runs ?? null, faults, problem: elsewhere ? wordsOf(error) : null };
}

/** The times in words, and the next moments. Its place is held, so that nothing jumps while somebody types. */
export function Upcoming({ times, cron, zone, active }: { times: Times; cron: string; zone: string; active: boolean }): ReactNode {
  const words = useCronWords(cron);
  const wrong = times.problem ?? Object.values(times.faults)[0];
  return (
    <div role="status" style={{ minHeight: `calc(${SHOWN + 2} * 1.55em)` }}>
      <Text fw={600}>{words ?? schedules.noTimes}</Text>
      {times.next === null ? (
        <Text size="sm" c="dimmed">{wrong ?? schedules.checking}</Text>
      ) : (
        <>
          <Text size="sm" c="dimmed">{active ? schedules.upcoming : schedules.upcomingOff}:</Text>
          <List size="sm">
            {times.next.map((moment) => (
              <List.Item key={moment}>
                <time dateTime={moment}>{inZone(new Date(moment), zone)}</time>
              </List.Item>
            ))}
          </List>
        </>
      )}
    </div>
  );
}
