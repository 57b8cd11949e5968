import { screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import { account } from '@/strings/account';
import { showFeature } from '@/testing/render';
import { answer, page, refuse, reply, server } from '@/testing/server';

import { accountFeature } from './routes';

const token = {
  id: 't1', name: 'CI', prefix: 'twp_abcdef', scopes: ['read', 'run'],
  created_at: '2026-11-27T08:00:00Z', last_used_at: null, expires_at: null, revoked_at: null,
};

describe('TokensPage', () => {
  it('makes a token and shows it this once', async () => {
    const bodies: unknown[] = [];
    server.use(
      answer('get', '/auth/tokens', page()),
      reply('post', '/auth/tokens', (body) => (bodies.push(body), { ...token, token: 'twp_abcdefghi' })),
    );
    const { user } = showFeature(accountFeature, '/account/tokens');
    await user.type(await screen.findByLabelText(account.name), 'CI');
    await user.click(screen.getByRole('button', { name: account.make }));
    expect(await screen.findByText('twp_abcdefghi')).toBeVisible();
    expect(bodies).toEqual([{ name: 'CI', scopes: ['read', 'run'] }]);
  });

  it('revokes one after a question', async () => {
    const revoked: string[] = [];
    server.use(
      answer('get', '/auth/tokens', page(token)),
      reply('delete', '/auth/tokens/:id', (_body, request) => (revoked.push(request.url), null)),
    );
    const { user } = showFeature(accountFeature, '/account/tokens');
    await user.click(await screen.findByRole('button', { name: account.revoke }));
    expect(await screen.findByText(account.revokeConsequence)).toBeVisible();
    await user.click(screen.getAllByRole('button', { name: account.revoke }).at(-1) ?? document.body);
    await expect.poll(() => revoked.length).toBe(1);
    expect(revoked[0]).toMatch(/\/auth\/tokens\/t1$/);
  });

  it('says what to do where there is none, and what is wrong where the list does not come', async () => {
    server.use(answer('get', '/auth/tokens', page()));
    const first = showFeature(accountFeature, '/account/tokens');
    expect(await screen.findByText(account.noTokens)).toBeVisible();
    first.unmount();
    server.use(refuse('get', '/auth/tokens', 500, 'this is a bug'));
    showFeature(accountFeature, '/account/tokens');
    expect(await screen.findByText('this is a bug')).toBeVisible();
  });
});
