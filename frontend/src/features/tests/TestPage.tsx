import { Alert, Button, Group } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';

import { ApiProblem, api, changeTestMutation, readTestOptions, refresh, startTestMutation, type TestOut, wordsOf } from '@/api';
import { StatusBadge } from '@/components/badges';
import { ConfirmButton } from '@/components/ConfirmButton';
import { When } from '@/components/figures';
import { ButtonLink } from '@/components/links';
import { notifyDone, notifyProblem } from '@/components/notify';
import { PageHeader } from '@/components/PageHeader';
import { QueryState } from '@/components/states';
import { useUnsavedGuard } from '@/components/useUnsavedGuard';
import { useAddressParts } from '@/routing/address';
import { paths } from '@/routing/paths';
import { useProject, useRights } from '@/routing/session';
import { tests } from '@/strings/tests';

import { TierMixBars } from './TierMixBars';
import { YamlField } from './YamlField';

/** One test: its YAML, how its last runs went, and what can be done with it. */
export function TestPage(): ReactNode {
  const { test: id = '' } = useAddressParts();
  const query = useQuery(readTestOptions({ path: { test_id: id } }));
  return (
    <QueryState query={query} loading={<PageHeader title={tests.name} />}>
      {(test) => <Editor key={test.id} test={test} />}
    </QueryState>
  );
}

/** The text that is being written. `base` is the version that it began from: a later one is somebody else's. */
function Editor({ test }: { test: TestOut }): ReactNode {
  const rights = useRights();
  const queryClient = useQueryClient();
  const [base, setBase] = useState(test);
  const [yaml, setYaml] = useState(test.yaml);
  const change = useMutation(changeTestMutation());
  const unsaved = yaml !== base.yaml;
  const guard = useUnsavedGuard(unsaved && !change.isPending);

  const take = (saved: TestOut): void => {
    setBase(saved);
    setYaml(saved.yaml);
  };
  const save = (version: number): void =>
    change.mutate(
      { path: { test_id: test.id }, body: { yaml, version } },
      {
        onSuccess: (saved) => {
          take(saved);
          notifyDone(tests.saved);
          void refresh(queryClient, 'readTest', 'listTests');
        },
        onError: () => void refresh(queryClient, 'readTest'),
      },
    );
  const takeTheirs = (): void => {
    take(test);
    change.reset();
  };
  const othersSaved = change.error instanceof ApiProblem && change.error.status === 409 && test.version !== base.version;
  return (
    <>
      <PageHeader title={base.name} subtitle={<Facts test={test} />} actions={<Actions test={test} unsaved={unsaved} />} />
      {othersSaved ? (
        <OthersSaved onTheirs={takeTheirs} onMine={() => save(test.version)} />
      ) : (
        change.error !== null && <Alert role="alert" color="bad" mb="sm">{wordsOf(change.error)}</Alert>
      )}
      <YamlField value={yaml} onChange={setYaml} readOnly={!rights.change} />
      {rights.change && (
        <Group mt="md">
          <Button onClick={() => save(base.version)} loading={change.isPending} disabled={!unsaved}>
            {tests.save}
          </Button>
          <Button variant="default" onClick={() => setYaml(base.yaml)} disabled={!unsaved}>
            {tests.undo}
          </Button>
        </Group>
      )}
      {guard}
    </>
  );
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

function Actions({ test, unsaved }: { test: TestOut; unsaved: boolean }): ReactNode {
  const rights = useRights();
  const { id: project } = useProject();
  return (
    <>
      <ButtonLink variant="default" {...paths.runs(project, { test_id: test.id })}>
        {tests.runs}
      </ButtonLink>
      {rights.change && <Remove test={test} />}
      {rights.change && <Run test={test} unsaved={unsaved} />}
    </>
  );
}

function Run({ test, unsaved }: { test: TestOut; unsaved: boolean }): ReactNode {
  const navigate = useNavigate();
  const start = useMutation(startTestMutation());
  const run = (): void =>
    start.mutate(
      { path: { test_id: test.id }, body: {} },
      {
        onSuccess: ({ runs, group_id: group }) => {
          const only = runs.length === 1 ? runs[0] : undefined;
          void navigate(only ? paths.run(test.project_id, only.id) : paths.runs(test.project_id, { group_id: group }));
        },
        onError: notifyProblem,
      },
    );
  return (
    <Button onClick={run} loading={start.isPending} disabled={unsaved} title={unsaved ? tests.unsavedRun : undefined}>
      {tests.run}
    </Button>
  );
}

function Remove({ test }: { test: TestOut }): ReactNode {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const remove = async (): Promise<void> => {
    await api.removeTest({ path: { test_id: test.id }, throwOnError: true });
    await refresh(queryClient, 'listTests');
    notifyDone(tests.removed);
    await navigate(paths.tests(test.project_id));
  };
  return (
    <ConfirmButton question={tests.removeQuestion} consequence={tests.removeWords} confirm={tests.remove} onConfirm={remove}>
      {tests.remove}
    </ConfirmButton>
  );
}
