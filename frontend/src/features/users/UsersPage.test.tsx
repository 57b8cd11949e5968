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
});
