import { Alert, Input, List, Text, UnstyledButton } from '@mantine/core';
import { memo, type ReactNode, type Ref, useId, useRef } from 'react';

import { type TextProblem, wordsOf } from '@/api';
import { tests } from '@/strings/tests';

import type { Checked } from './checking';
import { typing } from './history';
import classes from './YamlField.module.css';

const FEWEST_ROWS = 14;
const MOST_ROWS = 40;

interface YamlProps {
  readonly value: string;
  readonly write: (value: string, group: string) => void;
  readonly readOnly: boolean;
  readonly problems: readonly TextProblem[];
  readonly field: Ref<HTMLTextAreaElement>;
}

/** The text of a test with the numbers of its lines; those where something is wrong are marked. */
export function YamlField({ value, write, readOnly, problems, field }: YamlProps): ReactNode {
  const id = useId();
  const gutter = useRef<HTMLDivElement>(null);
  const lines = value.split('\n').length;
  const wrong = [...new Set(problems.map(({ line }) => line))].join(' ');
  return (
    <Input.Wrapper label={tests.yaml} description={tests.yamlHint} id={id} descriptionProps={{ id: `${id}-about`, mb: 6 }}>
      <div className={classes.frame}>
        <div ref={gutter} className={classes.gutter} aria-hidden>
          <LineNumbers count={lines} wrong={wrong} />
        </div>
        <textarea
          ref={field}
          id={id}
          className={classes.text}
          aria-describedby={`${id}-about`}
          aria-invalid={problems.length > 0}
          value={value}
          readOnly={readOnly}
          rows={Math.min(Math.max(lines + 1, FEWEST_ROWS), MOST_ROWS)}
          wrap="off"
          spellCheck={false}
          autoCapitalize="off"
          onChange={({ currentTarget }) => write(currentTarget.value, typing(`yaml ${currentTarget.value.split('\n').length}`, currentTarget.value))}
          onScroll={({ currentTarget }) => gutter.current?.scrollTo({ top: currentTarget.scrollTop })}
        />
      </div>
    </Input.Wrapper>
  );
}

const LineNumbers = memo(function LineNumbers({ count, wrong }: { count: number; wrong: string }): ReactNode {
  const marked = new Set(wrong.split(' ').map(Number));
  return Array.from({ length: count }, (_, at) => (
    <span key={at} data-wrong={marked.has(at + 1) || undefined}>
      {at + 1}
    </span>
  ));
});

/** What the server says of the text; each problem leads to its line. */
export function Verdict({ checked, onGo }: { checked: Checked; onGo: (problem: TextProblem) => void }): ReactNode {
  const { known, problems, error } = checked;
  return (
    <div role="status" aria-live="polite" className={classes.verdict}>
      {error ? (
        <Text size="sm">{wordsOf(error)}</Text>
      ) : problems.length > 0 ? (
        <Problems problems={problems} onGo={onGo} />
      ) : (
        <Text size="sm">{known ? tests.good : tests.checking}</Text>
      )}
    </div>
  );
}

function Problems({ problems, onGo }: { problems: readonly TextProblem[]; onGo: (problem: TextProblem) => void }): ReactNode {
  return (
    <Alert color="bad" title={tests.problems(problems.length)}>
      <List size="sm" listStyleType="none">
        {problems.map((problem) => (
          <List.Item key={`${problem.path} ${problem.message}`}>
            <UnstyledButton className={classes.problem} onClick={() => onGo(problem)}>
              {problem.line ? `${problem.line}:${problem.column}  ` : ''}
              {problem.message}
            </UnstyledButton>
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}

/** Lead to a line of a text field: it gets the focus, the line is selected and in sight. */
export function showLine(field: HTMLTextAreaElement, line: number): void {
  const lines = field.value.split('\n');
  const at = Math.min(Math.max(line, 1), lines.length) - 1;
  const start = lines.slice(0, at).reduce((sum, one) => sum + one.length + 1, 0);
  field.focus();
  field.setSelectionRange(start, start + (lines[at]?.length ?? 0));
  const height = field.scrollHeight / Math.max(lines.length, 1);
  field.scrollTop = Math.max(0, height * at - field.clientHeight / 2);
}
