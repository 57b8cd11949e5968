import { screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import type { HealOut } from '@/api';
import { heals } from '@/strings/heals';
import { showFeature } from '@/testing/render';
import { answer, page, project, refuse, reply, server } from '@/testing/server';

import { healsFeature } from './routes';

const AT = '2026-11-27T08:00:00Z';
const heal: HealOut = {
  id: 'h1', project_id: 'shop', kind: 'heal', status: 'proposed', test: 'Buy a book', test_id: 't1', file: 't1', step_index: 0, step_title: 'Press Buy', action: 'click',
  instruction: 'press buy', old_selector: '#buy', new_locator: { selector: '#order', frame: [] }, tier: 2, confidence: 0.91, margin: 0.4, times_seen: 1, last_run_id: 'r1',
  created_at: AT, updated_at: AT, decided_at: null, step_text: 'click', alternatives: [], baseline_key: 'b', baseline_selector: '#buy', candidate_key: 'c',
  baseline: { tag: 'button', id: 'buy' }, candidate: { tag: 'button', id: 'order', name: 'Order' }, crop: null, baseline_crop: null,
  evidence: { candidates: [], reasons: ['the same role'], source: 'local', forced: false },
  sharing: [{ id: 'h2', status: 'proposed', test: 'Buy two', step_index: 1, step_title: 'Press Buy', same_element: true }],
};

function opened(shown: HealOut = heal): ReturnType<typeof showFeature> {
  server.use(answer('get', '/heals', page(heal, { ...heal, id: 'h2' })), answer('get', '/heals/:id', shown));
  return showFeature(healsFeature, '/p/shop/heals/h1');
}

describe('a heal', () => {
  it('shows both elements, what changed, and what a decision does', async () => {
    opened();
    expect(await screen.findByRole('group', { name: heals.was })).toHaveTextContent('#buy');
    expect(screen.getByRole('group', { name: heals.is })).toHaveTextContent('#order');
    const changed = screen.getByRole('row', { name: /id \(changed\)/ });
    expect(within(changed).getByText('order')).toBeVisible();
    expect(screen.getByText(heals.approveDoes('Buy a book', '#order'))).toBeVisible();
  });

  it('is approved by a key, with those of the same element where asked, and the next one is shown', async () => {
    const bodies: unknown[] = [];
    const { user, address } = opened();
    server.use(reply('post', '/heals/h1/approve', (body) => (bodies.push(body), { heal: { ...heal, status: 'approved' }, also: ['h2'], undecided: [] })));
    await user.click(await screen.findByRole('checkbox', { name: heals.bulk(1) }));
    await waitFor(() => expect(screen.getByRole('button', { name: /Next/ })).toBeEnabled());
    await user.keyboard('a');
    await expect.poll(() => bodies).toEqual([{ also_sharing: true }]);
    await expect.poll(address).toContain('/heals/h2');
  });

  it('tells of a decision that somebody else made meanwhile', async () => {
    const { user } = opened();
    server.use(refuse('post', '/heals/h1/reject', 409, 'heal h1 was approved'));
    await user.click(await screen.findByRole('button', { name: /Reject/ }));
    expect(await screen.findByText(/Somebody else decided meanwhile/)).toBeVisible();
  });

  it('offers no decision where there is one, nor to a viewer', async () => {
    server.use(answer('get', '/projects', page({ ...project, role: 'viewer' })));
    opened();
    await screen.findByRole('group', { name: heals.was });
    expect(screen.queryByRole('button', { name: /Approve/ })).toBeNull();
  });

  it('says that it is decided already', async () => {
    opened({ ...heal, status: 'rejected' });
    expect(await screen.findByText(heals.already('rejected'))).toBeVisible();
    expect(screen.queryByRole('button', { name: /Approve/ })).toBeNull();
  });
});

describe('the queue', () => {
  it('lists what waits, and first finds apart', async () => {
    const asked: string[] = [];
    server.use(reply('get', '/heals', (_, request) => (asked.push(new URL(request.url).search), page())));
    const { user } = showFeature(healsFeature, '/p/shop/heals');
    expect(await screen.findByText(heals.emptyTitle.heal)).toBeVisible();
    expect(asked[0]).toContain('status=proposed');
    await user.click(screen.getByRole('radio', { name: heals.kinds.grounding }));
    expect(await screen.findByText(heals.emptyTitle.grounding)).toBeVisible();
  });

  it('says what went wrong', async () => {
    server.use(refuse('get', '/heals', 500, 'the database is away'));
    showFeature(healsFeature, '/p/shop/heals');
    expect(await screen.findByText('the database is away')).toBeVisible();
  });
});
