import { screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import { analytics } from '@/strings/analytics';
import { common } from '@/strings/common';
import { answer, page, refuse, reply, server } from '@/testing/server';
import { type Shown, showFeature } from '@/testing/render';

import { interval } from './asked';
import { analyticsFeature } from './routes';

const AT = '2026-11-27T00:00:00Z';
const tier = (n: number, attempts: number, success: number): object => ({
  [`tier${n}_attempts`]: attempts, [`tier${n}_success_count`]: success,
  [`tier${n}_success_rate`]: attempts ? (100 * success) / attempts : null,
  [`tier${n}_avg_time_ms`]: attempts ? 80 : null, [`tier${n}_p95_time_ms`]: attempts ? 200 : null,
  [`tier${n}_tokens`]: 0, [`tier${n}_cost_usd`]: 0,
});
const FIGURES = {
  total_executions: 4, total_steps: 40, ...tier(1, 40, 30), ...tier(2, 10, 8), ...tier(3, 0, 0), failed_steps: 2, overall_success_rate: 95,
  cache: { hits: 0, misses: 0, invalid: 0, evictions: 0, hit_rate: null },
};
const strategy = (steps: number): object => ({
  total_executions: steps / 10, total_steps: steps, success_count: steps, success_rate: steps ? 100 : null, avg_tier: steps ? 1 : null,
  tier_distribution: { tier1: steps, tier2: 0, tier3: 0 }, avg_time_ms: steps ? 90 : null, tokens: 0, cost_usd: 0, cost_per_step_usd: steps ? 0 : null,
});
const STRATEGIES = { option_a: strategy(40), option_b: strategy(0), option_c: strategy(500), from: null, to: null };
const spent = { runs: 4, tokens: 10, cost_usd: 0.5, known_cost_usd: 0.5, unpriced_runs: 0 };
const COSTS = {
  from: AT, to: AT, total: spent, by_test: [{ ...spent, project_id: 'shop', test_id: 't', test_name: 'Pay' }], by_model: [], by_day: [],
  budgets: [{ project_id: 'shop', month: '2026-11-01', budget_usd: 5, spent_usd: 0.5, remaining_usd: 4.5, unpriced_runs: 0 }],
};

function opened(search = '', figures: object = { ...FIGURES, from: null, to: null, buckets: [{ ...FIGURES, start: AT }] }): Shown {
  server.use(
    answer('get', '/settings/analytics/tier-distribution', figures),
    answer('get', '/settings/analytics/strategy-effectiveness', STRATEGIES),
    answer('get', '/analytics/costs', COSTS),
    answer('get', '/tests', page()),
    answer('get', '/tests/tags', [{ tag: 'smoke', tests: 1 }]),
  );
  return showFeature(analyticsFeature, `/p/shop/analytics${search}`);
}

describe('Analytics', () => {
  it('says "no data" where nothing was tried, and never 0 %', async () => {
    opened();
    const table = within(await screen.findByRole('table', { name: analytics.distribution }));
    expect(table.getAllByText(analytics.noData)).toHaveLength(4);
    expect(within(screen.getByRole('group', { name: analytics.cacheHits })).getByText(analytics.noData)).toBeVisible();
  });

  it('warns by its rules of small samples and of different tests', async () => {
    opened();
    expect(await screen.findByText(analytics.small(common.strategies.option_a, 100))).toBeVisible();
    expect(screen.getByText(analytics.mixed)).toBeVisible();
  });

  it('does not warn of different tests when one is chosen', async () => {
    opened('?test_id=t');
    expect(await screen.findByText(analytics.small(common.strategies.option_a, 100))).toBeVisible();
    expect(screen.queryByText(analytics.mixed)).not.toBeInTheDocument();
  });

  it('keeps filters in the address, asks for them, and exports them', async () => {
    const asked: string[] = [];
    const { user, address } = opened('?from=2026-11-01');
    server.use(reply('get', '/settings/analytics/tier-distribution', (_body, request) => (asked.push(request.url), { ...FIGURES, from: null, to: null })));
    await user.selectOptions(await screen.findByLabelText(analytics.tag), await screen.findByRole('option', { name: 'smoke' }));
    await expect.poll(address).toBe('/p/shop/analytics?from=2026-11-01&tag=smoke');
    await expect.poll(() => asked.at(-1)).toContain('from=2026-11-01&tag=smoke&bucket=day');
    const file = await screen.findByRole('link', { name: analytics.csvOf(analytics.distribution) });
    await expect.poll(() => file.getAttribute('href')).toContain('tag=smoke&format=csv');
    const spent = await screen.findByRole('link', { name: analytics.csvOf(analytics.costs) });
    expect(spent.getAttribute('href')).toMatch(/^\/api\/v1\/analytics\/costs\?project_id=shop&from=.*format=csv$/);
  });

  it('says what to do first where nothing ran', async () => {
    opened('', { ...FIGURES, total_executions: 0, from: null, to: null });
    expect(await screen.findByText(analytics.empty)).toBeVisible();
    expect(screen.getByRole('link', { name: analytics.toTests })).toBeVisible();
  });

  it('says what went wrong', async () => {
    opened();
    server.use(refuse('get', '/settings/analytics/tier-distribution', 500, 'it broke'));
    expect(await screen.findByText('it broke')).toBeVisible();
  });

  it('shows the month against its budget', async () => {
    opened();
    const month = within(await screen.findByRole('group', { name: analytics.budget }));
    expect(month.getByText(/of \$5\.00 a month/)).toBeVisible();
  });
});

describe('interval', () => {
  it('is what Wilson gives, and nothing without a sample', () => {
    expect(interval(0, 0)).toBeNull();
    const [low, high] = interval(95, 100) ?? [0, 0];
    expect(low).toBeCloseTo(88.8, 1);
    expect(high).toBeCloseTo(97.8, 1);
  });
});
