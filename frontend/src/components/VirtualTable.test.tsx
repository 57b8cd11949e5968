import { screen, within } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { show } from '@/testing/render';

import { type Column, type ListQuery, VirtualTable } from './VirtualTable';

interface Row {
  readonly id: number;
}

const columns: Column<Row>[] = [{ key: 'id', title: 'Number', width: '1fr', cell: ({ id }) => `row ${id}` }];
const rows = (count: number): Row[] => Array.from({ length: count }, (_, id) => ({ id }));

function query(items: Row[], more: Partial<ListQuery<Row>> = {}): ListQuery<Row> {
  return {
    data: { pages: [{ items, next_cursor: null }], pageParams: [null] },
    error: null,
    isPending: false,
    isFetchingNextPage: false,
    isFetchNextPageError: false,
    hasNextPage: false,
    fetchNextPage: vi.fn(),
    refetch: vi.fn(),
    ...more,
  };
}

function table(given: ListQuery<Row>): void {
  show(<VirtualTable label="Numbers" columns={columns} query={given} rowKey={({ id }) => String(id)} empty={<p>nothing yet</p>} />);
}

describe('VirtualTable', () => {
  beforeEach(() => {
    // jsdom lays nothing out: give the scroller a size.
    vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600);
    vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(900);
  });

  it('keeps at most 60 of 10,000 rows in the DOM, and says how many there are', async () => {
    table(query(rows(10_000)));
    const found = await screen.findByRole('table', { name: 'Numbers' });
    expect(found).toHaveAttribute('aria-rowcount', '10001');
    expect(await within(found).findByText('row 0')).toBeVisible();
    expect(within(found).getAllByRole('row').length).toBeLessThanOrEqual(60);
    expect(screen.getByText('10,000 rows')).toBeVisible();
  });

  it('asks for the next page before its end is in sight', async () => {
    const fetchNextPage = vi.fn();
    table(query(rows(30), { hasNextPage: true, fetchNextPage }));
    await expect.poll(() => fetchNextPage.mock.calls.length).toBe(1);
    expect(screen.getByText('30 rows+')).toBeVisible();
  });

  it('does not ask for a page again and again that was refused', async () => {
    const fetchNextPage = vi.fn();
    table(query(rows(3), { hasNextPage: true, isFetchNextPageError: true, error: new Error('the database is away'), fetchNextPage }));
    expect(await screen.findByRole('alert')).toHaveTextContent('the database is away');
    expect(fetchNextPage).not.toHaveBeenCalled();
  });

  it('shows what there is to do when it is empty', async () => {
    table(query([]));
    expect(await screen.findByText('nothing yet')).toBeVisible();
  });

  it('holds its place while it loads', async () => {
    table(query([], { isPending: true, data: undefined }));
    expect(await screen.findByTestId('loading')).toBeVisible();
  });

  it('says what went wrong, and offers to try again', async () => {
    const refetch = vi.fn();
    const { user } = show(
      <VirtualTable label="Numbers" columns={columns} query={query([], { data: undefined, error: new Error('no'), refetch })} rowKey={String} empty={null} />,
    );
    await user.click(await screen.findByRole('button', { name: 'Try again' }));
    expect(refetch).toHaveBeenCalled();
  });
});
