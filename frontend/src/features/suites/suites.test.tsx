import { fireEvent, screen, within } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { SuiteOut } from '@/api';
import { pickers } from '@/strings/pickers';
import { suites } from '@/strings/suites';
import { type Shown, showFeature } from '@/testing/render';
import { answer, page, project, refuse, reply, server } from '@/testing/server';

import { withMoved } from './order';
import { suitesFeature } from './routes';

const AT = '2026-11-27T08:00:00Z';
const test = (id: string) => ({ id, name: `Test ${id}`, version: 1, tags: ['smoke'] });
const suite: SuiteOut = {
  id: 's1', project_id: 'shop', name: 'Nightly', description: 'All of it', test_count: 3, created_at: AT, updated_at: AT,
  last_run: { group_id: 'g1', queued_at: AT, statuses: { passed: 2, failed: 1 } }, tests: [test('a'), test('b'), test('c')],
};

const asViewer = (): void => server.use(answer('get', '/projects', page({ ...project, role: 'viewer' })));
const names = (): (string | null)[] => within(screen.getByRole('list', { name: suites.order })).getAllByRole('link').map((link) => link.textContent);

describe('the list of suites', () => {
  beforeEach(() => {
    vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600);
    vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(900);
  });

  it('shows how each went last, and leads to those runs', async () => {
    server.use(answer('get', '/suites', page(suite)));
    showFeature(suitesFeature, '/p/shop/suites');
    expect(await screen.findByRole('link', { name: 'Nightly' })).toHaveAttribute('href', '/p/shop/suites/s1');
    expect(screen.getByRole('link', { name: /1 Failed/ })).toHaveAttribute('href', '/p/shop/runs?group_id=g1&status=failed');
  });

  it('makes one and opens it', async () => {
    const bodies: unknown[] = [];
    server.use(answer('get', '/suites', page()), reply('post', '/suites', (body) => (bodies.push(body), suite)), answer('get', '/suites/s1', suite), answer('get', '/tests', page()));
    const { user, address } = showFeature(suitesFeature, '/p/shop/suites');
    expect(await screen.findByText(suites.emptyTitle)).toBeVisible();
    await user.type(screen.getByLabelText(suites.newName), 'Nightly');
    await user.click(screen.getByRole('button', { name: suites.make }));
    await expect.poll(address).toBe('/p/shop/suites/s1');
    expect(bodies).toEqual([{ project_id: 'shop', name: 'Nightly' }]);
  });

  it('offers a viewer nothing to make, and says what went wrong', async () => {
    asViewer();
    server.use(refuse('get', '/suites', 500, 'the database is away'));
    showFeature(suitesFeature, '/p/shop/suites');
    expect(await screen.findByText('the database is away')).toBeVisible();
    expect(screen.queryByLabelText(suites.newName)).toBeNull();
  });
});

