import { useMutation, useQueryClient } from '@tanstack/react-query';

import { api, readSuiteQueryKey, refresh, type SuiteOut } from '@/api';
import { notifyProblem } from '@/components/notify';

/** The items with one of them at another place; places beyond the ends are the ends. */
export function withMoved<Item>(items: readonly Item[], from: number, to: number): Item[] {
  const rest = items.filter((_, place) => place !== from);
  const moved = items[from];
  const place = Math.max(0, Math.min(rest.length, to));
  return moved === undefined ? [...items] : [...rest.slice(0, place), moved, ...rest.slice(place)];
}

type Call = () => Promise<{ data: SuiteOut }>;

/** What changes a suite's tests. What moves and leaves is shown at once; what is added comes with the answer. */
export interface OrderChanges {
  /** A test goes to the place that `where` makes of the one it has; returns that place, and null where nothing moved. */
  readonly move: (test: string, where: (place: number) => number) => number | null;
  readonly take: (test: string) => void;
  readonly add: (tests: string[]) => Promise<unknown>;
}

/**
 * Changes a suite's tests: sent one after the other, and taken back when the server refuses. While others wait to be
 * sent, an answer is older than what is shown, and is not shown.
 */
export function useOrderChanges({ id }: SuiteOut): OrderChanges {
  const queryClient = useQueryClient();
  const key = readSuiteQueryKey({ path: { suite_id: id } });
  const mutationKey = ['order', id];
  const { mutate, mutateAsync } = useMutation({
    mutationKey,
    scope: { id: mutationKey.join(' ') },
    mutationFn: async (call: Call) => (await call()).data,
    onSuccess: async (saved) => {
      if (queryClient.isMutating({ mutationKey }) > 1) return;
      queryClient.setQueryData(key, saved);
      await refresh(queryClient, 'listSuites');
    },
    onError: async (error) => {
      notifyProblem(error);
      await refresh(queryClient, 'readSuite');
    },
  });
  const now = (): SuiteOut['tests'] => queryClient.getQueryData<SuiteOut>(key)?.tests ?? [];
  const show = (tests: SuiteOut['tests']): void => {
    void queryClient.cancelQueries({ queryKey: key });
    queryClient.setQueryData<SuiteOut>(key, (suite) => suite && { ...suite, tests });
  };
  return {
    move: (test, where) => {
      const place = now().findIndex((one) => one.id === test);
      const position = where(place);
      if (place < 0 || position === place || position < 0 || position >= now().length) return null;
      show(withMoved(now(), place, position));
      mutate(() => api.putTestElsewhere({ path: { suite_id: id, test_id: test }, body: { position }, throwOnError: true }));
      return position;
    },
    take: (test) => {
      show(now().filter((one) => one.id !== test));
      mutate(() => api.takeTest({ path: { suite_id: id, test_id: test }, throwOnError: true }));
    },
    add: (tests) => mutateAsync(() => api.putTests({ path: { suite_id: id }, body: { test_ids: tests }, throwOnError: true })),
  };
}
