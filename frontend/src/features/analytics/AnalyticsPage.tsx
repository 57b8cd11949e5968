import { Button, SimpleGrid, Stack } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { readCostsOptions, readStrategyEffectivenessOptions, readTierDistributionOptions, type TierDistributionOut } from '@/api';
import { Figure } from '@/components/figures';
import { day, percent } from '@/components/format';
import { Icon } from '@/components/Icon';
import { ButtonLink } from '@/components/links';
import { PageHeader } from '@/components/PageHeader';
import { EmptyState, LoadingState, QueryState } from '@/components/states';
import { paths } from '@/routing/paths';
import { analytics } from '@/strings/analytics';

import { type Asked, costsAddress, csvAddress, useAsked, useBucket } from './asked';
import { Costs } from './Costs';
import { EffectivenessDashboard } from './EffectivenessDashboard';
import { Filters } from './Filters';
import { TierDistributionChart } from './TierDistributionChart';

/** What tiers and strategies did in a project, and what it cost. */
export function AnalyticsPage(): ReactNode {
  const asked = useAsked();
  const costs = useQuery({
    ...readCostsOptions({ query: { project_id: asked.project_id, from: asked.from, ...(asked.to && { to: asked.to }) } }),
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <PageHeader title={analytics.title} subtitle={analytics.lead} />
      <Filters asked={asked} />
      <Stack>
        <Tiers asked={asked} />
        <QueryState query={costs} loading={<LoadingState rows={1} height={300} />}>
          {(data) => <Costs data={data} actions={<Csv of={analytics.costs} address={costsAddress(asked)} />} />}
        </QueryState>
      </Stack>
    </>
  );
}

function Tiers({ asked }: { asked: Asked }): ReactNode {
  const bucket = useBucket(asked);
  const tiers = useQuery({ ...readTierDistributionOptions({ query: { ...asked, bucket } }), placeholderData: keepPreviousData });
  const strategies = useQuery({ ...readStrategyEffectivenessOptions({ query: asked }), placeholderData: keepPreviousData });
  return (
    <QueryState query={tiers} loading={<LoadingState rows={2} height={400} />}>
      {(data) =>
        data.total_executions === 0 ? (
          <Nothing project={asked.project_id} />
        ) : (
          <>
            <Figures data={data} asked={asked} />
            <TierDistributionChart data={data} bucket={bucket} actions={<Csv of={analytics.distribution} address={csvAddress('tier-distribution', asked)} />} />
            <QueryState query={strategies} loading={<LoadingState rows={1} height={300} />}>
              {(figures) => (
                <EffectivenessDashboard
                  data={figures}
                  oneTest={asked.test_id !== undefined}
                  actions={<Csv of={analytics.effectiveness} address={csvAddress('strategy-effectiveness', asked)} />}
                />
              )}
            </QueryState>
          </>
        )
      }
    </QueryState>
  );
}

function Nothing({ project }: { project: string }): ReactNode {
  return (
    <EmptyState
      icon="analytics"
      title={analytics.emptyTitle}
      hint={analytics.empty}
      action={<ButtonLink {...paths.tests(project)}>{analytics.toTests}</ButtonLink>}
    />
  );
}

function Figures({ data, asked }: { data: TierDistributionOut; asked: Asked }): ReactNode {
  const { cache } = data;
  const window = `${day(new Date(asked.from))} – ${day(asked.to ? new Date(asked.to) : new Date())}`;
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }}>
      <Figure
        label={analytics.success}
        value={data.overall_success_rate === null ? analytics.noData : percent(data.overall_success_rate)}
        window={window}
        sample={analytics.stepSample(data.total_steps)}
        rows={paths.runs(asked.project_id, { from: asked.from, to: asked.to, test_id: asked.test_id, tag: asked.tag })}
      />
      <Figure
        label={analytics.cacheHits}
        value={cache.hit_rate === null ? analytics.noData : percent(cache.hit_rate)}
        window={window}
        sample={analytics.lookups(cache.hits + cache.misses + cache.invalid)}
      />
    </SimpleGrid>
  );
}

function Csv({ of, address }: { of: string; address: string }): ReactNode {
  return (
    <Button
      component="a"
      href={address}
      download
      size="xs"
      variant="default"
      aria-label={analytics.csvOf(of)}
      leftSection={<Icon name="download" size={14} />}
    >
      {analytics.csv}
    </Button>
  );
}
