import { screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';

import { answer, refuse, reply, server } from '@/testing/server';
import { type Shown, showFeature } from '@/testing/render';
import { session } from '@/strings/session';

import { sessionFeature } from './routes';

const SIGNED_IN = { access_token: 't', token_type: 'bearer', expires_at: '2026-12-01T00:00:00Z' };

function opened(address = '/sign-in', start: object = { has_users: true, demo: null }): Shown {
  server.use(answer('get', '/auth/start', start));
  return showFeature(sessionFeature, address);
}

async function typed({ user }: Shown, username: string, password: string): Promise<void> {
  await user.type(await screen.findByLabelText(session.username), username);
  await user.type(screen.getByLabelText(session.password), password);
  await user.click(screen.getByRole('button', { name: session.submit }));
}

describe('SignInPage', () => {
  it('sends a form and goes where somebody wanted to be', async () => {
    const bodies: unknown[] = [];
    server.use(reply('post', '/auth/login', (body) => (bodies.push(body), SIGNED_IN)));
    const page = opened('/sign-in?next=%2Fp%2Fshop%2Fruns');
    await typed(page, 'anna', 'secret words');
    await expect.poll(page.address).toBe('/p/shop/runs');
    expect(bodies).toEqual(['username=anna&password=secret+words']);
  });

  it('never goes to another site', async () => {
    server.use(answer('post', '/auth/login', SIGNED_IN));
    const page = opened('/sign-in?next=%2F%2Fevil.example');
    await typed(page, 'anna', 'secret words');
    await expect.poll(page.address).toBe('/');
  });

  it('says what is missing before it asks the server', async () => {
    const { user } = opened();
    await user.click(await screen.findByRole('button', { name: session.submit }));
    expect(await screen.findAllByText(session.required)).toHaveLength(2);
  });

  it('says that the password is wrong, and keeps what was typed', async () => {
    server.use(refuse('post', '/auth/login', 401, 'the user name or the password is wrong'));
    await typed(opened(), 'anna', 'wrong');
    expect(await screen.findByRole('alert')).toHaveTextContent('The user name or the password is wrong.');
    expect(screen.getByLabelText(session.username)).toHaveValue('anna');
  });

  it('says how long to wait after too many attempts', async () => {
    server.use(refuse('post', '/auth/login', 429, 'wait 12 seconds'));
    await typed(opened(), 'anna', 'wrong');
    expect(await screen.findByRole('alert')).toHaveTextContent(`${session.tooMany} wait 12 seconds`);
  });

  it('tells how the first user is made where there is none', async () => {
    opened('/sign-in', { has_users: false, demo: null });
    expect(await screen.findByRole('heading', { name: session.noUsersTitle })).toBeVisible();
    expect(screen.getByText(/tierwright user create/)).toBeVisible();
  });

  it('fills in the user of a demo', async () => {
    const { user } = opened('/sign-in', { has_users: true, demo: { username: 'testuser', password: 'pw' } });
    await user.click(await screen.findByRole('button', { name: session.useDemo }));
    expect(screen.getByLabelText(session.username)).toHaveValue('testuser');
  });

  it('says that the server does not answer, and asks again', async () => {
    server.use(refuse('get', '/auth/start', 503, 'the database is away'));
    const { user } = showFeature(sessionFeature, '/sign-in');
    expect(await screen.findByRole('alert')).toHaveTextContent('the database is away');
    server.use(answer('get', '/auth/start', { has_users: true, demo: null }));
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByLabelText(session.username)).toBeVisible();
  });
});
