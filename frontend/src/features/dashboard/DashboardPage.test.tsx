import { onlineManager } from '@tanstack/react-query';
import { act, screen, within } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { dashboard } from '@/strings/dashboard';
import { showFeature } from '@/testing/render';
import { answer, refuse, server } from '@/testing/server';

import { dashboardFeature } from './routes';

const part = { from: '2026-10-28T00:00:00Z', to: '2026-11-27T12:00:00Z', sample: 4, link: '/executions' };
const filled = {
  pass_rate: { ...part, pass_rate: 75, days: [{ day: '2026-11-26', runs: 4, passed: 3, pass_rate: 75 }] },
  today: { ...part, sample: 2, by_status: { passed: 1, failed: 1 } },
  tiers: { ...part, sample: 10, tiers: { tier1: 8, tier2: 2, tier3: 0 } },
  heals_waiting: { heals: 3, groundings: 1, link: '/heals' },
  cost: { budgets: [{ project_id: 'shop', month: '2026-11-01', budget_usd: 20, spent_usd: 5, remaining_usd: 15, unpriced_runs: 1 }], link: '/analytics/costs' },
  slowest: { ...part, tests: [{ project_id: 'shop', test_id: 't1', test_name: 'Buy a mug', runs: 4, avg_duration_ms: 2500, link: '/executions' }] },
  flakiest: { ...part, tests: [] },
};
const nothing = {
  ...filled,
  pass_rate: { ...part, sample: 0, pass_rate: null, days: [] },
  today: { ...part, sample: 0, by_status: {} },
  slowest: { ...part, tests: [] },
};

/** The network goes, and is back when what was known is old. */
async function comesBackLater(): Promise<void> {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
  await act(async () => {
    onlineManager.setOnline(false);
    onlineManager.setOnline(true);
    await Promise.resolve();
  });
}

afterEach(() => void vi.useRealTimers());

describe('DashboardPage', () => {
  it('says each figure with its window and sample, and leads to the rows behind it', async () => {
    server.use(answer('get', '/dashboard', filled));
    showFeature(dashboardFeature, '/p/shop/');
    const rate = within(await screen.findByRole('group', { name: dashboard.passRate }));
    expect(rate.getByText('75 %')).toBeVisible();
    expect(rate.getByRole('link', { name: '4 runs' })).toHaveAttribute('href', expect.stringMatching(/^\/p\/shop\/runs\?from=/));
    const heals = within(screen.getByRole('group', { name: dashboard.heals }));
    expect(heals.getByRole('link', { name: dashboard.healsSample(3, 1) })).toHaveAttribute('href', expect.stringContaining('/p/shop/heals?status='));
    const cost = within(screen.getByRole('group', { name: dashboard.cost }));
    expect(cost.getByText('$5.00')).toBeVisible();
    expect(cost.getByText(dashboard.unpriced(1))).toBeVisible();
    expect(screen.getByText('2.5 s')).toBeVisible();
    expect(screen.getByText(dashboard.noFlaky)).toBeVisible();
  });

  it('says what to do first where nothing has run', async () => {
    server.use(answer('get', '/dashboard', nothing));
    showFeature(dashboardFeature, '/p/shop/');
    expect(await screen.findByRole('heading', { name: dashboard.noRunsTitle })).toBeVisible();
    expect(screen.getByRole('link', { name: dashboard.toTests })).toHaveAttribute('href', '/p/shop/tests');
  });

  it('keeps the place of what it said there when the first run comes', async () => {
    server.use(answer('get', '/dashboard', nothing));
    showFeature(dashboardFeature, '/p/shop/');
    await screen.findByRole('heading', { name: dashboard.noRunsTitle });
    server.use(answer('get', '/dashboard', filled));
    await comesBackLater();
    expect(await screen.findByRole('heading', { name: dashboard.firstRunTitle })).toBeVisible();
    expect(screen.getByRole('link', { name: dashboard.toRuns })).toHaveAttribute('href', '/p/shop/runs');
  });

  it('says what went wrong', async () => {
    server.use(refuse('get', '/dashboard', 500, 'this is a bug'));
    showFeature(dashboardFeature, '/p/shop/');
    expect(await screen.findByRole('alert')).toHaveTextContent('this is a bug');
  });
});
