import { ScrollArea, SegmentedControl, Skeleton, Stack, Table, Text } from '@mantine/core';
import { lazy, type ReactNode, Suspense, useState } from 'react';

import type { Bucket, DistributionBucket, TierDistributionOut } from '@/api';
import { type Tier, TierBadge } from '@/components/badges';
import { Card } from '@/components/Card';
import { Duration, Money } from '@/components/figures';
import { count, percent } from '@/components/format';
import { analytics } from '@/strings/analytics';

import type { TierColumn } from './TierBarsOverTime';

const TierBarsOverTime = lazy(() => import('./TierBarsOverTime'));
const TIERS = [1, 2, 3] as const;

/** Share and count of steps by tier, and how they went over time: as a chart, and as a table. */
export function TierDistributionChart(props: { data: TierDistributionOut; bucket: Bucket; actions: ReactNode }): ReactNode {
  const { data, bucket, actions } = props;
  const [shown, setShown] = useState('count');
  const columns = (data.buckets ?? []).map((each) => columnOf(each, bucket));
  return (
    <Card title={analytics.distribution} actions={actions}>
      <Stack>
        <Text size="sm" c="dimmed">
          {analytics.distributionHint(data.total_steps, data.total_executions)}
        </Text>
        <TierTable data={data} />
        <SegmentedControl
          aria-label={analytics.overTime}
          value={shown}
          onChange={setShown}
          w="fit-content"
          data={[
            { value: 'count', label: analytics.steps },
            { value: 'share', label: analytics.share },
          ]}
        />
        <Suspense fallback={<Skeleton height={240} />}>
          <TierBarsOverTime columns={columns} share={shown === 'share'} />
        </Suspense>
        <OverTime columns={columns} />
      </Stack>
    </Card>
  );
}

function columnOf(each: DistributionBucket, bucket: Bucket): TierColumn {
  const label = new Date(each.start).toLocaleString('en', {
    month: 'short', day: 'numeric', timeZone: 'UTC', ...(bucket === 'hour' && { hour: '2-digit', minute: '2-digit' }),
  });
  return { label, tier1: each.tier1_success_count, tier2: each.tier2_success_count, tier3: each.tier3_success_count };
}

function TierTable({ data }: { data: TierDistributionOut }): ReactNode {
  const carried = TIERS.reduce((sum, tier) => sum + data[`tier${tier}_success_count`], 0);
  return (
    <ScrollArea viewportProps={{ tabIndex: 0 }}>
      <Table aria-label={analytics.distribution} miw={620}>
        <Table.Thead>
          <Table.Tr>
            {[analytics.tier, analytics.share, analytics.steps, analytics.attempts, analytics.succeeded, analytics.average, analytics.late, analytics.cost].map(
              (head) => (
                <Table.Th key={head}>{head}</Table.Th>
              ),
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {TIERS.map((tier) => (
            <TierRow key={tier} tier={tier} data={data} carried={carried} />
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea>
  );
}

function TierRow({ tier, data, carried }: { tier: Tier; data: TierDistributionOut; carried: number }): ReactNode {
  const steps = data[`tier${tier}_success_count`];
  const attempts = data[`tier${tier}_attempts`];
  const average = data[`tier${tier}_avg_time_ms`];
  const late = data[`tier${tier}_p95_time_ms`];
  return (
    <Table.Tr>
      <Table.Td>
        <TierBadge tier={tier} />
      </Table.Td>
      <Table.Td>{carried === 0 ? analytics.noData : percent((100 * steps) / carried)}</Table.Td>
      <Table.Td>{count(steps)}</Table.Td>
      <Table.Td>{count(attempts)}</Table.Td>
      <Table.Td>{orNoData(data[`tier${tier}_success_rate`], percent)}</Table.Td>
      <Table.Td>{average === null ? analytics.noData : <Duration ms={average} />}</Table.Td>
      <Table.Td>{late === null ? analytics.noData : <Duration ms={late} />}</Table.Td>
      <Table.Td>{attempts === 0 ? analytics.noData : <Money dollars={data[`tier${tier}_cost_usd`]} />}</Table.Td>
    </Table.Tr>
  );
}

function orNoData(value: number | null, words: (value: number) => string): string {
  return value === null ? analytics.noData : words(value);
}

function OverTime({ columns }: { columns: readonly TierColumn[] }): ReactNode {
  return (
    <details>
      <summary>{analytics.overTime}</summary>
      <Table aria-label={analytics.overTime} mt="xs" maw={620}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{analytics.time}</Table.Th>
            {TIERS.map((tier) => (
              <Table.Th key={tier}>
                <TierBadge tier={tier} />
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {columns.map(({ label, tier1, tier2, tier3 }) => (
            <Table.Tr key={label}>
              <Table.Th scope="row">{label}</Table.Th>
              <Table.Td>{count(tier1)}</Table.Td>
              <Table.Td>{count(tier2)}</Table.Td>
              <Table.Td>{count(tier3)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </details>
  );
}
