import { Alert, Text } from '@mantine/core';
import { useDocumentVisibility, useInterval } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';

import { refresh, type RunOut, type ServerEvent } from '@/api';
import { StatusBadge, TierBadge } from '@/components/badges';
import { Duration, Money } from '@/components/figures';
import { Icon } from '@/components/Icon';
import { useEventStream } from '@/components/useEventStream';
import { runs } from '@/strings/runs';

import { after, type LiveStep, NOTHING_YET } from './live';
import classes from './RunPage.module.css';

const FRAME_MS = 1000;

/** A run while it is made: its steps as they happen, and how the page looks. */
export function LivePart({ run }: { run: RunOut }): ReactNode {
  const queryClient = useQueryClient();
  const [live, setLive] = useState(NOTHING_YET);
  const take = (event: ServerEvent): void => {
    setLive((before) => after(before, event));
    if (event.kind === 'run_finished' || event.kind === 'run_started') void refresh(queryClient, 'readRun', 'listRuns', 'readDashboard');
  };
  const { state, problem } = useEventStream(`/api/v1/executions/${encodeURIComponent(run.id)}/events`, take);
  return (
    <div className={classes.live}>
      <div>
        <Text role="status" size="sm" c="dimmed" mih={24} mb={4}>
          {state === 'waiting' ? runs.reconnecting : live.started ? runs.trial(live.trial) : run.status === 'queued' ? runs.waiting : runs.starting}
        </Text>
        {problem !== null && (
          <Alert role="alert" color="bad" title={runs.refused} icon={<Icon name="warning" />}>
            {problem}
          </Alert>
        )}
        <ol className={classes.steps} aria-label={runs.steps} aria-live="polite" aria-relevant="additions">
          {live.steps.map((step) => (
            <LiveLine key={step.index} step={step} />
          ))}
        </ol>
      </div>
      <Frame run={run.id} on={run.status === 'running' || live.started} />
    </div>
  );
}

function LiveLine({ step }: { step: LiveStep }): ReactNode {
  const { index, title, status, tier, ms, cost } = step;
  return (
    <li className={classes.line}>
      <span className={classes.number}>{runs.stepNumber(index)}</span>
      <span className={classes.title} title={title}>
        {title}
      </span>
      <StatusBadge status={status} />
      <span>{tier !== null && <TierBadge tier={tier} />}</span>
      <span className={classes.right}>{ms !== null && <Duration ms={ms} />}</span>
      <span className={classes.right}>{status !== 'running' && <Money dollars={cost} />}</span>
    </li>
  );
}

/** The current picture: asked for only while the run is made and this page is looked at. Its place never changes. */
function Frame({ run, on }: { run: string; on: boolean }): ReactNode {
  const visible = useDocumentVisibility() === 'visible';
  const [turn, setTurn] = useState(0);
  const [shown, setShown] = useState<string | null>(null);
  useInterval(() => on && visible && setTurn((before) => before + 1), FRAME_MS, { autoInvoke: true });
  const address = `/api/v1/executions/${encodeURIComponent(run)}/frame?turn=${turn}`;
  return (
    <div className={classes.frame}>
      {shown === null ? (
        <Text size="sm" c="dimmed" p="md">
          {runs.noFrame}
        </Text>
      ) : (
        <img src={shown} alt={runs.frame} />
      )}
      {on && visible && <img key={turn} src={address} alt="" hidden onLoad={() => setShown(address)} />}
    </div>
  );
}
