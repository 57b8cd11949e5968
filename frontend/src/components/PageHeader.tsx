import { Group, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';

import { common } from '@/strings/common';

import classes from './PageHeader.module.css';

/** The head of every page: its one `h1`, which also names the browser's tab, a line below it, and what can be done. */
export function PageHeader(props: { title: string; subtitle?: ReactNode; before?: ReactNode; actions?: ReactNode }): ReactNode {
  const { title, subtitle, before, actions } = props;
  useDocumentTitle(title);
  return (
    <Group component="header" justify="space-between" align="flex-end" mb="lg" gap="sm">
      <div className={classes.said}>
        {before}
        <Title order={1} tabIndex={-1} id="page-title">
          {title}
        </Title>
        {subtitle !== undefined && (
          <Text c="dimmed" size="sm" component="div">
            {subtitle}
          </Text>
        )}
      </div>
      {actions !== undefined && <Group gap="xs">{actions}</Group>}
    </Group>
  );
}

/** Name the browser's tab after the page. */
export function useDocumentTitle(page: string): void {
  useEffect(() => {
    document.title = common.title(page);
  }, [page]);
}
