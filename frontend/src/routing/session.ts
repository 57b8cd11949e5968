import { useSuspenseQuery } from '@tanstack/react-query';

import { listProjectsOptions, type Me, type ProjectOut, whoAmIOptions } from '@/api';

import { useAddressParts } from './address';
import { ALL_PROJECTS } from './parents';

/** Who is signed in. Only below `signedInRoute`. */
export function useMe(): Me {
  return useSuspenseQuery(whoAmIOptions()).data;
}

/** The projects that one can see. Only below `signedInRoute`. */
export function useProjects(): readonly ProjectOut[] {
  return useSuspenseQuery(listProjectsOptions(ALL_PROJECTS)).data.items;
}

/** The project that the address names, and undefined where it names none that one can see. */
export function useProjectOfAddress(): ProjectOut | undefined {
  const { project } = useAddressParts();
  return useProjects().find(({ id }) => id === project);
}

/** The project of a page. Only below `projectRoute`, whose layout shows no page without one. */
export function useProject(): ProjectOut {
  const found = useProjectOfAddress();
  if (!found) throw new Error('this page is not below a project');
  return found;
}

/** What somebody may do in the project of a page: viewers look, members change, administrators administer. */
export interface Rights {
  readonly change: boolean;
  readonly administer: boolean;
}

/** What one may do in the project of a page; what one may not do is not shown. */
export function useRights(): Rights {
  return rightsOf(useProject());
}

/** What somebody may do in a project. */
export function rightsOf(project: ProjectOut): Rights {
  return { change: project.role !== 'viewer', administer: project.role === 'admin' };
}
