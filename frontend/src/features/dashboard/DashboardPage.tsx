import { SimpleGrid, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';

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
        {(data) => <Parts key={project.id} data={data} project={project.id} />}
      </QueryState>
    </>
  );
}

function Parts({ data, project }: { data: DashboardOut; project: string }): ReactNode {
  const { heals_waiting: waiting } = data;
  const empty = data.pass_rate.sample === 0 && data.today.sample === 0;
  // The box stays when the first run comes while somebody looks: what is below it does not jump.
  const [beganEmpty] = useState(empty);
  return (
    <Stack>
      {beganEmpty && (
        <EmptyState
          icon="runs"
          title={empty ? dashboard.noRunsTitle : dashboard.firstRunTitle}
          hint={empty ? dashboard.noRuns : dashboard.firstRun}
          action={empty ? <ButtonLink {...paths.tests(project)}>{dashboard.toTests}</ButtonLink> : <ButtonLink {...paths.runs(project)}>{dashboard.toRuns}</ButtonLink>}
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

