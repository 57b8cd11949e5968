import { ActionIcon, Button, Group, Text } from '@mantine/core';
import { type KeyboardEvent, type LiHTMLAttributes, type ReactNode, useState } from 'react';

import type { SuiteOut, SuiteTest } from '@/api';
import { Card } from '@/components/Card';
import { Icon, type IconName } from '@/components/Icon';
import { TextLink } from '@/components/links';
import { notifyDone } from '@/components/notify';
import { EmptyState } from '@/components/states';
import { TestPicker } from '@/components/TestPicker';
import { paths } from '@/routing/paths';
import { useRights } from '@/routing/session';
import { suites } from '@/strings/suites';

import { useOrderChanges } from './order';
import classes from './TestsInOrder.module.css';

/** A suite's tests in their order: moved by dragging, by buttons, or by Alt and the arrow keys. */
export function TestsInOrder({ suite }: { suite: SuiteOut }): ReactNode {
  const rights = useRights();
  const changes = useOrderChanges(suite);
  const [said, setSaid] = useState('');
  const [dragged, setDragged] = useState<number | null>(null);
  const [over, setOver] = useState<number | null>(null);
  const all = suite.tests.length;

  const move = ({ id, name }: SuiteTest, where: (place: number) => number): void => {
    const place = changes.move(id, where);
    if (place !== null) setSaid(suites.moved(name, place + 1, all));
  };
  const take = ({ id, name }: SuiteTest): void => {
    setSaid(suites.takenOut(name));
    changes.take(id);
  };
  const drop = (): void => {
    const test = dragged === null ? undefined : suite.tests[dragged];
    if (test && over !== null) move(test, () => over);
    leave();
  };
  const leave = (): void => {
    setDragged(null);
    setOver(null);
  };
  const hands = (place: number, test: SuiteTest): LiHTMLAttributes<HTMLLIElement> => ({
    draggable: true,
    onDragStart: ({ dataTransfer }) => {
      dataTransfer.setData('text/plain', test.name);
      setDragged(place);
    },
    onDragOver: (event) => {
      if (dragged === null) return;
      event.preventDefault();
      setOver(place);
    },
    onDrop: (event) => {
      event.preventDefault();
      drop();
    },
    onDragEnd: leave,
    onKeyDown: (event) => byKey(event, (by) => move(test, (now) => now + by)),
  });
  return (
    <Card title={suites.tests}>
      {rights.change && all > 1 && <Text size="sm" c="dimmed" mb="xs">{suites.orderHint}</Text>}
      {all === 0 && <EmptyState icon="tests" title={suites.noTests} hint={rights.change ? suites.noTestsHint : suites.noTestsForViewers} />}
      <ol className={classes.list} aria-label={suites.order}>
        {suite.tests.map((test, place) => (
          <li
            key={test.id}
            className={classes.row}
            data-over={over === place && dragged !== null && dragged !== place ? (dragged < place ? 'below' : 'above') : undefined}
            data-dragged={dragged === place || undefined}
            {...(rights.change && hands(place, test))}
          >
            <span className={classes.place}>{place + 1}</span>
            <TextLink {...paths.test(suite.project_id, test.id)} className={classes.name}>
              {test.name}
            </TextLink>
            <span className={classes.tags}>{test.tags.join(', ')}</span>
            {rights.change && (
              <Group gap={2} wrap="nowrap">
                <Small icon="up" label={suites.up(test.name)} disabled={place === 0} onClick={() => move(test, (now) => now - 1)} />
                <Small icon="down" label={suites.down(test.name)} disabled={place === all - 1} onClick={() => move(test, (now) => now + 1)} />
                <Small icon="cross" label={suites.take(test.name)} onClick={() => take(test)} />
              </Group>
            )}
          </li>
        ))}
      </ol>
      <Text role="status" size="sm" c="dimmed" mih={22}>
        {said}
      </Text>
      {rights.change && <Adding suite={suite} onAdd={changes.add} />}
    </Card>
  );
}

function byKey(event: KeyboardEvent, move: (by: number) => void): void {
  if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
  event.preventDefault();
  move(event.key === 'ArrowUp' ? -1 : 1);
}

/** A button of a row. One that is of no use keeps the focus, so that the keyboard is not lost at the ends of the list. */
function Small(props: { icon: IconName; label: string; onClick: () => void; disabled?: boolean }): ReactNode {
  const { icon, label, onClick, disabled = false } = props;
  return (
    <ActionIcon variant="subtle" color="gray" size="sm" aria-label={label} aria-disabled={disabled} data-disabled={disabled || undefined} onClick={() => !disabled && onClick()}>
      <Icon name={icon} size={15} />
    </ActionIcon>
  );
}

function Adding({ suite, onAdd }: { suite: SuiteOut; onAdd: (tests: string[]) => Promise<unknown> }): ReactNode {
  const [chosen, setChosen] = useState<string[]>([]);
  const add = async (): Promise<void> => {
    await onAdd(chosen);
    notifyDone(suites.added(chosen.length));
    setChosen([]);
  };
  return (
    <Group align="flex-end" mt="xs">
      <div className={classes.picker}>
        <TestPicker
          label={suites.addTests}
          project={suite.project_id}
          value={chosen}
          onChange={setChosen}
          without={new Set(suite.tests.map(({ id }) => id))}
        />
      </div>
      <Button disabled={chosen.length === 0} leftSection={<Icon name="plus" size={14} />} onClick={() => void add().catch(() => undefined)}>
        {suites.add}
      </Button>
    </Group>
  );
}
