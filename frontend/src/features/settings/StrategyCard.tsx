import { Badge, Group, Radio, Stack, Text } from '@mantine/core';
import { type ReactNode, useId } from 'react';

import type { StrategyOut } from '@/api';
import { TierBars } from '@/components/badges';
import { percent } from '@/components/format';
import { settings } from '@/strings/settings';

import classes from './StrategyCard.module.css';

const words = settings.execution;
const isTier = (tier: number): tier is 1 | 2 | 3 => tier === 1 || tier === 2 || tier === 3;

/** One strategy to choose: its flow, what the design expects of it, and what it did here. */
export function StrategyCard({ strategy, chosen }: { strategy: StrategyOut; chosen: boolean }): ReactNode {
  const about = useId();
  return (
    <Radio.Card value={strategy.id} className={classes.card} data-chosen={chosen} aria-label={strategy.name} aria-describedby={about}>
      <Stack gap="sm" id={about}>
        <Group justify="space-between" gap="xs" wrap="nowrap" mih={24}>
          <Group gap="xs" wrap="nowrap">
            <Radio.Indicator />
            <Text fw={650}>{strategy.name}</Text>
          </Group>
          {strategy.recommended && (
            <Badge variant="light" color="good" size="sm" tt="none" style={{ flexShrink: 0 }}>
              {words.recommended}
            </Badge>
          )}
        </Group>
        <Flow tiers={strategy.tier_flow} />
        <Text size="sm">{strategy.description}</Text>
        <Facts strategy={strategy} />
      </Stack>
    </Radio.Card>
  );
}

function Flow({ tiers }: { tiers: readonly number[] }): ReactNode {
  return (
    <div className={classes.flow}>
      {tiers.filter(isTier).map((tier, place) => (
        <Text key={tier} span size="sm" fw={600} c={`var(--tw-tier-${tier})`} style={{ whiteSpace: 'nowrap' }}>
          {place > 0 && '→ '}
          <TierBars tier={tier} /> {words.tier(tier)}
        </Text>
      ))}
    </div>
  );
}

function Facts({ strategy }: { strategy: StrategyOut }): ReactNode {
  const { measured } = strategy;
  return (
    <dl className={classes.facts}>
      <dt>{words.measured}</dt>
      <dd>
        <b>{measured ? percent(measured.success_rate) : words.notMeasured}</b>{' '}
        <span data-hint>{measured ? words.measuredOn(measured.steps, measured.executions) : words.notMeasuredHint}</span>
      </dd>
      <dt>{words.expected}</dt>
      <dd>
        {strategy.expected_success_rate} <span data-hint>{words.expectedHint}</span>
      </dd>
      <dt>{words.cost}</dt>
      <dd>{words.costs[strategy.cost_profile]}</dd>
      <dt>{words.useCase}</dt>
      <dd>{strategy.use_case}</dd>
    </dl>
  );
}
