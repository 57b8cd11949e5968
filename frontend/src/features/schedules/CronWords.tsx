import type { ReactNode } from 'react';

import { useCronWords } from './cronWords';

/** A cron expression in words; as it is written where there are no words for it. */
export function CronWords({ cron }: { cron: string }): ReactNode {
  const words = useCronWords(cron);
  return <span title={cron}>{words ?? cron}</span>;
}
