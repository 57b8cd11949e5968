import { screen, waitFor } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { TestItem, TestOut, TestStep } from '@/api';
import { tests } from '@/strings/tests';
import { type Shown, showFeature } from '@/testing/render';
import { answer, page, project, refuse, reply, server } from '@/testing/server';

import { testsFeature } from './routes';

const AT = '2026-11-27T08:00:00Z';
const item: TestItem = {
  id: 't1', project_id: 'shop', name: 'Buy a book', tags: ['smoke'], version: 3, created_at: AT, updated_at: AT,
  last_run: { id: 'r1', status: 'failed', queued_at: AT, finished_at: AT, duration_ms: 900 },
  tier_mix: [{ run_id: 'r1', status: 'failed', tier1: 3, tier2: 1, tier3: 0, failed: 1 }],
};
const compiled: TestStep = {
  title: '', sentence: 'Go to "/"', action: 'navigate', name: null, instruction: '', selector: null, frame: [], condition: null, attribute: null, value: '/',
  key: null, target: null, files: [], timeout_seconds: null, optional: false,
};
const test: TestOut = { ...item, yaml: 'name: Buy a book\nsteps:\n  - Go to "/"\n' };

function opened(address: string): Shown {
  return showFeature(testsFeature, address);
}

const asViewer = (): void => server.use(answer('get', '/projects', page({ ...project, role: 'viewer' })));

beforeEach(() => {
  server.use(answer('get', '/tests/tags', [{ tag: 'smoke', tests: 1 }]), answer('post', '/tests/compile', compiled));
});

describe('the list of tests', () => {
  beforeEach(() => {
    vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600);
    vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(900);
  });

  it('says what to do first', async () => {
    server.use(answer('get', '/tests', page()));
    opened('/p/shop/tests');
    expect(await screen.findByText(tests.emptyTitle)).toBeVisible();
    expect(screen.getAllByRole('link', { name: tests.make })[0]).toHaveAttribute('href', '/p/shop/tests/new');
  });

  it('leads to each test and its last run', async () => {
    server.use(answer('get', '/tests', page(item)));
    opened('/p/shop/tests');
    expect(await screen.findByRole('link', { name: 'Buy a book' })).toHaveAttribute('href', '/p/shop/tests/t1');
    expect(screen.getByRole('link', { name: /failed/i })).toHaveAttribute('href', '/p/shop/runs/r1');
    expect(screen.getByRole('img', { name: tests.mixWords(1) })).toBeVisible();
  });

  it('asks with the search of the address, and clears it', async () => {
    const asked: string[] = [];
    server.use(reply('get', '/tests', (_, request) => (asked.push(new URL(request.url).search), page())));
    const { user, address } = opened('/p/shop/tests?q=book');
    await screen.findByText(tests.nothingTitle);
    expect(asked[0]).toContain('q=book');
    await user.click(screen.getByRole('button', { name: tests.clear }));
    await waitFor(() => expect(address()).not.toContain('q='));
  });

  it('says what went wrong', async () => {
    server.use(refuse('get', '/tests', 500, 'It broke.'));
    opened('/p/shop/tests');
    expect(await screen.findByText('It broke.')).toBeVisible();
  });
});

describe('one test', () => {
  it('is checked while it is written, with the line of what is wrong', async () => {
    server.use(
      answer('get', '/tests/t1', test),
      reply('post', '/tests/check', (body) => ({
        problems: JSON.stringify(body).includes('clik') ? [{ path: 'body.yaml:4:5', message: 'no such action', line: 4, column: 5, key: 'action' }] : [],
      })),
    );
    const { user } = opened('/p/shop/tests/t1');
    const field = await screen.findByRole('textbox', { name: tests.yaml });
    expect(await screen.findByText(tests.good)).toBeVisible();
    await user.type(field, '  - action: clik');
    expect(await screen.findByRole('button', { name: /4:5.*no such action/ })).toBeVisible();
  });

  it('saves a new version', async () => {
    const sent: unknown[] = [];
    server.use(
      answer('get', '/tests/t1', test),
      answer('post', '/tests/check', { problems: [] }),
      reply('put', '/tests/t1', (body) => (sent.push(body), { ...test, version: 4, yaml: `${test.yaml}# x` })),
    );
    const { user } = opened('/p/shop/tests/t1');
    await user.type(await screen.findByRole('textbox', { name: tests.yaml }), '# x');
    await user.click(screen.getByRole('button', { name: tests.save }));
    await waitFor(() => expect(sent).toEqual([{ yaml: `${test.yaml}# x`, version: 3 }]));
    await waitFor(() => expect(screen.getByRole('button', { name: tests.save })).toBeDisabled());
  });

  it('keeps what was written when somebody else saved, and offers both ways', async () => {
    let current = test;
    server.use(
      reply('get', '/tests/t1', () => current),
      answer('post', '/tests/check', { problems: [] }),
      refuse('put', '/tests/t1', 409, 'It is at version 4.'),
    );
    const { user } = opened('/p/shop/tests/t1');
    const field = await screen.findByRole('textbox', { name: tests.yaml });
    await user.type(field, '# mine');
    current = { ...test, version: 4, yaml: 'name: theirs\n' };
    await user.click(screen.getByRole('button', { name: tests.save }));
    expect(await screen.findByText(tests.othersSaved)).toBeVisible();
    expect(field).toHaveValue(`${test.yaml}# mine`);
    await user.click(screen.getByRole('button', { name: tests.takeTheirs }));
    expect(field).toHaveValue('name: theirs\n');
  });

  it('is read by a viewer, who is offered nothing else', async () => {
    asViewer();
    server.use(answer('get', '/tests/t1', test));
    opened('/p/shop/tests/t1');
    expect(await screen.findByRole('textbox', { name: tests.yaml })).toHaveAttribute('readonly');
    for (const name of [tests.save, tests.run, tests.runWith, tests.table.add.steps, tests.table.add.setup]) expect(screen.queryByRole('button', { name })).toBeNull();
  });
});

describe('a new test', () => {
  it('says what the server refuses, and keeps the text', async () => {
    server.use(answer('post', '/tests/check', { problems: [] }), refuse('post', '/tests', 409, 'The name is taken.'));
    const { user } = opened('/p/shop/tests/new');
    await user.click(await screen.findByRole('button', { name: tests.create }));
    expect(await screen.findByText('The name is taken.')).toBeVisible();
    expect(screen.getByRole('textbox', { name: tests.yaml })).toHaveValue(tests.start);
  });
});
