import { Navigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { ButtonLink } from '@/components/links';
import { PageHeader } from '@/components/PageHeader';
import { EmptyState } from '@/components/states';
import { paths } from '@/routing/paths';
import { useProjects } from '@/routing/session';
import { app } from '@/strings/app';

import { lastProject } from './lastProject';

/** Where `/` leads: to the project that was open last, else to the oldest one. */
export function Home(): ReactNode {
  const projects = useProjects();
  const last = lastProject();
  const project = projects.find(({ id }) => id === last) ?? projects.at(-1);
  if (project) return <Navigate {...paths.dashboard(project.id)} replace />;
  return (
    <>
      <PageHeader title={app.noProjectTitle} />
      <EmptyState
        icon="projects"
        title={app.noProjectTitle}
        hint={app.noProject}
        action={<ButtonLink {...paths.projects()}>{app.makeProject}</ButtonLink>}
      />
    </>
  );
}
