import { Alert, List, ScrollArea, Stack, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';

import type { StrategyEffectivenessOut, StrategyFiguresOut } from '@/api';
import { TierBadge } from '@/components/badges';
import { Card } from '@/components/Card';
import { Duration, Money } from '@/components/figures';
import { count, percent } from '@/components/format';
import { Icon } from '@/components/Icon';
import { analytics } from '@/strings/analytics';
import { common } from '@/strings/common';

import { interval } from './asked';

const STRATEGIES = ['option_a', 'option_b', 'option_c'] as const;
const TIERS = [1, 2, 3] as const;
const LEAST_STEPS = 100;
const HEADS = [
  analytics.strategy, analytics.successRate, analytics.costPerStep, analytics.timePerStep, analytics.tiersUsed, analytics.sample,
];

/** The three strategies side by side, and what to mind when they are compared. */
export function EffectivenessDashboard(props: { data: StrategyEffectivenessOut; oneTest: boolean; actions: ReactNode }): ReactNode {
  const { data, oneTest, actions } = props;
  const warnings = warningsAbout(data, oneTest);
  return (
    <Card title={analytics.effectiveness} actions={actions}>
      <Stack>
        {warnings.length > 0 && (
          <Alert color="care" icon={<Icon name="warning" />} title={analytics.warnings}>
            <List size="sm">
              {warnings.map((warning) => (
                <List.Item key={warning}>{warning}</List.Item>
              ))}
            </List>
          </Alert>
        )}
        <ScrollArea viewportProps={{ tabIndex: 0 }}>
          <Table aria-label={analytics.effectiveness} miw={720}>
            <Table.Thead>
              <Table.Tr>
                {HEADS.map((head) => (
                  <Table.Th key={head}>{head}</Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {STRATEGIES.map((strategy) => (
                <StrategyRow key={strategy} name={common.strategies[strategy]} figures={data[strategy]} />
              ))}
            </Table.Tbody>
          </Table>
        </ScrollArea>
      </Stack>
    </Card>
  );
}

function warningsAbout(data: StrategyEffectivenessOut, oneTest: boolean): string[] {
  const used = STRATEGIES.filter((strategy) => data[strategy].total_steps > 0);
  const small = used.filter((strategy) => data[strategy].total_steps < LEAST_STEPS);
  const names = small.map((strategy) => common.strategies[strategy]).join(', ');
  return [...(small.length ? [analytics.small(names, LEAST_STEPS)] : []), ...(used.length > 1 && !oneTest ? [analytics.mixed] : [])];
}

function StrategyRow({ name, figures }: { name: string; figures: StrategyFiguresOut }): ReactNode {
  const none = figures.total_steps === 0;
  const range = interval(figures.success_count, figures.total_steps);
  return (
    <Table.Tr>
      <Table.Th scope="row">{name}</Table.Th>
      <Table.Td>
        {none ? analytics.noData : percent(figures.success_rate)}
        {range && (
          <Text size="xs" c="dimmed">
            {analytics.interval(percent(range[0]), percent(range[1]))}
          </Text>
        )}
      </Table.Td>
      <Table.Td>{none ? analytics.noData : <Money dollars={figures.cost_per_step_usd} />}</Table.Td>
      <Table.Td>{figures.avg_time_ms === null ? analytics.noData : <Duration ms={figures.avg_time_ms} />}</Table.Td>
      <Table.Td>
        {none
          ? analytics.noData
          : TIERS.map((tier) => (
              <Text key={tier} span size="sm" mr="sm" style={{ whiteSpace: 'nowrap' }}>
                <TierBadge tier={tier} /> {count(figures.tier_distribution[`tier${tier}`])}
              </Text>
            ))}
      </Table.Td>
      <Table.Td>{analytics.sampleOf(figures.total_steps, figures.total_executions)}</Table.Td>
    </Table.Tr>
  );
}
