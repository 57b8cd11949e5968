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

const versionsRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/tests/$test/versions',
  component: lazyRouteComponent(() => import('./VersionsPage'), 'VersionsPage'),
});

/** Tests: the list of them, one with its steps and its YAML, and its versions. */
export const testsFeature: Feature = {
  inProject: [testsRoute, newTestRoute, testRoute, versionsRoute],
  nav: [{ label: tests.title, icon: 'tests', order: 20, place: paths.tests }],
};
