import { SimpleGrid, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { type DashboardOut, readDashboardOptions } from '@/api';
import { count } from '@/components/format';
import { Figure } from '@/components/figures';
import { ButtonLink } from '@/components/links';
import { PageHeader } from '@/components/PageHeader';
import { EmptyState, LoadingState, QueryState } from '@/components/states';
import { paths } from '@/routing/paths';
import { useProject } from '@/routing/session';
import { dashboard } from '@/strings/dashboard';

import { CostFigure, PassRateFigure, TierFigure, TodayFigure } from './parts';
import { FlakiestTests, SlowestTests } from './TestLists';

const REFRESH_MS = 30_000;

/** How a project is, at a glance. */
export function DashboardPage(): ReactNode {
  const project = useProject();
  const query = useQuery({ ...readDashboardOptions({ query: { project_id: project.id } }), refetchInterval: REFRESH_MS });
  return (
    <>
      <PageHeader title={dashboard.title} subtitle={project.name} />
      <QueryState query={query} loading={<LoadingState rows={4} height={150} />}>
        {(data) => <Parts data={data} project={project.id} />}
      </QueryState>
    </>
  );
}

function Parts({ data, project }: { data: DashboardOut; project: string }): ReactNode {
  const { heals_waiting: waiting } = data;
  return (
    <Stack>
      {data.pass_rate.sample === 0 && data.today.sample === 0 && (
        <EmptyState
          icon="runs"
          title={dashboard.noRunsTitle}
          hint={dashboard.noRuns}
          action={<ButtonLink {...paths.tests(project)}>{dashboard.toTests}</ButtonLink>}
        />
      )}
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
        <PassRateFigure part={data.pass_rate} project={project} />
        <TodayFigure part={data.today} project={project} />
        <Figure
          label={dashboard.heals}
          value={count(waiting.heals + waiting.groundings)}
          window={dashboard.healsBasis}
          sample={dashboard.healsSample(waiting.heals, waiting.groundings)}
          rows={paths.heals(project, { status: 'proposed' })}
        />
        <TierFigure part={data.tiers} project={project} />
        <CostFigure cost={data.cost} project={project} />
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <SlowestTests part={data.slowest} project={project} />
        <FlakiestTests part={data.flakiest} project={project} />
      </SimpleGrid>
    </Stack>
  );
}

