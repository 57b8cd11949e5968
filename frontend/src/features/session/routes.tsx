import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import type { Feature } from '@/routing/feature';
import { rootRoute } from '@/routing/parents';

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  component: lazyRouteComponent(() => import('./SignInPage'), 'SignInPage'),
});

/** Signing in. */
export const sessionFeature: Feature = { open: [signInRoute] };
