import { Alert } from '@mantine/core';
import type { ReactNode } from 'react';

/** What a form was refused for and belongs to none of its fields; nothing where there is no such thing. */
export function FormProblem({ problem }: { problem: string | null }): ReactNode {
  if (problem === null) return null;
  return (
    <Alert role="alert" color="bad" my="sm">
      {problem}
    </Alert>
  );
}
