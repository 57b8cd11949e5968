import { Group, Paper, Title } from '@mantine/core';
import type { ReactNode } from 'react';

import classes from './Card.module.css';

/** A part of a page with a heading of its own. */
export function Card(props: { title?: ReactNode; actions?: ReactNode; children: ReactNode; id?: string }): ReactNode {
  const { title, actions, children, id } = props;
  return (
    <Paper component="section" className={classes.card} p="md" {...(id && { id })}>
      {(title !== undefined || actions !== undefined) && (
        <Group justify="space-between" mb="sm" gap="xs">
          {title !== undefined && <Title order={2}>{title}</Title>}
          {actions}
        </Group>
      )}
      {children}
    </Paper>
  );
}
