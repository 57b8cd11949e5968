import type { ReactNode } from 'react';

import type { TierMix } from '@/api';
import { tests } from '@/strings/tests';

import classes from './TierMixBars.module.css';

const PARTS = ['tier1', 'tier2', 'tier3', 'failed'] as const;

/** A bar for each of a test's last runs, oldest first: the share of its steps that each tier carried, and what failed. */
export function TierMixBars({ mix }: { mix: readonly TierMix[] }): ReactNode {
  if (mix.length === 0) return null;
  return (
    <span className={classes.bars} role="img" aria-label={tests.mixWords(mix.length)}>
      {mix.map((run) => (
        <Bar key={run.run_id} run={run} />
      ))}
    </span>
  );
}

function Bar({ run }: { run: TierMix }): ReactNode {
  return (
    <span className={classes.bar}>
      {PARTS.map((part) => run[part] > 0 && <span key={part} data-part={part} style={{ flexGrow: run[part] }} />)}
    </span>
  );
}
