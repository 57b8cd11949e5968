import { screen, waitFor, within } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { TestItem, TestOut, VersionItem } from '@/api';
import { common } from '@/strings/common';
import { tests } from '@/strings/tests';
import { type Shown, showFeature } from '@/testing/render';
import { answer, page, project, refuse, reply, server } from '@/testing/server';

import { testsFeature } from './routes';

const AT = '2026-11-27T08:00:00Z';
const item: TestItem = { id: 't1', project_id: 'shop', name: 'Buy a book', tags: ['smoke'], version: 3, created_at: AT, updated_at: AT };
const test: TestOut = { ...item, yaml: 'name: Buy a book\nsteps:\n  - Go to "/"\n', variables: { user: 'admin' } };
const versions: VersionItem[] = [3, 2, 1].map((version) => ({ version, note: `note ${version}`, user_id: 'u1', created_at: AT }));
const queued = { group_id: 'g1', runs: [{ id: 'r1', test_id: 't1', test_name: 'Buy a book', example: null }, { id: 'r2', test_id: 't1', test_name: 'Buy a book', example: null }] };
const words = tests.versions;

const opened = (address: string): Shown => showFeature(testsFeature, address);

beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600);
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(900);
  server.use(
    answer('get', '/tests', page(item)),
    answer('get', '/tests/t1', test),
    answer('get', '/tests/tags', [{ tag: 'smoke', tests: 1 }]),
    answer('post', '/tests/check', { problems: [] }),
    refuse('post', '/tests/compile', 422, 'not understood'),
    answer('get', '/tests/t1/versions', page(...versions)),
  );
});

describe('the versions of a test', () => {
  it('are compared, the newest with the one before, or any two', async () => {
    const asked: string[] = [];
    server.use(
      reply('get', '/tests/t1/diff', (_, request) => (asked.push(new URL(request.url).search), { from_version: 2, to_version: 3, diff: '--- a\n+++ b\n@@ -1 +1 @@\n-old line\n+new line\n' })),
    );
    const { user, address } = opened('/p/shop/tests/t1/versions');
    expect(await screen.findByText('new line', { exact: false })).toBeVisible();
    expect(asked).toEqual(['?from=2&to=3']);
    await user.click(screen.getByRole('radio', { name: words.choose(words.from, 1) }));
    expect(await screen.findByRole('heading', { name: words.diff(1, 3) })).toBeVisible();
    expect(address()).toContain('from=1');
  });

  it('are restored, and asked once more where somebody else saved meanwhile', async () => {
    let current = test;
    const sent: unknown[] = [];
    server.use(
      answer('get', '/tests/t1/diff', { from_version: 2, to_version: 3, diff: '' }),
      reply('get', '/tests/t1', () => current),
      refuse('post', '/tests/t1/versions/1/restore', 409, 'It is at version 4.'),
    );
    const { user } = opened('/p/shop/tests/t1/versions');
    const row = await screen.findByRole('row', { name: /note 1/ });
    await user.click(within(row).getByRole('button', { name: words.restore }));
    const dialog = within(await screen.findByRole('dialog', { name: words.restoreQuestion(1) }));
    current = { ...test, version: 4 };
    await user.click(dialog.getByRole('button', { name: words.restore }));
    expect(await dialog.findByText(words.meanwhile(4))).toBeVisible();
    server.use(reply('post', '/tests/t1/versions/1/restore', (body) => (sent.push(body), { ...test, version: 5 })));
    await user.click(dialog.getByRole('button', { name: common.retry }));
    await user.click(dialog.getByRole('button', { name: words.restore }));
    await waitFor(() => expect(sent).toEqual([{ version: 4 }]));
    expect(await screen.findByText(words.restored(1))).toBeVisible();
  });

  it('are only looked at by a viewer', async () => {
    server.use(answer('get', '/projects', page({ ...project, role: 'viewer' })), answer('get', '/tests/t1/diff', { from_version: 2, to_version: 3, diff: '' }));
    opened('/p/shop/tests/t1/versions');
    expect(await screen.findByText(words.same)).toBeVisible();
    expect(screen.queryByRole('button', { name: words.restore })).toBeNull();
  });

  it('say what went wrong', async () => {
    server.use(refuse('get', '/tests/t1/versions', 500, 'It broke.'), answer('get', '/tests/t1/diff', { from_version: 2, to_version: 3, diff: '' }));
    opened('/p/shop/tests/t1/versions');
    expect(await screen.findByText('It broke.')).toBeVisible();
  });
});

