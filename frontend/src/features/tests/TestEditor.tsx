import { ActionIcon, Alert, Button, SegmentedControl, SimpleGrid, TagsInput, TextInput } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, type ReactNode, type RefObject, useRef, useState } from 'react';
import { flushSync } from 'react-dom';

import { listTagsOptions, type TestStep, type TextProblem } from '@/api';
import { Icon } from '@/components/Icon';
import { useProject } from '@/routing/session';
import { tests } from '@/strings/tests';

import { KnownSteps, useCheck } from './checking';
import { readTest, type Reading, type TestText, withTags, withText } from './document';
import { type TextHistory, typing } from './history';
import { commandOf } from './keys';
import { KeysHelp } from './KeysHelp';
import { StepTable } from './StepTable';
import classes from './TestEditor.module.css';
import { showLine, Verdict, YamlField } from './YamlField';

type Pane = 'steps' | 'yaml';

const NOTHING: TestText = { name: '', baseUrl: '', tags: [], variables: {}, rows: [] };

interface EditorProps {
  readonly history: TextHistory;
  readonly readOnly: boolean;
  /** What sentences are known to mean, from the saved test. */
  readonly known?: ReadonlyMap<string, TestStep>;
  readonly onSave: () => void;
  /** Whether the name is what to begin with. */
  readonly startAtName?: boolean;
}

/** A test as a table of steps and as YAML, side by side: one text, one history, one check. */
export function TestEditor({ history, readOnly, known = new Map(), onSave, startAtName = false }: EditorProps): ReactNode {
  const { text } = history;
  const reading = useReading(text);
  const checked = useCheck(text, !readOnly);
  const [pane, setPane] = useState<Pane>('steps');
  const [help, setHelp] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  useHotkeys([['shift+?', () => setHelp(true)]]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const command = commandOf(event, false);
    if (command === null || command === 'help') return;
    event.preventDefault();
    if (command === 'save') onSave();
    else if (readOnly) return;
    else if (command === 'undo') history.undo();
    else history.redo();
  };
  const go = ({ line }: TextProblem): void => {
    flushSync(() => setPane('yaml'));
    if (field.current) showLine(field.current, line);
  };
  const locked = readOnly || reading.problem !== null;
  return (
    <KnownSteps value={known}>
      <div onKeyDown={onKeyDown}>
        <HeadFields test={reading.test} history={history} readOnly={locked} startAtName={startAtName} />
        <Bar history={history} readOnly={readOnly} pane={pane} onPane={setPane} onHelp={() => setHelp(true)} />
        <div className={classes.panes}>
          <section className={classes.pane} data-shown={pane === 'steps'} aria-label={tests.steps}>
            <h2 className={classes.label}>{tests.steps}</h2>
            <p className={classes.hint}>{tests.stepsHint}</p>
            {reading.problem && (
              <Alert color="care" role="status" mb="xs">
                {tests.table.unreadable(reading.problem.line, reading.problem.why)}
              </Alert>
            )}
            <StepTable rows={reading.test.rows} text={text} write={history.write} problems={locked ? [] : checked.problems} readOnly={locked} />
          </section>
          <YamlPane shown={pane === 'yaml'} field={field} history={history} readOnly={readOnly} problems={checked.problems} />
        </div>
        {!readOnly && <Verdict checked={checked} onGo={go} />}
        <KeysHelp opened={help} onClose={() => setHelp(false)} />
      </div>
    </KnownSteps>
  );
}

function YamlPane(props: {
  shown: boolean;
  field: RefObject<HTMLTextAreaElement | null>;
  history: TextHistory;
  readOnly: boolean;
  problems: readonly TextProblem[];
}): ReactNode {
  const { shown, field, history, readOnly, problems } = props;
  return (
    <section className={classes.pane} data-shown={shown} aria-label={tests.yamlShort}>
      <YamlField field={field} value={history.text} write={history.write} readOnly={readOnly} problems={problems} />
    </section>
  );
}

/** What a text says; where it cannot be read, what the last one said that could, and why. */
function useReading(text: string): { test: TestText; problem: { line: number; why: string } | null } {
  const [last, setLast] = useState<{ text: string; reading: Reading; test: TestText }>(() => readAfter(text, NOTHING));
  let now = last;
  if (last.text !== text) {
    now = readAfter(text, last.test);
    setLast(now);
  }
  const { reading, test } = now;
  return { test, problem: 'problem' in reading ? { line: reading.line, why: reading.problem } : null };
}

function readAfter(text: string, before: TestText): { text: string; reading: Reading; test: TestText } {
  const reading = readTest(text);
  return { text, reading, test: 'test' in reading ? reading.test : before };
}

function HeadFields(props: { test: TestText; history: TextHistory; readOnly: boolean; startAtName: boolean }): ReactNode {
  const { test, history, readOnly, startAtName } = props;
  const project = useProject();
  const { data: tags = [] } = useQuery(listTagsOptions({ query: { project_id: project.id } }));
  const write = (key: 'name' | 'base_url', value: string): void => history.write(withText(history.text, key, value), typing(key, value));
  return (
    <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="sm">
      <TextInput
        label={tests.testName}
        description={'\u00a0'}
        value={test.name}
        readOnly={readOnly}
        data-autofocus={startAtName || undefined}
        autoFocus={startAtName}
        onFocus={({ currentTarget }) => startAtName && currentTarget.select()}
        onChange={({ currentTarget }) => write('name', currentTarget.value)}
      />
      <TextInput
        label={tests.baseUrl}
        description={tests.baseUrlHint}
        value={test.baseUrl}
        readOnly={readOnly}
        onChange={({ currentTarget }) => write('base_url', currentTarget.value)}
      />
      <TagsInput
        label={tests.tags}
        description={tests.tagsHint}
        value={[...test.tags]}
        data={tags.map(({ tag }) => tag)}
        readOnly={readOnly}
        onChange={(chosen) => history.write(withTags(history.text, chosen))}
      />
    </SimpleGrid>
  );
}

function Bar(props: { history: TextHistory; readOnly: boolean; pane: Pane; onPane: (pane: Pane) => void; onHelp: () => void }): ReactNode {
  const { history, readOnly, pane, onPane, onHelp } = props;
  const panes = [
    { value: 'steps', label: tests.steps },
    { value: 'yaml', label: tests.yamlShort },
  ] as const;
  return (
    <div className={classes.bar}>
      <SegmentedControl className={classes.views} size="xs" aria-label={tests.views} data={[...panes]} value={pane} onChange={(value) => onPane(value)} />
      {!readOnly && (
        <>
          <ActionIcon variant="default" aria-label={tests.table.undo} disabled={!history.canUndo} onClick={history.undo}>
            <Icon name="undo" size={16} />
          </ActionIcon>
          <ActionIcon variant="default" aria-label={tests.table.redo} disabled={!history.canRedo} onClick={history.redo}>
            <Icon name="redo" size={16} />
          </ActionIcon>
          <Button size="xs" variant="subtle" onClick={onHelp} leftSection={<span aria-hidden>?</span>}>
            {tests.keys.button}
          </Button>
        </>
      )}
    </div>
  );
}
