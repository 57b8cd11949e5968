import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createMemoryHistory, createRootRoute, createRoute, createRouter, Outlet, RouterProvider } from '@tanstack/react-router';
import { render, type RenderResult } from '@testing-library/react';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import type { ReactNode } from 'react';

import { makeQueryClient } from '@/api';
import { searchOfWords, wordsOfSearch } from '@/routing/address';
import { projectRoute, rootRoute, signedInRoute } from '@/routing/parents';
import type { Feature } from '@/routing/feature';
import { Themed } from '@/theme/Themed';

export interface Shown extends RenderResult {
  readonly user: UserEvent;
  /** Path and search of the page that is shown. */
  readonly address: () => string;
}

interface RunningRouter {
  readonly state: { readonly location: { readonly href: string } };
}

/** Show a component inside theme, router and an empty query cache, as a page would. */
export function show(component: ReactNode): Shown {
  const root = createRootRoute({ component: Outlet });
  const any = createRoute({ getParentRoute: () => root, path: '$', component: () => component });
  const router = createRouter({ routeTree: root.addChildren([any]), history: createMemoryHistory({ initialEntries: ['/here'] }) });
  return shown(router, makeClient(), <RouterProvider router={router} />);
}

/** Show a feature at an address, with its own routes below the real parents, and without the frame around it. */
export function showFeature(feature: Feature, address: string): Shown {
  const queryClient = makeClient();
  const tree = rootRoute.addChildren([
    ...(feature.open ?? []),
    signedInRoute.addChildren([...(feature.signedIn ?? []), projectRoute.addChildren([...(feature.inProject ?? [])])]),
  ]);
  const router = createRouter({
    routeTree: tree,
    context: { queryClient },
    history: createMemoryHistory({ initialEntries: [address] }),
    parseSearch: wordsOfSearch,
    stringifySearch: searchOfWords,
  });
  return shown(router, queryClient, <RouterProvider router={router} />);
}

function makeClient(): QueryClient {
  const client = makeQueryClient(() => undefined);
  const { queries, mutations } = client.getDefaultOptions();
  client.setDefaultOptions({ queries: { ...queries, retry: false }, mutations: { ...mutations } });
  return client;
}

function shown(router: RunningRouter, client: QueryClient, component: ReactNode): Shown {
  const result = render(
    <Themed test>
      <QueryClientProvider client={client}>{component}</QueryClientProvider>
    </Themed>,
  );
  return { ...result, user: userEvent.setup(), address: () => router.state.location.href };
}
