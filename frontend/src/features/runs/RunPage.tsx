import { Box, Button, Group, Stack, Tabs, Text, VisuallyHidden } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { api, cancelMutation, type QueuedOut, readRunOptions, refresh, type RunOut } from '@/api';
import { StatusBadge } from '@/components/badges';
import { Card } from '@/components/Card';
import { Duration, Money, When } from '@/components/figures';
import { strategyName } from '@/components/format';
import { Icon } from '@/components/Icon';
import { ButtonLink, TextLink } from '@/components/links';
import { notifyDone, notifyProblem } from '@/components/notify';
import { PageHeader } from '@/components/PageHeader';
import { QueryState } from '@/components/states';
import { useAddressParts } from '@/routing/address';
import { paths } from '@/routing/paths';
import { useProject, useRights } from '@/routing/session';
import { runs } from '@/strings/runs';

import { ErrorWords } from './ErrorWords';
import { LivePart } from './LivePart';
import { fileAddress } from './files';
import { nameOf } from './RunsPage';
import classes from './RunPage.module.css';
import { StepLine } from './StepLine';

/** One run: as it happens while it is made, and what became of it afterwards. */
export function RunPage(): ReactNode {
  const { run: id = '' } = useAddressParts();
  const query = useQuery(readRunOptions({ path: { execution_id: id } }));
  return (
    <QueryState query={query} loading={<PageHeader title={runs.one} />}>
      {(run) => (
        <>
          <PageHeader title={nameOf(run)} subtitle={<Facts run={run} />} actions={<Actions run={run} />} />
          {isOver(run) ? <Outcome run={run} /> : <LivePart key={run.id} run={run} />}
        </>
      )}
    </QueryState>
  );
}

function isOver({ status }: RunOut): boolean {
  return status !== 'queued' && status !== 'running';
}

/** Keeps the line's height where it is the only thing on it. */
const NOTHING_YET = '\u00a0';

/** What changes while a run is made has room for its longest word, and what comes later comes last: nothing jumps. */
function Facts({ run }: { run: RunOut }): ReactNode {
  return (
    <Group gap="sm" mt={4}>
      <span>{strategyName(run.strategy)}</span>
      {run.group_id && <TextLink {...paths.runs(run.project_id, { group_id: run.group_id })}>{runs.group}</TextLink>}
      <Box component="span" miw={144}>
        <StatusBadge status={run.status} />
      </Box>
      <Box component="span" miw={116}>
        <When at={run.queued_at} />
      </Box>
      <Group gap="sm" wrap="nowrap">
        <Box component="span" miw={84}>
          {isOver(run) ? <Duration ms={run.duration_ms} /> : NOTHING_YET}
        </Box>
        <Box component="span" miw={64}>
          {isOver(run) ? <Money dollars={run.cost_usd} /> : NOTHING_YET}
        </Box>
      </Group>
    </Group>
  );
}

function Actions({ run }: { run: RunOut }): ReactNode {
  const rights = useRights();
  const { project_id: project, test_id: test } = run;
  return (
    <>
      {test && (
        <ButtonLink variant="default" {...paths.test(project, test)}>
          {runs.toTest}
        </ButtonLink>
      )}
      {rights.change && (isOver(run) ? <Again run={run} /> : <Cancel run={run} />)}
    </>
  );
}

function Cancel({ run }: { run: RunOut }): ReactNode {
  const queryClient = useQueryClient();
  const cancelling = useMutation({
    ...cancelMutation(),
    onSuccess: () => notifyDone(runs.cancelled),
    onError: notifyProblem,
    onSettled: () => refresh(queryClient, 'readRun', 'listRuns'),
  });
  const asked = run.cancel_requested_at !== null;
  return (
    <Button
      variant="default"
      className={classes.turns}
      disabled={asked}
      loading={cancelling.isPending}
      leftSection={<Icon name="stop" size={14} />}
      onClick={() => cancelling.mutate({ path: { execution_id: run.id } })}
    >
      {runs.cancel}
    </Button>
  );
}

/** Not in the head of the page: there it would push aside what stood there while the run was made. */
function FailedAgain({ run }: { run: RunOut }): ReactNode {
  const rights = useRights();
  const rerun = useRerun(run);
  if (!rights.change) return null;
  return (
    <Group gap="xs">
      <Button size="xs" variant="default" loading={rerun.isPending} onClick={() => rerun.mutate('failed')}>
        {runs.failedAgain}
      </Button>
      <Text span size="sm" c="dimmed">
        {runs.failedAgainHint}
      </Text>
    </Group>
  );
}

function Again({ run }: { run: RunOut }): ReactNode {
  const rerun = useRerun(run);
  return (
    <Button className={classes.turns} loading={rerun.isPending} leftSection={<Icon name="refresh" size={14} />} onClick={() => rerun.mutate(null)}>
      {runs.again}
    </Button>
  );
}

/** Queues a run again, or those of its group that failed, and leads to what was queued. */
function useRerun(run: RunOut) {
  const { id: project } = useProject();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async (only: 'failed' | null) => (await api.rerun({ path: { execution_id: run.id }, query: { only }, throwOnError: true })).data,
    onSuccess: async ({ group_id: group, runs: queued }: QueuedOut) => {
      notifyDone(runs.queuedAgain(queued.length));
      const [first, ...others] = queued;
      await navigate({ ...(first && others.length === 0 ? paths.run(project, first.id) : paths.runs(project, { group_id: group })) });
      await refresh(queryClient, 'listRuns', 'readDashboard');
    },
    onError: notifyProblem,
  });
}

function Outcome({ run }: { run: RunOut }): ReactNode {
  const last = run.tries.at(-1)?.ordinal ?? 1;
  return (
    <Stack>
      {run.group_id && (run.status === 'failed' || run.status === 'error') && <FailedAgain run={run} />}
      {run.error_kind && <ErrorWords kind={run.error_kind} message={run.error_message} />}
      {run.tries.length > 1 ? (
        <Tabs defaultValue={String(last)}>
          <Tabs.List>
            {run.tries.map(({ ordinal, status }) => (
              <Tabs.Tab key={ordinal} value={String(ordinal)}>
                {runs.trial(ordinal)} <StatusBadge status={status} />
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {run.tries.map(({ ordinal }) => (
            <Tabs.Panel key={ordinal} value={String(ordinal)} pt="sm">
              <StepsOfTry run={run} ordinal={ordinal} />
            </Tabs.Panel>
          ))}
        </Tabs>
      ) : (
        <StepsOfTry run={run} ordinal={last} />
      )}
    </Stack>
  );
}

function StepsOfTry({ run, ordinal }: { run: RunOut; ordinal: number }): ReactNode {
  const steps = run.steps.filter((step) => step.try_ordinal === ordinal);
  const files = run.artifacts.filter((file) => file.try_ordinal === ordinal && file.step_index === null);
  if (steps.length === 0) return <Text c="dimmed">{runs.noSteps}</Text>;
  return (
    <Stack>
      <VisuallyHidden component="h2">{runs.steps}</VisuallyHidden>
      <ol className={classes.steps} aria-label={runs.steps}>
        {steps.map((step) => (
          <StepLine key={step.step_index} run={run} step={step} />
        ))}
      </ol>
      {files.length > 0 && (
        <Card title={runs.files}>
          {files.map((file) => (
            <a key={file.id} href={fileAddress(run.id, file.id)} download={file.name}>
              <Icon name="download" size={14} /> {file.name}
            </a>
          ))}
        </Card>
      )}
    </Stack>
  );
}
