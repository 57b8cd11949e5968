import type { QueryClient } from '@tanstack/react-query';
import { type AnyRouter, createRoute, createRouter, lazyRouteComponent, type RouterHistory } from '@tanstack/react-router';

import { ErrorState, LoadingState, MissingState } from '@/components/states';
import { searchOfWords, wordsOfSearch } from '@/routing/address';
import { projectRoute, rootRoute, signedInRoute } from '@/routing/parents';

import { features } from './features';

const homeRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/',
  component: lazyRouteComponent(() => import('./Home'), 'Home'),
});

const routeTree = rootRoute.addChildren([
  ...features.flatMap(({ open = [] }) => open),
  signedInRoute
    .update({ component: lazyRouteComponent(() => import('./Shell'), 'Shell') })
    .addChildren([
      homeRoute,
      ...features.flatMap(({ signedIn = [] }) => signedIn),
      projectRoute
        .update({ component: lazyRouteComponent(() => import('./ProjectFrame'), 'ProjectFrame') })
        .addChildren(features.flatMap(({ inProject = [] }) => inProject)),
    ]),
]);

/** The router over all features' routes. Features link to each other by `paths`, not by the types of routes. */
export function makeRouter(queryClient: QueryClient, history?: RouterHistory): AnyRouter {
  return createRouter({
    routeTree,
    context: { queryClient },
    ...(history && { history }),
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    scrollRestoration: true,
    defaultPendingMs: 300,
    defaultPendingComponent: () => <LoadingState rows={6} />,
    defaultErrorComponent: ({ error, reset }) => <ErrorState error={error} onRetry={reset} />,
    defaultNotFoundComponent: MissingState,
    parseSearch: wordsOfSearch,
    stringifySearch: searchOfWords,
  });
}
