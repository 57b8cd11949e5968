import { Button, VisuallyHidden } from '@mantine/core';
import { type KeyboardEvent, type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';

import type { TextProblem } from '@/api';
import { Icon } from '@/components/Icon';
import { tests } from '@/strings/tests';

import { problemsOfRow } from './checking';
import { addedStep, duplicatedStep, movedStep, type Place, removedStep, type Row, SECTIONS, type Section, withField } from './document';
import { typing } from './history';
import { type Command, commandOf } from './keys';
import { cellOf, type Column, COLUMNS, StepRow } from './StepRow';
import classes from './StepTable.module.css';

const words = tests.table;
const HEADS = [words.number, words.step, words.action, words.target, words.value] as const;

interface TableProps {
  /** The rows of this text, or of the last that could be read. */
  readonly rows: readonly Row[];
  readonly text: string;
  readonly write: (text: string, group?: string) => void;
  readonly problems: readonly TextProblem[];
  readonly readOnly: boolean;
}

/** The steps of a test, a row each, worked by keyboard: what is done changes the text, and the rows follow it. */
export function StepTable(props: TableProps): ReactNode {
  const { rows, text, write, problems, readOnly } = props;
  const frame = useRef<HTMLDivElement>(null);
  const focus = useFocusLater(frame);
  const [said, setSaid] = useState('');

  const run = (command: Command, place: Place, column: Column = 'step'): void => {
    if (readOnly && command !== 'up' && command !== 'down') return;
    const done = doneBy(command, text, rows, place, column);
    if (done.text !== undefined && done.text !== text) write(done.text);
    else if (done.text !== undefined) return;
    if (done.focus !== null) focus(done.focus);
    if (done.said) setSaid(done.said);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const cell = cellIn(event.target);
    const command = cell && !event.nativeEvent.isComposing ? commandOf(event, true) : null;
    if (!cell || !command || !IN_TABLE.has(command) || belongsToChoice(event.target, command)) return;
    event.preventDefault();
    event.stopPropagation();
    run(command, cell.place, cell.column);
  };
  const addLast = (section: Section): void => run('add', { section, index: rows.filter((row) => row.section === section).length - 1 });

  const isHere = (section: Section): boolean => section === 'steps' || rows.some((row) => row.section === section);

  return (
    <div ref={frame} className={classes.frame} onKeyDown={onKeyDown}>
      {SECTIONS.filter(isHere).map((section) => (
        <div key={section}>
          {section !== 'steps' && <h3 className={classes.section}>{words.sections[section]}</h3>}
          <div role="table" aria-label={words.sections[section]}>
            <Heads />
            {rows.map(
              (row) =>
                row.section === section && (
                  <StepRow
                    key={row.index}
                    row={row}
                    problems={problemsOfRow(row, problems)}
                    readOnly={readOnly}
                    onField={(field, value) => write(withField(text, row, field, value), typing(`${cellOf(row, 'step')} ${field}`, value))}
                    onCommand={(command) => run(command, row)}
                    onChange={(change) => write(change(text))}
                  />
                ),
            )}
          </div>
          {!readOnly && (
            <div className={classes.foot}>
              <Add section={section} onAdd={addLast} />
              {section === 'steps' && SECTIONS.filter((other) => !isHere(other)).map((other) => <Add key={other} section={other} onAdd={addLast} />)}
            </div>
          )}
        </div>
      ))}
      <VisuallyHidden role="status" aria-live="polite">
        {said}
      </VisuallyHidden>
    </div>
  );
}

function Add({ section, onAdd }: { section: Section; onAdd: (section: Section) => void }): ReactNode {
  return (
    <Button size="xs" variant={section === 'steps' ? 'default' : 'subtle'} leftSection={<Icon name="plus" size={14} />} onClick={() => onAdd(section)}>
      {words.add[section]}
    </Button>
  );
}

function Heads(): ReactNode {
  return (
    <div role="row" className={`${classes.row} ${classes.head}`} data-head>
      {HEADS.map((head) => (
        <div key={head} role="columnheader">
          {head}
        </div>
      ))}
    </div>
  );
}

const IN_TABLE: ReadonlySet<Command> = new Set<Command>(['add', 'addAbove', 'up', 'down', 'moveUp', 'moveDown', 'duplicate', 'remove']);

/** Enter and the arrows alone mean something to a choice itself. */
function belongsToChoice(target: EventTarget, command: Command): boolean {
  return target instanceof HTMLSelectElement && ['add', 'addAbove', 'up', 'down'].includes(command);
}

function cellIn(target: EventTarget): { place: Place; column: Column } | null {
  const mark = target instanceof HTMLElement ? target.dataset.cell?.split(':') : undefined;
  const section = SECTIONS.find((known) => known === mark?.[0]);
  const column = COLUMNS.find((known) => known === mark?.[2]);
  return section && column ? { place: { section, index: Number(mark?.[1]) }, column } : null;
}

interface Done {
  /** The text as it is then; undefined where the command only moves the focus. */
  readonly text?: string;
  /** The cell that has the focus then. */
  readonly focus: string | null;
  readonly said?: string;
}

function doneBy(command: Command, text: string, rows: readonly Row[], place: Place, column: Column): Done {
  const { section, index } = place;
  const there = (to: number, in_: Column = column): string => cellOf({ section, index: to }, in_);
  switch (command) {
    case 'add':
      return { text: addedStep(text, place), focus: there(index + 1, 'step'), said: words.added(index + 2) };
    case 'addAbove':
      return { text: addedStep(text, { section, index: index - 1 }), focus: there(index, 'step'), said: words.added(index + 1) };
    case 'moveUp':
      return { text: movedStep(text, place, -1), focus: there(index - 1), said: words.moved(index) };
    case 'moveDown':
      return { text: movedStep(text, place, 1), focus: there(index + 1), said: words.moved(index + 2) };
    case 'duplicate':
      return { text: duplicatedStep(text, place), focus: there(index + 1), said: words.duplicated(index + 2) };
    case 'remove':
      return { text: removedStep(text, place), focus: afterRemoval(rows, place, column), said: words.removed(index + 1) };
    default: {
      const next = neighbour(rows, place, command === 'up' ? -1 : 1);
      return { focus: next ? cellOf(next, column) : null };
    }
  }
}

function neighbour(rows: readonly Row[], { section, index }: Place, by: -1 | 1): Row | undefined {
  const at = rows.findIndex((row) => row.section === section && row.index === index);
  return at < 0 ? undefined : rows[at + by];
}

/** The row that takes the place of one that goes; where it was its section's last, the one above; else whichever is next to it. */
function afterRemoval(rows: readonly Row[], place: Place, column: Column): string | null {
  const { section, index } = place;
  const left = rows.filter((row) => row.section === section).length - 1;
  if (left > 0) return cellOf({ section, index: Math.min(index, left - 1) }, column);
  const next = neighbour(rows, place, -1) ?? neighbour(rows, place, 1);
  return next ? cellOf(next, column) : null;
}

/** Gives a cell the focus once the rows are drawn anew; in a row that lacks the column, its first cell. */
function useFocusLater(frame: RefObject<HTMLDivElement | null>): (cell: string) => void {
  const [wanted, setWanted] = useState<{ readonly cell: string } | null>(null);
  useEffect(() => {
    if (!wanted) return;
    const first = wanted.cell.replace(/:[a-z]+$/, ':step');
    const found = [wanted.cell, first].map((cell) => frame.current?.querySelector<HTMLElement>(`[data-cell="${cell}"]`)).find(Boolean);
    found?.focus();
  }, [wanted, frame]);
  return (cell) => setWanted({ cell });
}
