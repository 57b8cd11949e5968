import { useMutation, type UseMutationOptions, type UseMutationResult, useQueryClient } from '@tanstack/react-query';

import { refresh } from '@/api';

import { notifyDone } from './notify';

/** A change whose `mutation` (`createXMutation()`) makes it; what the `refreshed` operations answered is asked for again. */
export function useChange<Answer, Failure, Variables>(
  mutation: UseMutationOptions<Answer, Failure, Variables>,
  ...refreshed: readonly string[]
): UseMutationResult<Answer, Failure, Variables> {
  const queryClient = useQueryClient();
  return useMutation({ ...mutation, onSuccess: () => refresh(queryClient, ...refreshed) });
}

/** A change as `useChange` makes it, after which `done` is said. Who calls `mutateAsync` gets its error. */
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