describe('one suite', () => {
  let kept: SuiteOut;
  const moves: unknown[] = [];
  const opened = async (): Promise<Shown> => {
    kept = suite;
    moves.length = 0;
    server.use(
      reply('get', '/suites/s1', () => kept),
      answer('get', '/suites', page(suite)),
      answer('get', '/tests', page({ ...test('d'), updated_at: AT }, { ...test('a'), updated_at: AT })),
      reply('post', '/suites/s1/tests/:test/move', (body, request) => {
        const id = request.url.split('/').at(-2);
        const { position } = body as { position: number };
        moves.push([id, position]);
        kept = { ...kept, tests: withMoved(kept.tests, kept.tests.findIndex((one) => one.id === id), position) };
        return kept;
      }),
    );
    const shown = showFeature(suitesFeature, '/p/shop/suites/s1');
    await screen.findByRole('heading', { level: 1, name: 'Nightly' });
    return shown;
  };

  it('moves a test by keyboard, and says where it stands', async () => {
    const { user } = await opened();
    screen.getByRole('button', { name: suites.down('Test a') }).focus();
    await user.keyboard('{Alt>}{ArrowDown}{ArrowDown}{ArrowDown}{/Alt}');
    await expect.poll(names).toEqual(['Test b', 'Test c', 'Test a']);
    expect(await screen.findByText(suites.moved('Test a', 3, 3))).toBeVisible();
    await expect.poll(() => moves).toEqual([['a', 1], ['a', 2]]);
    expect(screen.getByRole('button', { name: suites.down('Test a') })).toHaveFocus();
  });

  it('moves a test by dragging it onto another', async () => {
    await opened();
    const [first, , third] = within(screen.getByRole('list', { name: suites.order })).getAllByRole('listitem');
    const dataTransfer = { setData: () => undefined };
    if (first && third) {
      fireEvent.dragStart(first, { dataTransfer });
      fireEvent.dragOver(third, { dataTransfer });
      fireEvent.drop(third, { dataTransfer });
    }
    await expect.poll(names).toEqual(['Test b', 'Test c', 'Test a']);
    await expect.poll(() => moves).toEqual([['a', 2]]);
  });

  it('puts the order back when the server refuses it', async () => {
    const { user } = await opened();
    server.use(refuse('post', '/suites/s1/tests/:test/move', 409, 'somebody else was faster'));
    await user.click(screen.getByRole('button', { name: suites.up('Test c') }));
    expect(await screen.findByText('somebody else was faster')).toBeVisible();
    await expect.poll(names).toEqual(['Test a', 'Test b', 'Test c']);
  });

  it('adds tests that are not in it yet, and takes one out', async () => {
    const added: unknown[] = [];
    const { user } = await opened();
    server.use(
      reply('post', '/suites/s1/tests', (body) => (added.push(body), { ...suite, tests: [...suite.tests, test('d')] })),
      reply('delete', '/suites/s1/tests/a', () => ({ ...suite, tests: suite.tests.slice(1) })),
    );
    await user.click(screen.getByPlaceholderText(pickers.search));
    await user.click(await screen.findByRole('option', { name: 'Test d' }));
    expect(screen.queryByRole('option', { name: 'Test a' })).toBeNull();
    await user.click(screen.getByRole('button', { name: suites.add }));
    await expect.poll(() => added).toEqual([{ test_ids: ['d'] }]);
    await user.click(screen.getByRole('button', { name: suites.take('Test a') }));
    await expect.poll(names).toEqual(['Test b', 'Test c']);
  });

  it('runs, and shows the runs that were started', async () => {
    const bodies: unknown[] = [];
    server.use(reply('post', '/executions', (body) => (bodies.push(body), { group_id: 'g2', runs: [] })));
    const { user, address } = await opened();
    await user.click(screen.getByRole('button', { name: suites.run }));
    await expect.poll(address).toBe('/p/shop/runs?group_id=g2');
    expect(bodies).toEqual([{ suite_id: 's1' }]);
  });

  it('is deleted after a question, and a taken name is said at its field', async () => {
    const gone: string[] = [];
    server.use(
      refuse('patch', '/suites/s1', 409, 'the name is taken'),
      reply('delete', '/suites/s1', (_, { url }) => (gone.push(url), null)),
    );
    const { user, address } = await opened();
    await user.type(screen.getByLabelText(suites.name), ' 2');
    await user.click(screen.getByRole('button', { name: suites.save }));
    expect(await screen.findByText('the name is taken')).toBeVisible();
    await user.type(screen.getByLabelText(suites.name), '{Backspace}{Backspace}');
    await user.click(screen.getByRole('button', { name: suites.remove }));
    expect(await screen.findByText(suites.removeConsequence)).toBeVisible();
    await user.click(screen.getAllByRole('button', { name: suites.remove }).at(-1) ?? document.body);
    await expect.poll(() => gone.length).toBe(1);
    await expect.poll(address).toBe('/p/shop/suites');
  });

  it('offers a viewer nothing to change', async () => {
    asViewer();
    await opened();
    expect(names()).toHaveLength(3);
    for (const name of [suites.run, suites.remove, suites.up('Test b'), suites.add]) expect(screen.queryByRole('button', { name })).toBeNull();
  });

  it('says that there is no such suite', async () => {
    server.use(refuse('get', '/suites/s9', 404, 'there is no such suite'));
    showFeature(suitesFeature, '/p/shop/suites/s9');
    expect(await screen.findByText('There is nothing here')).toBeVisible();
  });
});
