import { Stack } from '@mantine/core';
import type { ReactNode } from 'react';

import { PageHeader } from '@/components/PageHeader';
import { Secrets } from '@/components/Secrets';
import { MissingState } from '@/components/states';
import { useAddressParts } from '@/routing/address';
import { rightsOf, useProjects } from '@/routing/session';
import { common } from '@/strings/common';
import { projects } from '@/strings/projects';

import { Members } from './Members';
import { NameAndEnd } from './NameAndEnd';

/** One project: its members, secrets and name. */
export function ProjectPage(): ReactNode {
  const { id } = useAddressParts();
  const project = useProjects().find((one) => one.id === id);
  if (!project) {
    return (
      <>
        <PageHeader title={common.missingTitle} />
        <MissingState />
      </>
    );
  }
  const { change, administer } = rightsOf(project);
  return (
    <>
      <PageHeader title={project.name} subtitle={projects.roles[project.role]} />
      <Stack>
        <Members project={project.id} mayChange={administer} />
        <Secrets project={project.id} mayChange={change} />
        {administer && <NameAndEnd project={project} />}
      </Stack>
    </>
  );
}
