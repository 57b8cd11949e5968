import { useMutation, type UseMutationOptions, type UseMutationResult, useQueryClient } from '@tanstack/react-query';

import { refresh } from '@/api';

import { notifyDone } from './notify';

/**
 * A change: `mutation` (`createXMutation()`) makes it, what the `refreshed` operations answered is asked for again, and
 * `done` is said. Who calls `mutateAsync` gets its error.
 */
export function useSave<Answer, Failure, Variables>(
  mutation: UseMutationOptions<Answer, Failure, Variables>,
  done: string,
  ...refreshed: readonly string[]
): UseMutationResult<Answer, Failure, Variables> {
  const queryClient = useQueryClient();
  return useMutation({
    ...mutation,
    onSuccess: async () => {
      await refresh(queryClient, ...refreshed);
      notifyDone(done);
    },
  });
}
