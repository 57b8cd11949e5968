import { Group, Progress, Text } from '@mantine/core';
import type { ReactNode } from 'react';

import type { DashboardOut, PassRateDay } from '@/api';
import { StatusBadge, TierBadge } from '@/components/badges';
import { Figure, Money } from '@/components/figures';
import { count, day, money, percent } from '@/components/format';
import { paths } from '@/routing/paths';
import { dashboard } from '@/strings/dashboard';

import classes from './parts.module.css';
import { windowOf } from './window';

/** How many runs passed, and how that went from day to day. */
export function PassRateFigure({ part, project }: { part: DashboardOut['pass_rate']; project: string }): ReactNode {
  return (
    <Figure
      label={dashboard.passRate}
      value={percent(part.pass_rate)}
      window={windowOf(part)}
      sample={dashboard.runs(part.sample)}
      rows={paths.runs(project, { from: part.from, to: part.to })}
    >
      <PassRateDays days={part.days} />
    </Figure>
  );
}

function PassRateDays({ days }: { days: readonly PassRateDay[] }): ReactNode {
  return (
    <ul className={classes.days} aria-label={dashboard.passRateOver}>
      {days.map(({ day: date, pass_rate: rate, runs }) => {
        const words = dashboard.passDay(day(new Date(`${date}T00:00:00`)), percent(rate), runs);
        return (
          <li key={date} className={classes.day} title={words}>
            <span className={classes.passed} style={{ clipPath: `inset(${100 - (rate ?? 0)}% 0 0)` }} />
            <span className={classes.unseen}>{words}</span>
          </li>
        );
      })}
    </ul>
  );
}

/** What a run may be: each has its place, so that nothing moves when the first of a kind comes or the last one goes. */
const STATUSES = ['queued', 'running', 'passed', 'passed_healed', 'flaky', 'failed', 'error', 'cancelled'] as const;

/** The runs of today, by how they stand. */
export function TodayFigure({ part, project }: { part: DashboardOut['today']; project: string }): ReactNode {
  return (
    <Figure
      label={dashboard.today}
      value={count(part.sample)}
      window={dashboard.todayWindow}
      sample={dashboard.runs(part.sample)}
      rows={paths.runs(project, { from: part.from, to: part.to })}
    >
      <ul className={classes.statuses}>
        {STATUSES.map((status) => (
          <li key={status}>
            <StatusBadge status={status} />{' '}
            <Text span size="sm" c={part.by_status[status] ? undefined : 'dimmed'}>
              {count(part.by_status[status] ?? 0)}
            </Text>
          </li>
        ))}
      </ul>
    </Figure>
  );
}

/** Which tiers carried the steps. */
export function TierFigure({ part, project }: { part: DashboardOut['tiers']; project: string }): ReactNode {
  const { tier1, tier2, tier3 } = part.tiers;
  const total = tier1 + tier2 + tier3;
  const tiers = [
    [1, tier1],
    [2, tier2],
    [3, tier3],
  ] as const;
  return (
    <Figure
      label={dashboard.tiers}
      value={dashboard.steps(total)}
      window={windowOf(part)}
      sample={dashboard.steps(part.sample)}
      rows={paths.analytics(project, { from: part.from, to: part.to })}
    >
      <div className={classes.tiers} aria-hidden="true">
        {tiers.map(([tier, steps]) => steps > 0 && <span key={tier} data-tier={tier} style={{ flexGrow: steps }} />)}
      </div>
      <Group gap="xs">
        {tiers.map(([tier, steps]) => (
          <Group key={tier} gap={4}>
            <TierBadge tier={tier} />
            <Text span size="sm">
              {count(steps)} · {percent(total ? (100 * steps) / total : null)}
            </Text>
          </Group>
        ))}
      </Group>
    </Figure>
  );
}

/** What this month cost, against what it may. */
export function CostFigure({ cost, project }: { cost: DashboardOut['cost']; project: string }): ReactNode {
  const budget = cost.budgets.find(({ project_id: id }) => id === project);
  if (!budget) return null;
  const { budget_usd: limit, spent_usd: spent, unpriced_runs: unpriced } = budget;
  return (
    <Figure
      label={dashboard.cost}
      value={<Money dollars={spent} />}
      window={limit === null ? dashboard.noBudget : dashboard.budget(money(limit))}
      sample={dashboard.costSample}
      rows={paths.analytics(project)}
    >
      {limit !== null && limit > 0 && (
        <Progress value={Math.min(100, (100 * spent) / limit)} color={spent > 0.8 * limit ? 'care' : 'ink'} aria-label={dashboard.cost} />
      )}
      {unpriced > 0 && (
        <Text size="xs" c="dimmed">
          {dashboard.unpriced(unpriced)}
        </Text>
      )}
    </Figure>
  );
}
