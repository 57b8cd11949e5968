import { screen, waitFor, within } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { RunItem, RunOut } from '@/api';
import { common } from '@/strings/common';
import { runs } from '@/strings/runs';
import { type Shown, showFeature } from '@/testing/render';
import { answer, page, project, refuse, reply, server } from '@/testing/server';

import { runsFeature } from './routes';

const AT = '2026-11-27T08:00:00Z';
const item: RunItem = {
  id: 'r1', project_id: 'shop', test_id: 't1', test_name: 'Buy a book', test_version: 1, example: null, status: 'failed', strategy: 'option_c', model: 'local',
  priority: 0, group_id: 'g1', suite_id: null, schedule_id: null, user_id: 'u1', worker: null, queued_at: AT, started_at: AT, finished_at: AT, duration_ms: 1200,
  tokens: 0, cost_usd: 0, error_kind: 'not_found', error_message: 'no #buy', cancel_requested_at: null, green: false,
};
const step: RunOut['steps'][number] = {
  try_ordinal: 1, step_index: 0, action: 'click', title: 'Press Buy', instruction: 'Press Buy', selector: '#buy', status: 'failed', tier: null, actuator: null,
  duration_ms: 900, locator: null, xpath: null, cache: 'none', confidence: null, margin: null, tokens: 0, cost_usd: 0, error_kind: 'not_found', error_message: 'no #buy',
  heal_id: null, warnings: [],
  attempts: [
    {
      tier: 2, ordinal: 1, success: false, execution_time_ms: 40, tokens_used: 7, cost_usd: null, cache: 'miss', locator: null, error_kind: 'ambiguous', error_message: 'two fit',
      evidence: { candidates: [{ locator: '#order', role: 'button', name: 'Order', score: 0.51 }], reasons: ['the same role'], source: 'local', forced: false },
    },
  ],
};
const run: RunOut = {
  ...item, tags: [], crashes: 0, settings: {}, overrides: {}, steps: [step], artifacts: [], feedback: [],
  tries: [{ ordinal: 1, status: 'failed', started_at: AT, duration_ms: 1200, error_kind: null, error_message: null }],
};

function opened(address: string): Shown {
  return showFeature(runsFeature, address);
}

const asViewer = (): void => server.use(answer('get', '/projects', page({ ...project, role: 'viewer' })));

describe('the list of runs', () => {
  beforeEach(() => {
    const named = (id: string, name: string) => ({ id, name });
    server.use(answer('get', '/tests', page(named('t1', 'Buy a book'))), answer('get', '/suites', page(named('s1', 'Nightly'))));
    vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600);
    vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(900);
  });

  it('says what to do first', async () => {
    server.use(answer('get', '/executions', page()));
    opened('/p/shop/runs');
    expect(await screen.findByText(runs.emptyTitle)).toBeVisible();
    expect(screen.getByRole('link', { name: runs.openTests })).toHaveAttribute('href', '/p/shop/tests');
  });

  it('asks for the runs of a test and of a suite that are picked', async () => {
    const asked: string[] = [];
    server.use(
      reply('get', '/executions', (_, request) => (asked.push(new URL(request.url).search), page())),
      answer('get', '/tests/t1', { id: 't1', name: 'Buy a book' }),
      answer('get', '/suites/s1', { id: 's1', name: 'Nightly' }),
    );
    const { user, address } = opened('/p/shop/runs');
    await user.click(await screen.findByRole('combobox', { name: runs.test }));
    await user.click(await screen.findByRole('option', { name: 'Buy a book' }));
    await user.click(await screen.findByRole('combobox', { name: runs.suite }));
    await user.click(await screen.findByRole('option', { name: 'Nightly' }));
    await waitFor(() => expect(address()).toContain('suite_id=s1'));
    await waitFor(() => expect(asked.at(-1)).toContain('test_id=t1'));
    expect(asked.at(-1)).toContain('suite_id=s1');
  });

  it('asks with the filters of the address, and takes them out again', async () => {
    const asked: string[] = [];
    server.use(reply('get', '/executions', (_, request) => (asked.push(new URL(request.url).search), page())));
    const { user, address } = opened('/p/shop/runs?status=failed&tag=smoke&from=nonsense');
    await screen.findByText(runs.nothingTitle);
    expect(asked[0]).toContain('status=failed');
    expect(asked[0]).toContain('tag=smoke');
    expect(asked[0]).not.toContain('from=');
    const [clear] = screen.getAllByRole('button', { name: runs.clear });
    if (clear) await user.click(clear);
    await expect.poll(address).toBe('/p/shop/runs');
  });

  it('runs what is selected again', async () => {
    const again: string[] = [];
    server.use(answer('get', '/executions', page(item)), reply('post', '/executions/:id/rerun', (_, request) => (again.push(request.url), { group_id: 'g', runs: [] })));
    const { user } = opened('/p/shop/runs');
    expect(await screen.findByRole('link', { name: 'Buy a book' })).toHaveAttribute('href', '/p/shop/runs/r1');
    await user.click(screen.getByRole('checkbox', { name: runs.selectOne('Buy a book') }));
    await user.click(screen.getByRole('button', { name: runs.again }));
    await expect.poll(() => again.length).toBe(1);
  });

  it('offers a viewer nothing that changes', async () => {
    asViewer();
    server.use(answer('get', '/executions', page(item)));
    opened('/p/shop/runs');
    await screen.findByRole('link', { name: 'Buy a book' });
    expect(screen.getByRole('cell', { name: common.strategies.option_c })).toBeVisible();
    expect(screen.queryByRole('checkbox')).toBeNull();
    expect(screen.queryByRole('button', { name: runs.again })).toBeNull();
  });

  it('says what went wrong', async () => {
    server.use(refuse('get', '/executions', 500, 'the database is away'));
    opened('/p/shop/runs');
    expect(await screen.findByText('the database is away')).toBeVisible();
  });
});

