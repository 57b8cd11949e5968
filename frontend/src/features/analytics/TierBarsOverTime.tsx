import '@mantine/charts/styles.css';

import { BarChart } from '@mantine/charts';
import type { ReactNode } from 'react';

import { common } from '@/strings/common';

/** Steps that each tier carried in one hour or day. */
export interface TierColumn {
  readonly label: string;
  readonly tier1: number;
  readonly tier2: number;
  readonly tier3: number;
}

const SERIES = ([1, 2, 3] as const).map((tier) => ({ name: `tier${tier}`, label: common.tiers[tier].name, color: `var(--tw-tier-${tier})` }));

/** Steps by tier, a column an hour or day. A table beside it says the same to those who do not see it. */
export default function TierBarsOverTime({ columns, share }: { columns: readonly TierColumn[]; share: boolean }): ReactNode {
  return (
    <BarChart
      h={240}
      maxBarWidth={48}
      data={columns.map((column) => ({ ...column }))}
      dataKey="label"
      type={share ? 'percent' : 'stacked'}
      series={SERIES}
      withLegend
      barChartProps={{ accessibilityLayer: false }}
      aria-hidden="true"
    />
  );
}
