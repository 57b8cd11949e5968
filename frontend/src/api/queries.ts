import { MutationCache, type QueryClient, QueryCache, QueryClient as Client } from '@tanstack/react-query';

import { ApiProblem } from './problem';

const FRESH_MS = 10_000;
const RETRIES = 2;

/** The cache of what the server said. `onSignedOut` is called when a call was refused because nobody is signed in. */
export function makeQueryClient(onSignedOut: () => void): QueryClient {
  const watch = (error: Error): void => {
    if (error instanceof ApiProblem && error.status === 401 && error.code === 'unauthorized') onSignedOut();
  };
  return new Client({
    queryCache: new QueryCache({ onError: watch }),
    mutationCache: new MutationCache({ onError: watch }),
    defaultOptions: {
      queries: { staleTime: FRESH_MS, retry: worthRepeating, throwOnError: false },
      mutations: { retry: false },
    },
  });
}

function worthRepeating(failures: number, error: Error): boolean {
  return failures < RETRIES && error instanceof ApiProblem && error.passing;
}

/** Ask again for everything that these operations answered (`'listRuns'`), with whatever parameters. */
export async function refresh(client: QueryClient, ...operations: readonly string[]): Promise<void> {
  await client.invalidateQueries({ predicate: ({ queryKey }) => operations.includes(operationOf(queryKey)) });
}

function operationOf(key: readonly unknown[]): string {
  const first = key[0];
  return typeof first === 'object' && first !== null && '_id' in first ? String(first._id) : '';
}

/** Forget what the server told somebody who is no longer signed in; what the page to sign in asks stays. */
export function forgetUser(client: QueryClient): void {
  client.removeQueries({ predicate: ({ queryKey }) => operationOf(queryKey) !== 'readStart' });
}