describe('one run', () => {
  it('says its error in words, and shows why each tier did not find the element', async () => {
    server.use(answer('get', '/executions/:id', run));
    opened('/p/shop/runs/r1');
    const steps = await screen.findByRole('list', { name: runs.steps });
    expect(screen.getByText(common.strategies.option_c)).toBeVisible();
    expect(screen.getAllByText('The element is not on the page.').length).toBeGreaterThan(0);
    expect(within(steps).getByText(/button “Order”/)).toBeVisible();
    expect(within(steps).getByText('0.51')).toBeVisible();
    expect(within(steps).getByText('the same role')).toBeVisible();
    expect(within(steps).getByText(/7 tokens/)).toHaveTextContent('unknown');
  });

  it('keeps every try as a tab', async () => {
    const tries = [...run.tries, { ...run.tries[0], ordinal: 2, status: 'passed' }];
    server.use(answer('get', '/executions/:id', { ...run, tries }));
    const { user } = opened('/p/shop/runs/r1');
    await user.click(await screen.findByRole('tab', { name: /Try 1/ }));
    expect(screen.getByRole('list', { name: runs.steps })).toBeVisible();
  });

  it('takes a mark of a step', async () => {
    const bodies: unknown[] = [];
    server.use(answer('get', '/executions/:id', run), reply('post', '/executions/:id/feedback', (body) => (bodies.push(body), { id: 1, step_index: 0, kind: 'flaky', note: '', heal_id: null, created_at: AT })));
    const { user } = opened('/p/shop/runs/r1');
    await user.click(await screen.findByRole('button', { name: runs.mark }));
    await user.click(await screen.findByRole('radio', { name: runs.marks.flaky }));
    await user.click(screen.getByRole('button', { name: runs.save }));
    await expect.poll(() => bodies).toEqual([{ step_index: 0, kind: 'flaky', note: '' }]);
  });

  it('shows what people said of a step', async () => {
    const feedback = [{ id: 1, step_index: 0, kind: 'flaky', note: 'only on Mondays', username: 'bob', created_at: AT }];
    server.use(answer('get', '/executions/:id', { ...run, feedback }));
    opened('/p/shop/runs/r1');
    const marks = await screen.findByRole('list', { name: runs.marksGiven });
    expect(marks).toHaveTextContent(`${runs.marks.flaky}: only on Mondays bob`);
  });

  it('draws a line around the element in the picture of its step, and in no other picture', async () => {
    const artifacts = [
      { id: 1, try_ordinal: 1, step_index: 0, name: 'step-01-failed.png', content_type: 'image/png', kind: 'page', created_at: AT },
      { id: 2, try_ordinal: 1, step_index: 0, name: 'cart.png', content_type: 'image/png', kind: 'file', created_at: AT },
    ];
    const attempts = (step.attempts ?? []).map((attempt) => ({ ...attempt, box: { x: 10, y: 20, width: 30, height: 40 } }));
    server.use(answer('get', '/executions/:id', { ...run, artifacts, steps: [{ ...step, attempts }] }));
    opened('/p/shop/runs/r1');
    expect(await screen.findAllByRole('img', { name: runs.picture('Press Buy') })).toHaveLength(2);
    const lines = screen.getByRole('img', { name: runs.boxed('Press Buy') });
    expect(lines.querySelector('rect')).toHaveAttribute('x', '7');
  });

  it('shows a healed element before and now', async () => {
    const healed = { ...step, status: 'healed', heal_id: 'h1', error_kind: null };
    const heal = { crop: '/api/v1/heals/h1/crop', baseline_crop: null, old_selector: '#buy', new_locator: { selector: '#order', frame: [] } };
    server.use(answer('get', '/executions/:id', { ...run, steps: [healed] }), answer('get', '/heals/h1', heal));
    const { user } = opened('/p/shop/runs/r1');
    await user.click(await screen.findByText('Press Buy'));
    const both = await screen.findByRole('group', { name: runs.healed });
    expect(within(both).getByText('#buy')).toBeVisible();
    expect(within(both).getByText(runs.noBefore)).toBeVisible();
    expect(within(both).getByRole('img', { name: runs.afterPicture })).toHaveAttribute('src', heal.crop);
  });

  it('offers a viewer nothing that changes', async () => {
    asViewer();
    server.use(answer('get', '/executions/:id', run));
    opened('/p/shop/runs/r1');
    await screen.findByRole('list', { name: runs.steps });
    expect(screen.queryByRole('button', { name: runs.mark })).toBeNull();
    expect(screen.queryByRole('button', { name: runs.again })).toBeNull();
  });

  it('says that there is no such run', async () => {
    server.use(refuse('get', '/executions/:id', 404, 'there is no such run'));
    opened('/p/shop/runs/r9');
    expect(await screen.findByText('There is nothing here')).toBeVisible();
  });
});
