import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import { secrets } from '@/strings/secrets';
import { settings } from '@/strings/settings';
import { answer, page, project, refuse, reply, server } from '@/testing/server';
import { type Shown, showFeature } from '@/testing/render';

import { settingsFeature } from './routes';

const AT = '2026-11-27T08:00:00Z';
const SAVED = {
  id: 1, user_id: 'u1', fallback_strategy: 'option_a', tier1_timeout_seconds: 20, tier2_timeout_seconds: 30,
  tier3_timeout_seconds: 40, max_retries_per_tier: 1, track_effectiveness: true, created_at: AT, updated_at: AT,
};
const strategy = (id: string, name: string, measured: object | null = null): object => ({
  id, name, description: 'd', flow: 'f', tier_flow: [1, 2], expected_success_rate: '90-95%', cost_profile: 'medium',
  use_case: 'u', recommended: id === 'option_c', measured,
});
const STRATEGIES = {
  strategies: [
    strategy('option_a', 'Cost-Conscious', { executions: 4, steps: 40, success_rate: 92.5, avg_tier: 1.1, avg_time_ms: 90, cost_per_step_usd: 0 }),
    strategy('option_b', 'AI-First'),
    strategy('option_c', 'Maximum Reliability'),
  ],
};
const words = settings.execution;

function execution(): Shown {
  server.use(answer('get', '/settings/execution', SAVED), answer('get', '/settings/execution/strategies', STRATEGIES));
  return showFeature(settingsFeature, '/p/shop/settings');
}

describe('Settings, execution', () => {
  it('shows what is measured with its sample, and says where nothing is', async () => {
    execution();
    const first = await screen.findByRole('radio', { name: 'Cost-Conscious' });
    expect(first).toBeChecked();
    expect(within(first).getByText('92.5 %')).toBeVisible();
    expect(within(first).getByText('40 steps of 4 runs in your projects')).toBeVisible();
    expect(screen.getAllByText(words.notMeasured)).toHaveLength(2);
  });

  it('saves what was changed', async () => {
    const bodies: unknown[] = [];
    const { user } = execution();
    server.use(reply('put', '/settings/execution', (body) => (bodies.push(body), { ...SAVED, fallback_strategy: 'option_c' })));
    await user.click(await screen.findByRole('radio', { name: 'Maximum Reliability' }));
    expect(screen.getByText(words.unsaved)).toBeVisible();
    await user.click(screen.getByRole('button', { name: words.save }));
    await waitFor(() => expect(screen.getByRole('button', { name: words.save })).toBeDisabled());
    expect(bodies).toEqual([expect.objectContaining({ fallback_strategy: 'option_c', tier1_timeout_seconds: 20 })]);
    expect(screen.getByRole('radio', { name: 'Maximum Reliability' })).toBeChecked();
  });

  it('refuses what is out of range before it asks the server, and undoes', async () => {
    const { user } = execution();
    const field = await screen.findByLabelText(words.timeout(2));
    await user.clear(field);
    await user.type(field, '301');
    await user.click(screen.getByRole('button', { name: words.save }));
    expect(await screen.findByText(words.timeoutWrong)).toBeVisible();
    await user.click(screen.getByRole('button', { name: words.undo }));
    expect(field).toHaveValue('30 s');
  });

  it('puts what the server refuses at its field', async () => {
    const { user } = execution();
    server.use(refuse('put', '/settings/execution', 422, 'not valid', [{ path: 'body.max_retries_per_tier', message: 'too many' }]));
    await user.click(await screen.findByRole('button', { name: words.defaults }));
    await user.click(screen.getByRole('button', { name: words.save }));
    expect(await screen.findByText('too many')).toBeVisible();
  });

  it('says what went wrong', async () => {
    server.use(refuse('get', '/settings/execution', 500, 'it broke'), answer('get', '/settings/execution/strategies', STRATEGIES));
    showFeature(settingsFeature, '/p/shop/settings');
    expect(await screen.findByText('it broke')).toBeVisible();
  });
});

