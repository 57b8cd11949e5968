import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, createRoute, redirect } from '@tanstack/react-router';

import { ApiProblem, listProjectsOptions, whoAmIOptions } from '@/api';

import { paths } from './paths';

/** What every route may ask. */
export interface RouterContext {
  readonly queryClient: QueryClient;
}

/** The routes that features hang theirs below; src/app gives them their layouts. */
export const rootRoute = createRootRouteWithContext<RouterContext>()();

/** Pages of somebody signed in; others are sent to sign in and come back. */
export const signedInRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'signed-in',
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queryClient.query({ ...whoAmIOptions(), staleTime: 'static' });
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 401) throw redirect(paths.signIn(location.href));
      throw error;
    }
  },
});

/** Pages of one project: its id is in the address. */
export const projectRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/p/$project',
  beforeLoad: async ({ context }) => {
    await context.queryClient.query({ ...listProjectsOptions(ALL_PROJECTS), staleTime: 'static' });
  },
});

/** The question for the projects that one can see, the same wherever it is asked, so that it is asked once. */
export const ALL_PROJECTS = { query: { limit: 200 } } as const;
