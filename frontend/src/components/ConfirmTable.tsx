import type { ReactNode } from 'react';

import { common } from '@/strings/common';

import { ConfirmButton } from './ConfirmButton';
import { SimpleTable } from './SimpleTable';

/** What can be done with one row and not be undone: the button's word, what is asked before, and who does it. */
export interface RowAction<Row> {
  readonly word: string;
  readonly question: (row: Row) => string;
  readonly consequence: ReactNode;
  readonly act: (row: Row) => Promise<unknown>;
  /** Rows that have no such button. */
  readonly without?: (row: Row) => boolean;
}

/** A short table whose last column does something with a row after a question; null: for those who may not. */
export function ConfirmTable<Row>(props: {
  label: string;
  heads: readonly string[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  cells: (row: Row) => readonly ReactNode[];
  action: RowAction<Row> | null;
}): ReactNode {
  const { label, heads, rows, rowKey, cells, action } = props;
  const shown = rows.map((row) => ({
    key: rowKey(row),
    cells: [...cells(row), ...(action ? [<Act key="act" row={row} action={action} />] : [])],
  }));
  return <SimpleTable label={label} heads={[...heads, ...(action ? [common.action] : [])]} rows={shown} />;
}

function Act<Row>({ row, action }: { row: Row; action: RowAction<Row> }): ReactNode {
  const { word, question, consequence, act, without } = action;
  if (without?.(row)) return null;
  return (
    <ConfirmButton size="compact-sm" question={question(row)} consequence={consequence} confirm={word} onConfirm={() => act(row)}>
      {word}
    </ConfirmButton>
  );
}
