import { Alert, Button, Group, Modal, Radio, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';

import {
  api, ApiProblem, compareVersionsOptions, listVersionsInfiniteOptions, readTestOptions, refresh, type TestOut, type VersionItem, wordsOf,
} from '@/api';
import { When } from '@/components/figures';
import { TextLink } from '@/components/links';
import { notifyDone } from '@/components/notify';
import { PageHeader } from '@/components/PageHeader';
import { SimpleTable } from '@/components/SimpleTable';
import { ErrorState, LoadingState, QueryState } from '@/components/states';
import { BY_CURSOR } from '@/components/VirtualTable';
import { useAddressParts, useAddressSearch, useChangeSearch } from '@/routing/address';
import { paths } from '@/routing/paths';
import { useMe, useProject, useRights } from '@/routing/session';
import { common } from '@/strings/common';
import { tests } from '@/strings/tests';

import { Diff } from './Diff';

const words = tests.versions;
type Side = 'from' | 'to';

/** The versions of a test: what changed between any two of them, and the way back to one. */
export function VersionsPage(): ReactNode {
  const { test: id = '' } = useAddressParts();
  const project = useProject();
  const query = useQuery(readTestOptions({ path: { test_id: id } }));
  return (
    <>
      <TextLink {...paths.test(project.id, id)} size="sm">
        {words.back}
      </TextLink>
      <QueryState query={query} loading={<><PageHeader title={words.open} /><LoadingState rows={6} /></>}>
        {(test) => (
          <>
            <PageHeader title={words.title(test.name)} subtitle={tests.version(test.version)} />
            <Versions test={test} />
          </>
        )}
      </QueryState>
    </>
  );
}

function Versions({ test }: { test: TestOut }): ReactNode {
  const path = { test_id: test.id };
  const query = useInfiniteQuery({ ...listVersionsInfiniteOptions({ path, query: { limit: 50 } }), ...BY_CURSOR, initialPageParam: { path } });
  const chosen = useChosen(test);
  if (query.isPending) return <LoadingState rows={6} />;
  if (!query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  const versions = query.data.pages.flatMap(({ items }) => items);
  return (
    <>
      {versions.length === 1 && <Text size="sm">{words.one}</Text>}
      <List test={test} versions={versions} chosen={chosen} />
      {query.hasNextPage && (
        <Button variant="default" size="xs" mt="xs" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {common.more}
        </Button>
      )}
      {test.version > 1 && <Compared test={test} from={chosen.from} to={chosen.to} />}
    </>
  );
}

interface Pair {
  readonly from: number;
  readonly to: number;
}

/** The two versions that the address names; left out, the newest and the one before. */
function useChosen(test: TestOut): Pair {
  const search = useAddressSearch();
  const to = numberOf(search.to) ?? test.version;
  return { from: numberOf(search.from) ?? Math.max(to - 1, 1), to };
}

function numberOf(text: string | undefined): number | undefined {
  return text && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}

function List({ test, versions, chosen }: { test: TestOut; versions: readonly VersionItem[]; chosen: Pair }): ReactNode {
  const rights = useRights();
  const me = useMe();
  const change = useChangeSearch();
  const choice = (side: Side, version: number): ReactNode => (
    <Radio
      name={side}
      aria-label={words.choose(words[side], version)}
      checked={chosen[side] === version}
      onChange={() => change({ from: String(chosen.from), to: String(chosen.to), [side]: String(version) })}
    />
  );
  const rows = versions.map(({ version, note, user_id: user, created_at: at }) => ({
    key: String(version),
    cells: [
      test.version > 1 && choice('from', version),
      test.version > 1 && choice('to', version),
      version === test.version ? `${version} (${words.current})` : version,
      note,
      user === me.id ? words.you : '',
      <When key="when" at={at} />,
      rights.change && version !== test.version && <Restore key="restore" test={test} version={version} />,
    ],
  }));
  return <SimpleTable label={words.list} heads={[words.from, words.to, words.number, words.note, words.by, words.when, words.restore]} rows={rows} />;
}

function Compared({ test, from, to }: { test: TestOut } & Pair): ReactNode {
  const query = useQuery(compareVersionsOptions({ path: { test_id: test.id }, query: { from, to } }));
  return (
    <section aria-label={words.diff(from, to)}>
      <Title order={2} my="sm">{words.diff(from, to)}</Title>
      <QueryState query={query} loading={<LoadingState rows={4} />}>
        {({ diff }) => (diff ? <Diff diff={diff} /> : <Text size="sm">{words.same}</Text>)}
      </QueryState>
    </section>
  );
}

/** Makes an older version the current one, once more asked where somebody else saved meanwhile. */
function Restore({ test, version }: { test: TestOut; version: number }): ReactNode {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const [opened, { open, close }] = useDisclosure(false);
  const [seen, setSeen] = useState(test.version);
  const restore = useMutation({
    mutationFn: async () =>
      (await api.restoreVersion({ path: { test_id: test.id, version }, body: { version: seen }, throwOnError: true })).data,
    onSuccess: async () => {
      close();
      await refresh(queryClient, 'readTest', 'listTests', 'listTags', 'listVersions', 'compareVersions');
      notifyDone(words.restored(version));
      await navigate({ ...paths.versions(test.project_id, test.id), replace: true });
    },
    onError: () => refresh(queryClient, 'readTest', 'listVersions'),
  });
  const meanwhile = restore.error instanceof ApiProblem && restore.error.status === 409 && test.version !== seen;
  const ask = (): void => {
    restore.reset();
    setSeen(test.version);
    open();
  };
  const again = (): void => {
    restore.reset();
    setSeen(test.version);
  };
  return (
    <>
      <Button size="compact-xs" variant="default" onClick={ask}>
        {words.restore}
      </Button>
      <Modal opened={opened} onClose={close} title={words.restoreQuestion(version)} centered closeButtonProps={{ 'aria-label': common.close }}>
        <Text size="sm">{words.restoreWords(seen + 1)}</Text>
        {restore.error !== null && (
          <Alert role="alert" color="bad" mt="sm">
            {meanwhile ? words.meanwhile(test.version) : wordsOf(restore.error)}
          </Alert>
        )}
        <Group justify="flex-end" mt="lg" gap="xs">
          <Button variant="default" onClick={close} data-autofocus>
            {common.cancel}
          </Button>
          {meanwhile ? (
            <Button onClick={again}>{common.retry}</Button>
          ) : (
            <Button onClick={() => restore.mutate()} loading={restore.isPending}>
              {words.restore}
            </Button>
          )}
        </Group>
      </Modal>
    </>
  );
}
