import { Group } from '@mantine/core';
import type { ReactNode } from 'react';

import type { SuiteItem } from '@/api';
import { StatusBadge } from '@/components/badges';
import { When } from '@/components/figures';
import { TextLink } from '@/components/links';
import { paths } from '@/routing/paths';
import { suites } from '@/strings/suites';

import classes from './LastRun.module.css';

/** The worst first: what somebody has to look at stands where they look first. */
const ORDER = ['error', 'failed', 'running', 'queued', 'flaky', 'passed_healed', 'passed', 'cancelled'];

/** How the runs stand that were last started together of a suite; each figure leads to its rows. `narrow`: on a phone only the worst. */
export function LastRun({ suite, most = ORDER.length, narrow = false }: { suite: SuiteItem; most?: number; narrow?: boolean }): ReactNode {
  const { last_run: last, project_id: project } = suite;
  if (!last) return suites.never;
  const known = ORDER.filter((status) => last.statuses[status]);
  return (
    <Group gap="xs" wrap="nowrap" className={narrow ? classes.worst : undefined}>
      {known.slice(0, most).map((status) => (
        <TextLink key={status} {...paths.runs(project, { group_id: last.group_id, status })} style={{ whiteSpace: 'nowrap' }}>
          {last.statuses[status]} <StatusBadge status={status} />
        </TextLink>
      ))}
      <TextLink {...paths.runs(project, { group_id: last.group_id })} style={{ whiteSpace: 'nowrap' }}>
        <When at={last.queued_at} />
      </TextLink>
    </Group>
  );
}
