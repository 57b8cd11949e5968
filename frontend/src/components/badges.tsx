import { Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';

import { common } from '@/strings/common';

import classes from './badges.module.css';
import { Icon, type IconName } from './Icon';

export type Status = keyof typeof common.statuses;

/** How a status looks: a tone, and an icon for those who cannot tell the tones apart. */
const LOOKS: Record<Status, readonly [tone: string, icon: IconName]> = {
  queued: ['quiet', 'schedules'],
  running: ['busy', 'runs'],
  passed: ['good', 'check'],
  passed_healed: ['healed', 'heals'],
  healed: ['healed', 'heals'],
  flaky: ['care', 'refresh'],
  failed: ['bad', 'cross'],
  error: ['broken', 'warning'],
  skipped: ['quiet', 'minus'],
  cancelled: ['quiet', 'stop'],
  proposed: ['care', 'heals'],
  approved: ['good', 'check'],
  rejected: ['bad', 'cross'],
};

function isStatus(word: string): word is Status {
  return word in LOOKS;
}

/** How a run, a step or a heal stands, in a word, a tone and an icon. */
export function StatusBadge({ status }: { status: string }): ReactNode {
  const [tone, icon] = isStatus(status) ? LOOKS[status] : (['quiet', 'info'] as const);
  return (
    <span className={classes.status} data-tone={tone}>
      <Icon name={icon} size={13} />
      {isStatus(status) ? common.statuses[status] : status}
    </span>
  );
}

export type Tier = 1 | 2 | 3;

/** Which tier carried a step: its number, its colour, and as many bars. */
export function TierBadge({ tier }: { tier: Tier | null }): ReactNode {
  if (tier === null) return <span className={classes.noTier}>{common.noTier}</span>;
  const { short, name, hint } = common.tiers[tier];
  return (
    <Tooltip label={`${name}. ${hint}`} events={{ hover: true, focus: true, touch: true }}>
      <span className={classes.tier} data-tier={tier}>
        <TierBars tier={tier} />
        <span aria-hidden="true">{short}</span>
        <span className={classes.unseen}>{name}</span>
      </span>
    </Tooltip>
  );
}

/** One, two or three bars, as a tier is shown everywhere. */
export function TierBars({ tier }: { tier: Tier }): ReactNode {
  return (
    <svg width="12" height="11" viewBox="0 0 12 11" aria-hidden="true" focusable="false">
      {([1, 2, 3] as const).map((bar) => (
        <rect
          key={bar}
          x={(bar - 1) * 4.2}
          y={9 - bar * 3 + 2}
          width="3"
          height={bar * 3}
          rx="0.6"
          fill="currentColor"
          opacity={bar <= tier ? 1 : 0.28}
        />
      ))}
    </svg>
  );
}
