import { screen, waitFor } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { ScheduleOut } from '@/api';
import { schedules } from '@/strings/schedules';
import { type Shown, showFeature } from '@/testing/render';
import { answer, page, project, refuse, reply, server } from '@/testing/server';

import { schedulesFeature } from './routes';
import { toChange, valuesOf } from './values';

const AT = '2026-11-27T08:00:00Z';
const schedule: ScheduleOut = {
  id: 'c1', project_id: 'shop', user_id: 'u1', name: 'Every morning', cron: '30 6 * * MON-FRI', time_zone: 'Europe/Berlin', suite_id: 's1', test_ids: [], overrides: {},
  overlap: 'skip', active: true, next_run_at: '2026-11-30T05:30:00Z', last_run_at: AT, last_error: null, next_runs: ['2026-11-30T05:30:00Z'], created_at: AT, updated_at: AT,
};
const WORDS = /At 06:30, Monday through Friday/;

const asViewer = (): void => server.use(answer('get', '/projects', page({ ...project, role: 'viewer' })));

beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600);
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(900);
  server.use(
    answer('get', '/suites', page({ id: 's1', name: 'Nightly' })),
    answer('get', '/schedules/times', { next_runs: ['2026-11-30T05:30:00Z'] }),
    answer('get', '/schedules/c1', schedule),
  );
});

describe('the list of schedules', () => {
  it('says its times in words, what it runs, and why it started nothing', async () => {
    server.use(answer('get', '/schedules', page({ ...schedule, last_error: 'none of its tests is there any more' })));
    showFeature(schedulesFeature, '/p/shop/schedules');
    expect(await screen.findByRole('link', { name: 'Every morning' })).toHaveAttribute('href', '/p/shop/schedules/c1');
    expect(await screen.findByText(WORDS)).toBeVisible();
    expect(await screen.findByRole('link', { name: 'Nightly' })).toBeVisible();
    expect(screen.getByText(schedules.failedShort)).toHaveAttribute('title', 'none of its tests is there any more');
  });

  it('switches one off', async () => {
    const bodies: unknown[] = [];
    server.use(answer('get', '/schedules', page(schedule)), reply('patch', '/schedules/c1', (body) => (bodies.push(body), { ...schedule, active: false })));
    const { user } = showFeature(schedulesFeature, '/p/shop/schedules');
    await user.click(await screen.findByRole('switch', { name: schedules.onOf('Every morning') }));
    await expect.poll(() => bodies).toEqual([{ active: false }]);
    expect(await screen.findByText(schedules.switchedOff('Every morning'))).toBeVisible();
  });

  it('says what to do first, and offers a viewer nothing', async () => {
    server.use(answer('get', '/schedules', page()));
    const first = showFeature(schedulesFeature, '/p/shop/schedules');
    expect(await screen.findByText(schedules.empty)).toBeVisible();
    first.unmount();
    asViewer();
    server.use(answer('get', '/schedules', page(schedule)));
    showFeature(schedulesFeature, '/p/shop/schedules');
    expect(await screen.findByRole('switch')).toBeDisabled();
    expect(screen.queryByRole('link', { name: schedules.new })).toBeNull();
  });

  it('says what went wrong', async () => {
    server.use(refuse('get', '/schedules', 500, 'the database is away'));
    showFeature(schedulesFeature, '/p/shop/schedules');
    expect(await screen.findByText('the database is away')).toBeVisible();
  });
});

