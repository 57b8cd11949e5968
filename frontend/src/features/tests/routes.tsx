import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import type { Feature } from '@/routing/feature';
import { projectRoute } from '@/routing/parents';
import { paths } from '@/routing/paths';
import { tests } from '@/strings/tests';

const testsRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/tests',
  component: lazyRouteComponent(() => import('./TestsPage'), 'TestsPage'),
});

const newTestRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/tests/new',
  component: lazyRouteComponent(() => import('./NewTestPage'), 'NewTestPage'),
});

const testRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/tests/$test',
  component: lazyRouteComponent(() => import('./TestPage'), 'TestPage'),
});

/** Tests: the list of them, and one as YAML, checked while it is written. */
export const testsFeature: Feature = {
  inProject: [testsRoute, newTestRoute, testRoute],
  nav: [{ label: tests.title, icon: 'tests', order: 20, place: paths.tests }],
};
