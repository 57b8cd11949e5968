import { screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import { account } from '@/strings/account';
import { showFeature } from '@/testing/render';
import { refuse, reply, server } from '@/testing/server';

import { accountFeature } from './routes';

describe('AccountPage', () => {
  it('changes the password and empties the fields', async () => {
    const bodies: unknown[] = [];
    server.use(reply('post', '/auth/password', (body) => (bodies.push(body), null)));
    const { user } = showFeature(accountFeature, '/account');
    await user.type(await screen.findByLabelText(account.oldPassword), 'old words');
    await user.type(screen.getByLabelText(account.newPassword), 'quite new words');
    await user.click(screen.getByRole('button', { name: account.change }));
    await expect.poll(() => bodies).toEqual([{ old_password: 'old words', new_password: 'quite new words' }]);
    await waitFor(() => expect(screen.getByLabelText(account.newPassword)).toHaveValue(''));
  });

  it('says what is missing, and what the server refuses, at its field', async () => {
    server.use(refuse('post', '/auth/password', 422, 'no', [{ path: 'body.new_password', message: 'is too short' }]));
    const { user } = showFeature(accountFeature, '/account');
    await user.type(await screen.findByLabelText(account.oldPassword), 'old words');
    await user.click(screen.getByRole('button', { name: account.change }));
    expect(await screen.findByText(account.required)).toBeVisible();
    await user.type(screen.getByLabelText(account.newPassword), 'new');
    await user.click(screen.getByRole('button', { name: account.change }));
    expect(await screen.findByText('is too short')).toBeVisible();
    expect(screen.getByLabelText(account.newPassword)).toHaveAccessibleDescription(/is too short/);
  });

  it('says a refusal that belongs to no field, such as a wrong password', async () => {
    server.use(refuse('post', '/auth/password', 403, 'the present password is wrong'));
    const { user } = showFeature(accountFeature, '/account');
    await user.type(await screen.findByLabelText(account.oldPassword), 'no');
    await user.type(screen.getByLabelText(account.newPassword), 'quite new words');
    await user.click(screen.getByRole('button', { name: account.change }));
    expect(await screen.findByRole('alert')).toHaveTextContent('the present password is wrong');
  });

  it('ends all sessions after a question', async () => {
    const ended: unknown[] = [];
    server.use(reply('post', '/auth/logout-all', () => (ended.push(1), null)));
    const { user, address } = showFeature(accountFeature, '/account');
    await user.click(await screen.findByRole('button', { name: account.everywhere }));
    await user.click((await screen.findAllByRole('button', { name: account.everywhere })).at(-1) ?? document.body);
    await expect.poll(() => ended.length).toBe(1);
    await expect.poll(address).toBe('/sign-in');
  });
});
