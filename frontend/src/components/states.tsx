import { Alert, Button, Skeleton, Stack, Text, Title } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';

import { ApiProblem, wordsOf } from '@/api';
import { common } from '@/strings/common';

import { Icon, type IconName } from './Icon';
import classes from './states.module.css';

/** Holds the place of what is on its way, so that nothing jumps when it comes. `height` in pixels a row. */
export function LoadingState({ rows = 4, height = 44 }: { rows?: number; height?: number }): ReactNode {
  return (
    <Stack gap={8} role="status" aria-label={common.loading} data-testid="loading">
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} height={height - 8} radius="sm" />
      ))}
    </Stack>
  );
}

/** Says that there is nothing yet, and what to do first. */
export function EmptyState(props: { icon: IconName; title: string; hint: ReactNode; action?: ReactNode }): ReactNode {
  const { icon, title, hint, action } = props;
  return (
    <div className={classes.empty}>
      <Icon name={icon} size={28} />
      <Title order={2} size="h3">
        {title}
      </Title>
      <Text c="dimmed" size="sm" maw={440} component="div">
        {hint}
      </Text>
      {action}
    </div>
  );
}

/** Says in words what went wrong, and offers to try again. */
export function ErrorState({ error, onRetry, title = common.errorTitle }: { error: unknown; onRetry?: () => void; title?: string }): ReactNode {
  return (
    <Alert role="alert" color="bad" variant="light" title={title} icon={<Icon name="warning" />} className={classes.error}>
      <Text size="sm">{wordsOf(error)}</Text>
      {onRetry && (
        <Button variant="default" size="xs" mt="sm" onClick={onRetry} leftSection={<Icon name="refresh" size={14} />}>
          {common.retry}
        </Button>
      )}
    </Alert>
  );
}

/** Says that an address leads to nothing, or to nothing that one may see. */
export function MissingState(): ReactNode {
  return <EmptyState icon="search" title={common.missingTitle} hint={common.missingHint} />;
}

/** What a query is at: on its way, wrong, missing, or here. Old data stays on the page while it is asked for anew. */
export function QueryState<Data>(props: {
  query: UseQueryResult<Data, unknown>;
  loading?: ReactNode;
  children: (data: Data) => ReactNode;
}): ReactNode {
  const { query, loading = <LoadingState />, children } = props;
  if (query.data !== undefined) return children(query.data);
  if (query.isError) {
    if (query.error instanceof ApiProblem && query.error.status === 404) return <MissingState />;
    return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  }
  return loading;
}

/** A line at the top of the window while this machine has no network. */
export function OfflineBanner(): ReactNode {
  const offline = useOffline();
  return (
    <div role="status" aria-live="polite">
      {offline && (
        <div className={classes.offline}>
          <Icon name="offline" size={16} /> {common.offline}
        </div>
      )}
    </div>
  );
}

function useOffline(): boolean {
  const [offline, setOffline] = useState(() => !navigator.onLine);
  useEffect(() => {
    const look = (): void => setOffline(!navigator.onLine);
    window.addEventListener('online', look);
    window.addEventListener('offline', look);
    return () => {
      window.removeEventListener('online', look);
      window.removeEventListener('offline', look);
    };
  }, []);
  return offline;
}
