import { Alert, Button, Group } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useMemo, useState } from 'react';

import { ApiProblem, changeTestMutation, readTestOptions, refresh, type TestOut, type TestStep, wordsOf } from '@/api';
import { StatusBadge } from '@/components/badges';
import { When } from '@/components/figures';
import { notifyDone } from '@/components/notify';
import { PageHeader } from '@/components/PageHeader';
import { LoadingState, QueryState } from '@/components/states';
import { useUnsavedGuard } from '@/components/useUnsavedGuard';
import { useAddressParts } from '@/routing/address';
import { useRights } from '@/routing/session';
import { tests } from '@/strings/tests';

import { useTextHistory } from './history';
import { TestActions } from './TestActions';
import { TestEditor } from './TestEditor';
import { TierMixBars } from './TierMixBars';

/** One test: its steps, how its last runs went, and what can be done with it. */
export function TestPage(): ReactNode {
  const { test: id = '' } = useAddressParts();
  const query = useQuery(readTestOptions({ path: { test_id: id } }));
  return (
    <QueryState query={query} loading={<><PageHeader title={tests.name} /><LoadingState rows={10} /></>}>
      {(test) => <Editor key={test.id} test={test} />}
    </QueryState>
  );
}

/** The text that is being written. `base` is the version that it began from: a later one is somebody else's. */
function Editor({ test }: { test: TestOut }): ReactNode {
  const rights = useRights();
  const queryClient = useQueryClient();
  const [base, setBase] = useState(test);
  const history = useTextHistory(test.yaml);
  const change = useMutation(changeTestMutation());
  const known = useKnownSteps(base);
  const unsaved = history.text !== base.yaml;
  const guard = useUnsavedGuard(unsaved && !change.isPending);

  const save = (version: number): void => {
    if (!rights.change || change.isPending) return;
    const sent = history.text;
    change.mutate(
      { path: { test_id: test.id }, body: { yaml: sent, version } },
      {
        onSuccess: (saved) => {
          setBase(saved);
          history.settle(sent, saved.yaml);
          notifyDone(tests.saved);
          void refresh(queryClient, 'readTest', 'listTests', 'listTags', 'listVersions');
        },
        onError: () => void refresh(queryClient, 'readTest'),
      },
    );
  };
  const takeTheirs = (): void => {
    setBase(test);
    history.write(test.yaml);
    change.reset();
  };
  const othersSaved = change.error instanceof ApiProblem && change.error.status === 409 && test.version !== base.version;
  return (
    <>
      <PageHeader title={base.name} subtitle={<Facts test={test} />} actions={<TestActions test={test} unsaved={unsaved} />} />
      {othersSaved ? (
        <OthersSaved onTheirs={takeTheirs} onMine={() => save(test.version)} />
      ) : (
        change.error !== null && <Alert role="alert" color="bad" mb="sm">{wordsOf(change.error)}</Alert>
      )}
      <TestEditor history={history} readOnly={!rights.change} known={known} onSave={() => unsaved && save(base.version)} />
      {rights.change && (
        <Group mt="md">
          <Button onClick={() => save(base.version)} loading={change.isPending} disabled={!unsaved}>
            {tests.save}
          </Button>
          <Button variant="default" onClick={() => history.write(base.yaml)} disabled={!unsaved}>
            {tests.undoAll}
          </Button>
        </Group>
      )}
      {guard}
    </>
  );
}

function useKnownSteps({ setup, steps, teardown }: TestOut): ReadonlyMap<string, TestStep> {
  return useMemo(() => {
    const all = [setup, steps, teardown].flatMap((section) => section ?? []);
    return new Map(all.flatMap((step) => (step.sentence === null ? [] : [[step.sentence, step] as const])));
  }, [setup, steps, teardown]);
}

function OthersSaved({ onTheirs, onMine }: { onTheirs: () => void; onMine: () => void }): ReactNode {
  return (
    <Alert role="alert" color="bad" mb="sm" title={tests.othersSaved}>
      <Group gap="xs">
        <Button size="xs" variant="default" onClick={onTheirs}>
          {tests.takeTheirs}
        </Button>
        <Button size="xs" variant="default" onClick={onMine}>
          {tests.overwrite}
        </Button>
      </Group>
    </Alert>
  );
}

function Facts({ test }: { test: TestOut }): ReactNode {
  return (
    <Group gap="sm" mt={4}>
      <span>{tests.version(test.version)}</span>
      <When at={test.updated_at} />
      {test.last_run ? <StatusBadge status={test.last_run.status} /> : <span>{tests.never}</span>}
      <TierMixBars mix={test.tier_mix ?? []} />
    </Group>
  );
}
