import { useQuery } from '@tanstack/react-query';
import { act, screen } from '@testing-library/react';
import type { ReactNode } from 'react';
import { describe, expect, it, vi } from 'vitest';

import { listMembersOptions } from '@/api';
import { common } from '@/strings/common';
import { show } from '@/testing/render';
import { answer, page, refuse, server } from '@/testing/server';

import { ConfirmButton } from './ConfirmButton';
import { ConfirmTable } from './ConfirmTable';
import { Crop } from './Crops';
import { When } from './figures';
import { exact, inZone } from './format';
import { OfflineBanner, QueryState } from './states';

function Names(): ReactNode {
  const query = useQuery(listMembersOptions({ path: { project_id: 'shop' } }));
  return <QueryState query={query}>{({ items }) => <p>{items.map(({ username }) => username).join()}</p>}</QueryState>;
}

describe('QueryState', () => {
  it('holds the place while it loads, then shows what came', async () => {
    server.use(answer('get', '/projects/shop/members', page({ username: 'bob' })));
    show(<Names />);
    expect(await screen.findByRole('status', { name: common.loading })).toBeVisible();
    expect(await screen.findByText('bob')).toBeVisible();
  });

  it('says what went wrong, and tries again', async () => {
    server.use(refuse('get', '/projects/shop/members', 500, 'this is a bug'));
    const { user } = show(<Names />);
    expect(await screen.findByText('this is a bug')).toBeVisible();
    server.use(answer('get', '/projects/shop/members', page({ username: 'bob' })));
    await user.click(screen.getByRole('button', { name: common.retry }));
    expect(await screen.findByText('bob')).toBeVisible();
  });

  it('says that there is nothing', async () => {
    server.use(refuse('get', '/projects/shop/members', 404, 'there is no such project'));
    show(<Names />);
    expect(await screen.findByText(common.missingTitle)).toBeVisible();
  });
});

describe('OfflineBanner', () => {
  it('comes and goes with the network', async () => {
    const online = vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
    show(<OfflineBanner />);
    expect(await screen.findByText(common.offline)).toBeVisible();
    online.mockReturnValue(true);
    act(() => void window.dispatchEvent(new Event('online')));
    expect(screen.queryByText(common.offline)).toBeNull();
  });
});

describe('ConfirmButton', () => {
  it('does nothing without a yes, and says what went wrong', async () => {
    const done = vi.fn().mockRejectedValueOnce(new Error('it is in use')).mockResolvedValue(null);
    const { user } = show(<ConfirmButton question="Sure?" consequence="It goes." confirm="Do it" onConfirm={done}>Delete</ConfirmButton>);
    await user.click(await screen.findByRole('button', { name: 'Delete' }));
    await user.click(await screen.findByRole('button', { name: common.cancel }));
    expect(done).not.toHaveBeenCalled();
    await user.click(screen.getByRole('button', { name: 'Delete' }));
    await user.click(await screen.findByRole('button', { name: 'Do it' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('it is in use');
    await user.click(screen.getByRole('button', { name: common.cancel }));
    await expect.poll(() => screen.queryByText('It goes.')).toBeNull();
    await user.click(screen.getByRole('button', { name: 'Delete' }));
    expect(await screen.findByText('It goes.')).toBeVisible();
    expect(screen.queryByRole('alert')).toBeNull();
    await user.click(screen.getByRole('button', { name: 'Do it' }));
    await expect.poll(() => screen.queryByText('It goes.')).toBeNull();
  });
});

describe('When', () => {
  it('says the exact time to who points at it, and no longer than that', async () => {
    const at = '2026-11-27T08:00:00Z';
    const { user, container } = show(<When at={at} />);
    await expect.poll(() => container.querySelector('time')).not.toBeNull();
    const time = (): Element => container.querySelector('time') ?? container;
    expect(screen.queryByRole('tooltip')).toBeNull();
    await user.hover(time());
    expect(await screen.findByText(exact(new Date(at)))).toBeVisible();
    await user.hover(time());
    await user.unhover(time());
    await expect.poll(() => screen.queryByText(exact(new Date(at)))).toBeNull();
  });
});

describe('ConfirmTable', () => {
  const action = { word: 'Remove', question: (row: string) => `Remove ${row}?`, consequence: 'Gone.', act: () => Promise.resolve(), without: (row: string) => row === 'b' };

  it('has a button for each row that can go, and none for those who may not', async () => {
    const table = (mayChange: boolean): ReactNode => (
      <ConfirmTable label="Letters" heads={['Letter']} rows={['a', 'b']} rowKey={(row) => row} cells={(row) => [row]} action={mayChange ? action : null} />
    );
    const { unmount } = show(table(true));
    expect(await screen.findAllByRole('button', { name: 'Remove' })).toHaveLength(1);
    unmount();
    show(table(false));
    expect(await screen.findByText('a')).toBeVisible();
    expect(screen.queryByRole('button')).toBeNull();
  });
});

describe('Crop', () => {
  it('says so where the picture is gone', async () => {
    show(<Crop address="/gone.png" alt="a button" absent="No picture." />);
    const picture = await screen.findByRole('img', { name: 'a button' });
    act(() => void picture.dispatchEvent(new Event('error')));
    expect(await screen.findByText('No picture.')).toBeVisible();
  });
});

describe('inZone', () => {
  it('follows summer time, and knows when a browser does not know the zone', () => {
    expect(inZone(new Date('2026-07-01T04:30:00Z'), 'Europe/Berlin')).toMatch(/Wed, Jul 1, 2026, 06:30 GMT\+2/);
    expect(inZone(new Date('2026-07-01T04:30:00Z'), 'Nowhere/Land')).toContain('2026');
  });
});
