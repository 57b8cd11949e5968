import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import type { Feature } from '@/routing/feature';
import { projectRoute } from '@/routing/parents';
import { paths } from '@/routing/paths';
import { suites } from '@/strings/suites';

const suitesRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/suites',
  component: lazyRouteComponent(() => import('./SuitesPage'), 'SuitesPage'),
});

const suiteRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/suites/$suite',
  component: lazyRouteComponent(() => import('./SuitePage'), 'SuitePage'),
});

/** Suites: tests that run together, in an order. */
export const suitesFeature: Feature = {
  inProject: [suitesRoute, suiteRoute],
  nav: [{ label: suites.title, icon: 'suites', order: 30, place: paths.suites }],
};
