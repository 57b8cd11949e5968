import { Outlet } from '@tanstack/react-router';
import { type ReactNode, useEffect } from 'react';

import { PageHeader } from '@/components/PageHeader';
import { MissingState } from '@/components/states';
import { useProjectOfAddress } from '@/routing/session';
import { common } from '@/strings/common';

import { rememberProject } from './lastProject';

/** Shows a project's pages, if the address names a project that one can see. */
export function ProjectFrame(): ReactNode {
  const project = useProjectOfAddress();
  useEffect(() => {
    if (project) rememberProject(project.id);
  }, [project]);
  if (project) return <Outlet key={project.id} />;
  return (
    <>
      <PageHeader title={common.missingTitle} />
      <MissingState />
    </>
  );
}