describe('a new schedule', () => {
  it('is of the suite that the address names, shows when it would run, and is made', async () => {
    const bodies: unknown[] = [];
    server.use(answer('get', '/schedules', page(schedule)), reply('post', '/schedules', (body) => (bodies.push(body), schedule)));
    const { user, address } = showFeature(schedulesFeature, '/p/shop/schedules/new?suite_id=s1');
    expect(await screen.findByText(WORDS)).toBeVisible();
    expect(await screen.findByText(/Nov 30, 2026/)).toBeVisible();
    await user.type(screen.getByLabelText(schedules.nameField), 'Every morning');
    await user.click(screen.getByRole('button', { name: schedules.make }));
    await expect.poll(address).toBe('/p/shop/schedules');
    expect(bodies).toEqual([expect.objectContaining({ project_id: 'shop', name: 'Every morning', cron: '30 6 * * MON-FRI', suite_id: 's1', overlap: 'skip', active: true })]);
    expect(bodies[0]).not.toHaveProperty('test_ids');
  });

  it('says at the field what is missing, and what the server knows of wrong times', async () => {
    server.use(refuse('get', '/schedules/times', 422, 'no', [{ path: 'query.cron', message: 'a schedule has five fields' }]));
    const { user } = showFeature(schedulesFeature, '/p/shop/schedules/new');
    await user.click(await screen.findByRole('button', { name: schedules.make }));
    expect(await screen.findByText(schedules.required)).toBeVisible();
    expect(screen.getByText(schedules.chooseSuite)).toBeVisible();
    await user.clear(screen.getByLabelText(schedules.cron));
    await user.type(screen.getByLabelText(schedules.cron), 'often');
    expect((await screen.findAllByText('a schedule has five fields')).length).toBeGreaterThan(0);
    expect(screen.getByLabelText(schedules.cron)).toBeInvalid();
  });
});

describe('one schedule', () => {
  const opened = async (): Promise<Shown> => {
    const shown = showFeature(schedulesFeature, '/p/shop/schedules/c1');
    await screen.findByRole('heading', { level: 1, name: 'Every morning' });
    return shown;
  };

  it('is changed: only what is new is sent', async () => {
    const bodies: unknown[] = [];
    server.use(answer('get', '/schedules', page(schedule)), reply('patch', '/schedules/c1', (body) => (bodies.push(body), { ...schedule, overlap: 'queue' })));
    const { user } = await opened();
    expect(screen.getByRole('button', { name: schedules.save })).toBeDisabled();
    await user.click(screen.getByRole('radio', { name: schedules.overlaps.queue[0] }));
    await user.click(screen.getByRole('button', { name: schedules.save }));
    await expect.poll(() => bodies).toEqual([{ overlap: 'queue' }]);
    await waitFor(() => expect(screen.getByRole('button', { name: schedules.save })).toBeDisabled());
  });

  it('says why it started nothing when its time last came', async () => {
    server.use(answer('get', '/schedules/c1', { ...schedule, last_error: 'none of its tests is there any more', overrides: { retries: 1 } }));
    await opened();
    expect(screen.getByText('none of its tests is there any more')).toBeVisible();
    expect(screen.getByText(schedules.overrides)).toBeVisible();
  });

  it('is deleted after a question', async () => {
    const gone: string[] = [];
    server.use(answer('get', '/schedules', page()), reply('delete', '/schedules/c1', (_, { url }) => (gone.push(url), null)));
    const { user, address } = await opened();
    await user.click(screen.getByRole('button', { name: schedules.remove }));
    expect(await screen.findByText(schedules.removeConsequence)).toBeVisible();
    await user.click(screen.getAllByRole('button', { name: schedules.remove }).at(-1) ?? document.body);
    await expect.poll(() => gone.length).toBe(1);
    await expect.poll(address).toBe('/p/shop/schedules');
  });

  it('is only looked at by a viewer', async () => {
    asViewer();
    await opened();
    expect(screen.getByLabelText(schedules.nameField)).toBeDisabled();
    expect(screen.queryByRole('button', { name: schedules.save })).toBeNull();
    expect(screen.queryByRole('button', { name: schedules.remove })).toBeNull();
  });

  it('of a suite becomes one of tests', () => {
    const values = { ...valuesOf(schedule), kind: 'tests' as const, test_ids: ['t1'] };
    expect(toChange(schedule, values)).toEqual({ test_ids: ['t1'] });
  });
});
