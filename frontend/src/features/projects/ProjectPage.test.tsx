import { screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import { projects } from '@/strings/projects';
import { secrets } from '@/strings/secrets';
import { showFeature } from '@/testing/render';
import { answer, page, project, refuse, reply, server } from '@/testing/server';

import { projectsFeature } from './routes';

const member = { user_id: 'u2', username: 'bob', role: 'member', created_at: '2026-11-27T08:00:00Z' };

describe('ProjectPage', () => {
  it('keeps a secret, and shows its name only', async () => {
    const bodies: unknown[] = [];
    server.use(
      answer('get', '/projects/shop/members', page(member)),
      answer('get', '/projects/shop/secrets', { items: [] }),
      reply('put', '/projects/shop/secrets/password', (body) => (bodies.push(body), null)),
    );
    const { user } = showFeature(projectsFeature, '/projects/shop');
    expect(await screen.findByText(secrets.none)).toBeVisible();
    await user.type(screen.getByLabelText(secrets.name), 'password');
    await user.type(screen.getByLabelText(secrets.value), 'hush hush');
    await user.click(screen.getByRole('button', { name: secrets.keep }));
    await expect.poll(() => bodies).toEqual([{ value: 'hush hush' }]);
  });

  it('puts what the server refuses at its field', async () => {
    server.use(
      answer('get', '/projects/shop/members', page(member)),
      answer('get', '/projects/shop/secrets', { items: [] }),
      refuse('post', '/projects/shop/members', 422, 'no', [{ path: 'body.username', message: 'there is no such user' }]),
    );
    const { user } = showFeature(projectsFeature, '/projects/shop');
    await user.type(await screen.findByLabelText(projects.username), 'nobody');
    await user.click(screen.getByRole('button', { name: projects.take }));
    expect(await screen.findByText('there is no such user')).toBeVisible();
    expect(screen.getByLabelText(projects.username)).toBeInvalid();
  });

  it('offers a viewer nothing to change', async () => {
    server.use(
      answer('get', '/projects', page({ ...project, role: 'viewer' })),
      answer('get', '/projects/shop/members', page(member)),
      answer('get', '/projects/shop/secrets', { items: [{ name: 'password', updated_at: member.created_at }] }),
    );
    showFeature(projectsFeature, '/projects/shop');
    expect(await screen.findByText('bob')).toBeVisible();
    expect(await screen.findByText('password')).toBeVisible();
    expect(screen.queryByRole('button', { name: projects.remove })).toBeNull();
    expect(screen.queryByRole('button', { name: secrets.keep })).toBeNull();
  });

  it('says that there is nothing at the address of a project one cannot see', async () => {
    showFeature(projectsFeature, '/projects/other');
    expect(await screen.findByRole('heading', { level: 1, name: 'There is nothing here' })).toBeVisible();
  });

  it('is renamed, and deleted after a question', async () => {
    const bodies: unknown[] = [];
    const gone: string[] = [];
    server.use(
      answer('get', '/projects/shop/members', page(member)),
      answer('get', '/projects/shop/secrets', { items: [] }),
      reply('patch', '/projects/shop', (body) => (bodies.push(body), project)),
      reply('delete', '/projects/shop', (_, { url }) => (gone.push(url), null)),
    );
    const { user, address } = showFeature(projectsFeature, '/projects/shop');
    await user.type(await screen.findByLabelText(projects.name), '2');
    await user.click(screen.getByRole('button', { name: projects.rename }));
    await expect.poll(() => bodies).toEqual([{ name: 'Shop2' }]);
    await user.click(screen.getByRole('button', { name: projects.delete }));
    expect(await screen.findByText(projects.deleteConsequence)).toBeVisible();
    await user.click(screen.getAllByRole('button', { name: projects.delete }).at(-1) ?? document.body);
    await expect.poll(() => gone.length).toBe(1);
    await expect.poll(address).toBe('/projects');
  });
});
