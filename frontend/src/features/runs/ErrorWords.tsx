import { Alert, Text } from '@mantine/core';
import type { ReactNode } from 'react';

import { Icon } from '@/components/Icon';
import { runs } from '@/strings/runs';

/** An error in words that a person understands, what to do about it, and what the machine said. */
export function ErrorWords({ kind, message }: { kind: string; message: string | null }): ReactNode {
  const [what, todo] = runs.errors[kind] ?? [kind, ''];
  return (
    <Alert color="bad" variant="light" title={what} icon={<Icon name="warning" />}>
      {todo && <Text size="sm">{todo}</Text>}
      {message && (
        <Text size="sm" mt={6} style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
          {runs.detail}: {message}
        </Text>
      )}
    </Alert>
  );
}
