import { Text } from '@mantine/core';
import type { ReactNode } from 'react';

import type { DashboardOut } from '@/api';
import { Card } from '@/components/Card';
import { Duration } from '@/components/figures';
import { percent } from '@/components/format';
import { TextLink } from '@/components/links';
import { SimpleTable } from '@/components/SimpleTable';
import { paths } from '@/routing/paths';
import { dashboard } from '@/strings/dashboard';

import { windowOf } from './window';

const WIDTHS = ['auto', 104, 96] as const;

interface Listed {
  readonly test_id: string | null;
  readonly test_name: string;
  readonly runs: number;
}

/** The tests that take longest. */
export function SlowestTests({ part, project }: { part: DashboardOut['slowest']; project: string }): ReactNode {
  const rows = part.tests.map((test, place) => row(test, place, part, project, <Duration key="mean" ms={test.avg_duration_ms} />));
  return <TestList title={dashboard.slowest} head={dashboard.mean} window={windowOf(part)} rows={rows} empty={dashboard.noSlow} />;
}

/** The tests that most often pass only when they are tried again. */
export function FlakiestTests({ part, project }: { part: DashboardOut['flakiest']; project: string }): ReactNode {
  const rows = part.tests.map((test, place) => row(test, place, part, project, percent(test.flaky_rate)));
  return <TestList title={dashboard.flakiest} head={dashboard.rate} window={windowOf(part)} rows={rows} empty={dashboard.noFlaky} />;
}

interface Row {
  readonly key: string;
  readonly cells: readonly ReactNode[];
}

/** A row by its place, not by its test: when the order changes, words change and nothing moves. */
function row(test: Listed, place: number, part: { from: string; to: string }, project: string, figure: ReactNode): Row {
  const runs = paths.runs(project, { test_id: test.test_id, from: part.from, to: part.to });
  const sample = dashboard.runs(test.runs);
  return {
    key: String(place),
    cells: [
      test.test_id === null ? test.test_name : <TextLink key="test" {...paths.test(project, test.test_id)}>{test.test_name}</TextLink>,
      figure,
      <TextLink key="runs" {...runs}>
        {sample}
      </TextLink>,
    ],
  };
}

function TestList(props: { title: string; head: string; window: string; rows: readonly Row[]; empty: string }): ReactNode {
  const { title, head, window, rows, empty } = props;
  return (
    <Card title={title}>
      <Text size="xs" c="dimmed" mb="xs">
        {window}
      </Text>
      {rows.length === 0 ? (
        <Text size="sm" c="dimmed">
          {empty}
        </Text>
      ) : (
        <SimpleTable label={title} heads={[dashboard.test, head, dashboard.sample]} widths={WIDTHS} rows={rows} />
      )}
    </Card>
  );
}