describe('a run with other settings', () => {
  it('sends what was said, and leads to the runs', async () => {
    const sent: unknown[] = [];
    server.use(reply('post', '/tests/t1/run', (body) => (sent.push(body), queued)));
    const { user, address } = opened('/p/shop/tests/t1');
    await user.click(await screen.findByRole('button', { name: tests.runWith }));
    const dialog = within(await screen.findByRole('dialog'));
    await user.selectOptions(dialog.getByRole('combobox', { name: tests.running.strategy }), 'option_a');
    await user.type(dialog.getByRole('textbox', { name: tests.running.variableValue('user') }), 'bob');
    await user.click(dialog.getByRole('button', { name: tests.running.start }));
    await waitFor(() => expect(address()).toContain('group_id=g1'));
    expect(sent).toEqual([{ overrides: { strategy: 'option_a', variables: { user: 'bob' } } }]);
  });

  it('shows at its field what the server refuses', async () => {
    server.use(refuse('post', '/tests/t1/run', 422, 'wrong', [{ path: 'body.overrides.base_url', message: 'must be an address' }]));
    const { user } = opened('/p/shop/tests/t1');
    await user.click(await screen.findByRole('button', { name: tests.runWith }));
    const dialog = within(await screen.findByRole('dialog'));
    await user.type(dialog.getByRole('textbox', { name: tests.running.baseUrl }), 'nowhere');
    await user.click(dialog.getByRole('button', { name: tests.running.start }));
    expect(await dialog.findByText('must be an address')).toBeVisible();
    expect(dialog.getByRole('textbox', { name: tests.running.baseUrl })).toBeInvalid();
  });

  it('starts several tests of the list', async () => {
    const sent: unknown[] = [];
    server.use(reply('post', '/executions', (body) => (sent.push(body), queued)));
    const { user, address } = opened('/p/shop/tests');
    await user.click(await screen.findByRole('checkbox', { name: tests.select('Buy a book') }));
    expect(screen.getByRole('link', { name: tests.exportChosen })).toHaveAttribute('href', '/api/v1/tests/export?project_id=shop&ids=t1');
    await user.click(screen.getByRole('button', { name: tests.runWith }));
    await user.click(within(await screen.findByRole('dialog')).getByRole('button', { name: tests.running.start }));
    await waitFor(() => expect(address()).toContain('group_id=g1'));
    expect(sent).toEqual([{ test_ids: ['t1'], overrides: {} }]);
  });
});

describe('a test', () => {
  it('is copied, and the copy opened', async () => {
    server.use(answer('post', '/tests/t1/clone', { ...test, id: 't2', name: 'Buy a book (copy)' }, 201), answer('get', '/tests/t2', { ...test, id: 't2' }));
    const { user, address } = opened('/p/shop/tests/t1');
    await user.click(await screen.findByRole('button', { name: tests.more }));
    await user.click(await screen.findByRole('menuitem', { name: tests.clone }));
    await waitFor(() => expect(address()).toBe('/p/shop/tests/t2'));
  });

  it('is deleted once one has said so, and says why where it is not', async () => {
    server.use(refuse('delete', '/tests/t1', 409, 'A suite holds it.'));
    const { user, address } = opened('/p/shop/tests/t1');
    await user.click(await screen.findByRole('button', { name: tests.more }));
    await user.click(await screen.findByRole('menuitem', { name: tests.remove }));
    const dialog = within(await screen.findByRole('dialog', { name: tests.removeQuestion }));
    await user.click(dialog.getByRole('button', { name: tests.remove }));
    expect(await dialog.findByText('A suite holds it.')).toBeVisible();
    server.use(answer('delete', '/tests/t1', null));
    await user.click(dialog.getByRole('button', { name: tests.remove }));
    await waitFor(() => expect(address()).toBe('/p/shop/tests'));
  });
});

describe('an import', () => {
  const file = (name: string, text: string): File => new File([text], name, { type: 'application/yaml' });
  const chooseFiles = async ({ user, container }: Shown): Promise<void> => {
    await user.click(await screen.findByRole('button', { name: tests.importing.open }));
    await screen.findByRole('dialog', { name: tests.importing.title });
    const input = container.ownerDocument.querySelector<HTMLInputElement>('input[type=file]');
    if (!input) throw new Error('there is no field for files');
    await user.upload(input, [file('a.yaml', 'name: A\nsteps: [Go back]\n'), file('b.yaml', 'name: B\nsteps: [Go back]\n')]);
  };

  it('sends all files at once, and tells what became of them', async () => {
    const sent: unknown[] = [];
    const made = [{ id: 'a', name: 'A', version: 1 }, { id: 'b', name: 'B', version: 1 }];
    server.use(reply('post', '/tests/import', (body) => (sent.push(body), { created: made, updated: [], unchanged: [], skipped: [] })));
    const shown = opened('/p/shop/tests');
    await chooseFiles(shown);
    await shown.user.click(within(screen.getByRole('dialog')).getByRole('button', { name: tests.importing.start }));
    expect(await screen.findByRole('link', { name: 'B' })).toHaveAttribute('href', '/p/shop/tests/b');
    expect(sent).toEqual([{ project_id: 'shop', yaml: 'name: A\nsteps: [Go back]\n---\nname: B\nsteps: [Go back]\n', on_conflict: 'fail' }]);
  });

  it('says which file is wrong, and where', async () => {
    server.use(refuse('post', '/tests/import', 422, 'wrong', [{ path: 'body.yaml:5:9', message: 'not understood' }]));
    const shown = opened('/p/shop/tests');
    await chooseFiles(shown);
    await shown.user.click(within(screen.getByRole('dialog')).getByRole('button', { name: tests.importing.start }));
    expect(await screen.findByText('b.yaml:2:9')).toBeVisible();
  });
});
