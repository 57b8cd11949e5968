import { Text } from '@mantine/core';
import type { ReactNode } from 'react';

import type { RunOut } from '@/api';
import { When } from '@/components/figures';
import { Icon } from '@/components/Icon';
import { runs } from '@/strings/runs';

import classes from './RunPage.module.css';

/** What people said of a step, the first word first. */
export function Marks({ run, index }: { run: RunOut; index: number }): ReactNode {
  const said = run.feedback.filter(({ step_index: step }) => step === index);
  if (said.length === 0) return null;
  return (
    <ul className={classes.marks} aria-label={runs.marksGiven}>
      {said.map(({ id, kind, note, username, created_at: at }) => (
        <li key={id}>
          <Icon name="flag" size={14} /> <strong>{runs.marks[kind]}</strong>
          {note && `: ${note}`}{' '}
          <Text span size="sm" c="dimmed">
            {username ?? runs.somebody}, <When at={at} />
          </Text>
        </li>
      ))}
    </ul>
  );
}
