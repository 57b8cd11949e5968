import { Text, Tooltip } from '@mantine/core';
import { useInterval } from '@mantine/hooks';
import { type ReactNode, useState } from 'react';

import type { Place } from '@/routing/paths';
import { common } from '@/strings/common';

import { duration, exact, money, relative } from './format';
import classes from './figures.module.css';
import { TextLink } from './links';

/** A figure that can be trusted: its value, the window and the sample it is of, and the way to the rows behind it. */
export function Figure(props: {
  label: string;
  value: ReactNode;
  window: string;
  sample: string;
  rows?: Place | undefined;
  children?: ReactNode;
}): ReactNode {
  const { label, value, window, sample, rows, children } = props;
  return (
    <div className={classes.figure} role="group" aria-label={label}>
      <Text size="sm" c="dimmed" fw={600} className={classes.label}>
        {label}
      </Text>
      <div className={classes.value}>{value}</div>
      {children}
      <Text size="xs" c="dimmed" className={classes.basis}>
        {window} · {rows ? <TextLink {...rows}>{sample}</TextLink> : sample}
      </Text>
    </div>
  );
}

/** Dollars. */
export function Money({ dollars }: { dollars: number | null | undefined }): ReactNode {
  return <span className={classes.number}>{money(dollars)}</span>;
}

/** A span of time, given in milliseconds. */
export function Duration({ ms }: { ms: number | null | undefined }): ReactNode {
  return <span className={classes.number}>{duration(ms)}</span>;
}

const TICK_MS = 30_000;

/** A moment, as how long ago it was; the exact time is shown on hover and on focus. `at` is what the API gives. */
export function When({ at, absent = common.never }: { at: string | null | undefined; absent?: string }): ReactNode {
  const now = useNow();
  if (!at) return <Text span c="dimmed" inherit>{absent}</Text>;
  const moment = new Date(at);
  return <Moment at={at} label={() => exact(moment)} words={relative(moment, now)} />;
}

/** The tooltip is made when somebody points: a list draws hundreds of moments while it scrolls, and few are looked at. */
function Moment({ at, label, words }: { at: string; label: () => string; words: string }): ReactNode {
  const [pointed, setPointed] = useState(false);
  const point = (): void => setPointed(true);
  const time = (
    <time dateTime={at} className={classes.number} {...(!pointed && { onPointerEnter: point, onFocus: point })}>
      {words}
    </time>
  );
  if (!pointed) return time;
  return (
    <Tooltip label={label()} defaultOpened events={{ hover: true, focus: true, touch: true }}>
      {time}
    </Tooltip>
  );
}

function useNow(): Date {
  const [now, setNow] = useState(() => new Date());
  useInterval(() => setNow(new Date()), TICK_MS, { autoInvoke: true });
  return now;
}