describe('Settings, project', () => {
  const opened = (saved: object): Shown => {
    server.use(answer('get', '/projects/shop/settings', saved), answer('get', '/projects/shop/secrets', { items: [] }));
    return showFeature(settingsFeature, '/p/shop/settings/project');
  };

  it('saves one section, and leaves the others as they are now', async () => {
    const bodies: unknown[] = [];
    const { user } = opened({ model: 'local', heal_policy: 'fail' });
    server.use(reply('put', '/projects/shop/settings', (body) => (bodies.push(body), body as object)));
    const budget = within(await screen.findByRole('form', { name: settings.project.budget }));
    await user.type(budget.getByLabelText(settings.project.budgetLabel), '12.5');
    await user.click(budget.getByRole('button', { name: settings.project.save }));
    await waitFor(() => expect(bodies).toEqual([{ model: 'local', heal_policy: 'fail', budget_usd: 12.5 }]));
  });

  it('names the variable that holds the key, and refuses what is no model', async () => {
    const { user } = opened({});
    const model = await screen.findByRole('textbox', { name: settings.project.modelName });
    await user.type(model, 'openai:gpt-5-mini');
    expect(screen.getByText(settings.project.keyHint('OPENAI_API_KEY'))).toBeVisible();
    await user.clear(model);
    await user.type(model, 'nonsense');
    await user.tab();
    expect(await screen.findByText(settings.project.modelWrong)).toBeVisible();
  });

  it('offers a viewer nothing to change', async () => {
    server.use(answer('get', '/projects', page({ ...project, role: 'viewer' })));
    opened({ budget_usd: 5 });
    expect(await screen.findByText(settings.project.readOnly)).toBeVisible();
    expect(screen.getByLabelText(settings.project.budgetLabel)).toHaveAttribute('readonly');
    expect(screen.queryByRole('button', { name: settings.project.save })).not.toBeInTheDocument();
    expect(screen.queryByRole('button', { name: secrets.keep })).not.toBeInTheDocument();
  });

  it('sets a secret and does not keep its value on the page', async () => {
    const bodies: unknown[] = [];
    const { user } = opened({});
    server.use(reply('put', '/projects/shop/secrets/password', (body) => (bodies.push(body), null)));
    const form = within(await screen.findByRole('form', { name: secrets.keep }));
    await user.type(form.getByLabelText(secrets.name), 'password');
    await user.type(form.getByLabelText(secrets.value), 'hush');
    await user.click(form.getByRole('button', { name: secrets.keep }));
    await waitFor(() => expect(bodies).toEqual([{ value: 'hush' }]));
    await waitFor(() => expect(form.getByLabelText(secrets.value)).toHaveValue(''));
  });
});

describe('Settings, cache', () => {
  it('says "no data" instead of 0, and what to do first', async () => {
    const none = { entries: 0, provisional: 0, hits: 0, misses: 0, invalid: 0, evictions: 0, hit_rate: null };
    server.use(answer('get', '/cache/stats', none), answer('get', '/cache', page()));
    showFeature(settingsFeature, '/p/shop/settings/cache');
    expect(await screen.findByText(settings.cache.noData)).toBeVisible();
    expect(await screen.findByText(settings.cache.empty)).toBeVisible();
    expect(screen.getByRole('button', { name: settings.cache.clear })).toBeDisabled();
  });

  it('clears after asking once more', async () => {
    const some = { entries: 2, provisional: 1, hits: 3, misses: 1, invalid: 0, evictions: 0, hit_rate: 75 };
    server.use(answer('get', '/cache/stats', some), answer('get', '/cache', page()), answer('delete', '/cache', { deleted: 2 }));
    const { user } = showFeature(settingsFeature, '/p/shop/settings/cache');
    expect(await screen.findByText('75 %')).toBeVisible();
    await user.click(screen.getByRole('button', { name: settings.cache.clear }));
    await user.click(within(await screen.findByRole('dialog')).getByRole('button', { name: settings.cache.clear }));
    expect(await screen.findByText(settings.cache.cleared(2))).toBeVisible();
  });
});
