import { screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import { users } from '@/strings/users';
import { showFeature } from '@/testing/render';
import { answer, page, reply, server } from '@/testing/server';

import { usersFeature } from './routes';

const AT = '2026-11-27T08:00:00Z';
const anna = { id: 'u1', username: 'anna', role: 'admin', active: true, created_at: AT, updated_at: AT };
const bob = { ...anna, id: 'u2', username: 'bob', role: 'member' };

describe('UsersPage', () => {
  it('adds a user', async () => {
    const bodies: unknown[] = [];
    server.use(
      answer('get', '/users', page(anna)),
      reply('post', '/users', (body) => (bodies.push(body), bob)),
    );
    const { user } = showFeature(usersFeature, '/users');
    await user.type(await screen.findByLabelText(users.username), 'bob');
    await user.type(screen.getByLabelText(users.password), 'correct horse battery');
    await user.click(screen.getByRole('button', { name: users.add }));
    await expect.poll(() => bodies).toEqual([{ username: 'bob', password: 'correct horse battery', role: 'member' }]);
  });

  it('changes the role of another, and offers nothing about oneself', async () => {
    const bodies: unknown[] = [];
    server.use(
      answer('get', '/users', page(bob, anna)),
      reply('patch', '/users/u2', (body) => (bodies.push(body), bob)),
    );
    const { user } = showFeature(usersFeature, '/users');
    await user.selectOptions(await screen.findByLabelText(users.roleOf('bob')), 'viewer');
    await expect.poll(() => bodies).toEqual([{ role: 'viewer' }]);
    expect(screen.getByLabelText(users.roleOf('anna'))).toBeDisabled();
    expect(screen.getAllByRole('button', { name: users.shutOut })).toHaveLength(1);
  });

  it('sets a forgotten password, and deletes a user after a question', async () => {
    const bodies: unknown[] = [];
    const gone: string[] = [];
    server.use(
      answer('get', '/users', page(bob)),
      reply('patch', '/users/u2', (body) => (bodies.push(body), bob)),
      reply('delete', '/users/u2', (_, { url }) => (gone.push(url), null)),
    );
    const { user } = showFeature(usersFeature, '/users');
    await user.click(await screen.findByRole('button', { name: users.reset }));
    await user.type(await screen.findByLabelText(users.newPassword), 'correct horse battery');
    await user.click(screen.getByRole('button', { name: users.set }));
    await expect.poll(() => bodies).toEqual([{ password: 'correct horse battery' }]);
    await expect.poll(() => screen.queryByText(users.resetHint)).toBeNull();
    await user.click(screen.getByRole('button', { name: users.remove }));
    expect(await screen.findByText(users.removeConsequence)).toBeVisible();
    await user.click(screen.getAllByRole('button', { name: users.remove }).at(-1) ?? document.body);
    await expect.poll(() => gone.length).toBe(1);
  });
});
