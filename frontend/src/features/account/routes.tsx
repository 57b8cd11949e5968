import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import type { Feature } from '@/routing/feature';
import { signedInRoute } from '@/routing/parents';

const accountRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/account',
  component: lazyRouteComponent(() => import('./AccountPage'), 'AccountPage'),
});
const tokensRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/account/tokens',
  component: lazyRouteComponent(() => import('./TokensPage'), 'TokensPage'),
});

/** One's own password, sessions and API tokens; the menu of the account leads to them. */
export const accountFeature: Feature = { signedIn: [accountRoute, tokensRoute] };
