import { ActionIcon, Checkbox, Menu, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';

import { Icon } from '@/components/Icon';
import { tests } from '@/strings/tests';

import { useCompiled } from './checking';
import { type Field, judges, MORE_KEYS, type Place, type Row, shownOf, type StepKey, takesElement, takesValue, valueKeyOf, withKeys } from './document';
import type { Command } from './keys';
import classes from './StepTable.module.css';

const words = tests.table;
const ACTIONS = Object.entries(tests.actions).map(([value, label]) => ({ value, label }));
const CONDITIONS = Object.entries(tests.conditions).map(([value, label]) => ({ value, label }));

export const COLUMNS = ['step', 'action', 'target', 'value'] as const;
export type Column = (typeof COLUMNS)[number];

/** The mark of a cell that takes the focus: `steps:0:step`. */
export function cellOf({ section, index }: Place, column: Column): string {
  return `${section}:${index}:${column}`;
}

/** A row's props, and what shows the fields that most steps do without, where there are any that are not shown. */
type CellsProps = RowProps & { readonly onMore: (() => void) | undefined };

export interface RowProps {
  readonly row: Row;
  readonly problems: Readonly<Partial<Record<Field, string>>>;
  readonly readOnly: boolean;
  readonly onField: (field: Field, value: string) => void;
  readonly onCommand: (command: Command) => void;
  readonly onChange: (change: (text: string) => string) => void;
}

/** One step: a sentence with what it means, or its keys to be edited one by one. */
export function StepRow(props: RowProps): ReactNode {
  const { row, problems } = props;
  const [opened, setOpened] = useState(false);
  const wrong = MORE_KEYS.some((key) => problems[key] !== undefined);
  const more = row.kind === 'keys' && (opened || wrong || MORE_KEYS.some((key) => row.keys[key] !== undefined));
  const cells = { sentence: SentenceCells, keys: KeyCells, other: OtherCells };
  const Cells = cells[row.kind];
  return (
    <div role="row" className={classes.row} data-more={more || undefined}>
      <div role="cell" className={classes.number}>
        {row.index + 1}
      </div>
      <Cells {...props} onMore={row.kind === 'keys' && !more ? () => setOpened(true) : undefined} />
      {more && <MoreKeys {...props} opened={opened || wrong} onToggle={setOpened} />}
    </div>
  );
}

function SentenceCells(props: CellsProps): ReactNode {
  const { row, problems } = props;
  const { step, problem } = useCompiled(row.sentence);
  const shown = step && shownOf(step);
  const told = problems.sentence;
  const wrong = problem !== undefined && !told?.includes(problem) ? problem : told;
  return (
    <>
      <div role="cell" className={classes.step}>
        <TextCell {...props} column="step" field="sentence" what={words.step} value={row.sentence} error={wrong} placeholder={words.example} />
      </div>
      <div role="cell" className={`${classes.action} ${classes.said}`} data-part="action">
        {shown && tests.actions[shown.action]}
        {shown?.condition && ` ${tests.conditions[shown.condition]}`}
      </div>
      <div role="cell" className={`${classes.target} ${classes.said}`} data-part="target">
        {shown?.target}
      </div>
      <div role="cell" className={`${classes.value} ${classes.said}`} data-part="value">
        {shown?.value}
      </div>
      <Commands {...props} asKeys={step && ((text) => withKeys(text, row, step))} />
    </>
  );
}

function KeyCells(props: CellsProps): ReactNode {
  const { row, problems, readOnly, onField } = props;
  const { keys } = row;
  const valueKey = valueKeyOf(keys.action);
  const select = (field: 'action' | 'condition', what: string, data: typeof ACTIONS): ReactNode => (
    <NativeSelect
      size="xs"
      aria-label={labelOf(row, what)}
      data={choicesOf(data, keys[field])}
      value={keys[field] ?? ''}
      disabled={readOnly}
      error={problems[field]}
      onChange={({ currentTarget }) => onField(field, currentTarget.value)}
      {...(field === 'action' && { 'data-cell': cellOf(row, 'action') })}
    />
  );
  const text = (field: StepKey, what: string, column?: Column): ReactNode => (
    <TextCell {...props} field={field} what={what} value={keys[field] ?? ''} error={problems[field]} {...(column && { column })} />
  );
  return (
    <>
      <div role="cell" className={classes.step}>
        <TextCell {...props} column="step" field="instruction" what={words.instruction} value={keys.instruction ?? ''} error={problems.instruction} placeholder={takesElement(keys) ? words.instruction : words.title} />
      </div>
      <div role="cell" className={classes.action}>
        {select('action', words.action, ACTIONS)}
        {(judges(keys.action) || keys.condition !== undefined) && select('condition', words.condition, CONDITIONS)}
      </div>
      <div role="cell" className={classes.target}>
        {(takesElement(keys) || keys.selector !== undefined) && text('selector', words.selector, 'target')}
      </div>
      <div role="cell" className={classes.value}>
        {keys.condition === 'attribute' && text('attribute', words.attribute)}
        {(takesValue(keys) || keys[valueKey] !== undefined) && text(valueKey, words.value, 'value')}
      </div>
      <Commands {...props} />
    </>
  );
}

/** What most steps do without, folded; it says which of it the step has, and is open where something in it is wrong. */
function MoreKeys(props: RowProps & { opened: boolean; onToggle: (opened: boolean) => void }): ReactNode {
  const { row, opened, onToggle } = props;
  const given = MORE_KEYS.filter((key) => row.keys[key] !== undefined);
  return (
    <div role="cell" className={classes.more}>
      <details open={opened} onToggle={({ currentTarget }) => onToggle(currentTarget.open)}>
        <summary aria-label={labelOf(row, words.more)}>
          {words.more}
          {given.length > 0 && `: ${given.map((key) => words.moreKeys[key].toLowerCase()).join(', ')}`}
        </summary>
        {opened && <MoreFields {...props} />}
      </details>
    </div>
  );
}

function MoreFields(props: RowProps): ReactNode {
  const { row, problems, readOnly, onField } = props;
  const { keys } = row;
  const names = words.moreKeys;
  return (
    <div className={classes.fields}>
      <TextCell {...props} field="name" what={names.name} label={names.name} placeholder={words.nameHint} value={keys.name ?? ''} error={problems.name} />
      <TextCell {...props} field="timeout_seconds" what={names.timeout_seconds} label={names.timeout_seconds} placeholder={words.timeoutHint} value={keys.timeout_seconds ?? ''} error={problems.timeout_seconds} />
      {(takesElement(keys) || keys.frame !== undefined) && (
        <Textarea
          size="xs"
          label={names.frame}
          aria-label={labelOf(row, names.frame)}
          placeholder={words.frameHint}
          rows={Math.max(1, keys.frame?.split('\n').length ?? 0)}
          value={keys.frame ?? ''}
          readOnly={readOnly}
          error={problems.frame}
          spellCheck={false}
          onChange={({ currentTarget }) => onField('frame', currentTarget.value)}
        />
      )}
      <Checkbox
        size="xs"
        label={words.optionalHint}
        aria-label={labelOf(row, words.optionalHint)}
        checked={keys.optional === 'true'}
        disabled={readOnly}
        error={problems.optional}
        onChange={({ currentTarget }) => onField('optional', currentTarget.checked ? 'true' : '')}
      />
    </div>
  );
}

function OtherCells(props: CellsProps): ReactNode {
  return (
    <>
      <div role="cell" className={classes.step}>
        <pre className={classes.other} tabIndex={0} data-cell={cellOf(props.row, 'step')} aria-label={labelOf(props.row, words.other)}>
          {props.row.sentence}
        </pre>
      </div>
      <div role="cell" className={`${classes.action} ${classes.said}`}>
        {words.other}
      </div>
      <div role="cell" className={classes.target} />
      <div role="cell" className={classes.value} />
      <Commands {...props} />
    </>
  );
}

function TextCell(
  props: RowProps & { field: Field; what: string; value: string; error: string | undefined; column?: Column; placeholder?: string; label?: string },
): ReactNode {
  const { row, readOnly, onField, field, what, value, error, column, placeholder = what, label } = props;
  return (
    <TextInput
      size="xs"
      label={label}
      aria-label={labelOf(row, what)}
      placeholder={placeholder}
      title={value}
      value={value}
      readOnly={readOnly}
      error={error}
      spellCheck={false}
      autoComplete="off"
      onChange={({ currentTarget }) => onField(field, currentTarget.value)}
      {...(column && { 'data-cell': cellOf(row, column) })}
    />
  );
}

/** The commands for those who point; the keyboard has them without the menu. */
function Commands(props: CellsProps & { asKeys?: ((text: string) => string) | undefined }): ReactNode {
  const { row, readOnly, onCommand, onChange, onMore, asKeys } = props;
  if (readOnly) return <div role="cell" className={classes.menu} />;
  return (
    <div role="cell" className={classes.menu}>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={words.commands(row.index + 1)}>
            <Icon name="more" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => onCommand('moveUp')}>{words.moveUp}</Menu.Item>
          <Menu.Item onClick={() => onCommand('moveDown')}>{words.moveDown}</Menu.Item>
          <Menu.Item onClick={() => onCommand('duplicate')}>{words.duplicate}</Menu.Item>
          {onMore && <Menu.Item onClick={onMore}>{words.moreFields}</Menu.Item>}
          {asKeys && <Menu.Item onClick={() => onChange(asKeys)}>{words.asKeys}</Menu.Item>}
          <Menu.Item onClick={() => onCommand('remove')}>{words.remove}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}

function labelOf({ section, index }: Place, what: string): string {
  return words.cell(what, words.sectionWords[section], index + 1);
}

/** The choices, and what is written where it is none of them, so that the table never shows what is not there. */
function choicesOf(known: typeof ACTIONS, written = ''): typeof ACTIONS {
  return known.some(({ value }) => value === written) ? known : [{ value: written, label: written || words.choose }, ...known];
}
