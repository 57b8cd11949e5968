import { Group, Loader, VisuallyHidden } from '@mantine/core';
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, type Key, memo, type ReactNode, useEffect, useRef } from 'react';

import { common } from '@/strings/common';

import { ErrorState, LoadingState } from './states';
import classes from './VirtualTable.module.css';

/**
 * A column. `width` is a track of CSS grid (`2fr`, `120px`); `from` is the width of window from which it is shown.
 * With `titleShown` false its title is for screen readers alone: where the cells say it to the eye.
 */
export interface Column<Row> {
  readonly key: string;
  readonly title: string;
  readonly titleShown?: false;
  readonly width: string;
  readonly cell: (row: Row) => ReactNode;
  readonly from?: 'sm' | 'md' | 'lg';
  readonly align?: 'right';
}

/** One page of a list of the API. */
export interface ListPage<Row> {
  readonly items: readonly Row[];
  readonly next_cursor: string | null;
}

export type ListQuery<Row> = Pick<
  UseInfiniteQueryResult<InfiniteData<ListPage<Row>>, unknown>,
  'data' | 'error' | 'isPending' | 'isFetchingNextPage' | 'isFetchNextPageError' | 'hasNextPage' | 'fetchNextPage' | 'refetch'
>;

/** What to give an infinite query of the API besides its options: where its next page begins. */
export const BY_CURSOR = {
  initialPageParam: {},
  getNextPageParam: (page: { next_cursor: string | null }): string | null => page.next_cursor,
} as const;

const OVERSCAN = 6;
const AHEAD = 25;
const MOST_SHOWN = 30;

interface TableProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly query: ListQuery<Row>;
  readonly rowKey: (row: Row) => string;
  readonly empty: ReactNode;
  /** Pixels of every row; cells do not grow. */
  readonly rowHeight?: number;
  readonly selected?: (row: Row) => boolean;
}

/** A list of any length that is paged by cursor: only rows in sight are in the DOM, the next page is asked for ahead. */
export function VirtualTable<Row>(props: TableProps<Row>): ReactNode {
  const { query, empty } = props;
  if (query.isPending) return <LoadingState rows={8} height={props.rowHeight ?? 44} />;
  if (!query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  const rows = query.data.pages.flatMap(({ items }) => items);
  if (rows.length === 0) return empty;
  return <Rows {...props} rows={rows} />;
}

function Rows<Row>(props: TableProps<Row> & { rows: readonly Row[] }): ReactNode {
  const { label, columns, rows, rowKey, query, rowHeight = 44, selected } = props;
  const scroller = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- its result is used here alone, and is not memoised
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    getItemKey: (index) => keyAt(rows, index, rowKey),
  });
  const shown = virtual.getVirtualItems();
  useNextPage(query, rows.length, shown.at(-1)?.index ?? 0);

  const height = { '--rows': Math.min(rows.length, MOST_SHOWN), '--row-height': `${rowHeight}px` } as CSSProperties;
  return (
    <div className={classes.frame}>
      <div ref={scroller} className={classes.scroller} style={height} role="region" aria-label={label} tabIndex={0}>
        <div role="table" aria-label={label} aria-rowcount={query.hasNextPage ? -1 : rows.length + 1} className={classes.table} style={tracks(columns)}>
          <div role="rowgroup" className={classes.head}>
            <div role="row" aria-rowindex={1} className={classes.row}>
              {columns.map((column) => (
                <div key={column.key} role="columnheader" {...looks(column)}>
                  {column.titleShown === false ? <VisuallyHidden>{column.title}</VisuallyHidden> : column.title}
                </div>
              ))}
            </div>
          </div>
          <div role="rowgroup" className={classes.body} style={{ height: virtual.getTotalSize() }}>
            {shown.map(({ index, key, start }) => {
              const row = rows[index];
              if (row === undefined) return null;
              return <OneRow key={key} row={row} index={index} start={start} columns={columns} selected={selected?.(row)} />;
            })}
          </div>
        </div>
      </div>
      <Group className={classes.foot} gap="xs" role="status">
        {query.isFetchingNextPage && <Loader size={14} aria-label={common.loadingMore} />}
        <span>
          {common.rows(rows.length)}
          {query.hasNextPage && '+'}
        </span>
      </Group>
      {query.isFetchNextPageError && <ErrorState error={query.error} onRetry={() => void query.fetchNextPage()} />}
    </div>
  );
}

interface OneRowProps<Row> {
  readonly row: Row;
  readonly index: number;
  readonly start: number;
  readonly columns: readonly Column<Row>[];
  readonly selected: boolean | undefined;
}

/** A row that is drawn anew only when something about it changed: while the list scrolls, most of those in sight stay. */
const OneRow = memo(function OneRow<Row>({ row, index, start, columns, selected }: OneRowProps<Row>): ReactNode {
  return (
    <div role="row" aria-rowindex={index + 2} className={classes.row} data-selected={selected} style={{ transform: `translateY(${start}px)` }}>
      {columns.map((column) => (
        <div key={column.key} role="cell" {...looks(column)}>
          {column.cell(row)}
        </div>
      ))}
    </div>
  );
}) as <Row>(props: OneRowProps<Row> & { key?: Key }) => ReactNode;

function keyAt<Row>(rows: readonly Row[], index: number, rowKey: (row: Row) => string): string {
  const row = rows[index];
  return row === undefined ? String(index) : rowKey(row);
}

function useNextPage<Row>(query: ListQuery<Row>, known: number, lastShown: number): void {
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = query;
  const wanted = hasNextPage && !isFetchingNextPage && !isFetchNextPageError && lastShown >= known - AHEAD;
  useEffect(() => {
    if (wanted) void fetchNextPage();
  }, [wanted, fetchNextPage]);
}

const WIDTHS = ['xs', 'sm', 'md', 'lg'] as const;

/** The grid's tracks at each width of the window, as variables that the style sheet chooses from. */
function tracks(columns: readonly Column<never>[]): CSSProperties {
  const at = WIDTHS.map((width, index) => {
    const shown = columns.filter(({ from }) => from === undefined || WIDTHS.indexOf(from) <= index);
    return [`--tracks-${width}`, shown.map((column) => column.width).join(' ')] as const;
  });
  return Object.fromEntries(at);
}

function looks(column: { from?: string; align?: string }): Record<string, string | undefined> {
  return { className: classes.cell, 'data-from': column.from, 'data-align': column.align };
}
