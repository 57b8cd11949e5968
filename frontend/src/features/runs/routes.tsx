import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import type { Feature } from '@/routing/feature';
import { projectRoute } from '@/routing/parents';
import { paths } from '@/routing/paths';
import { runs } from '@/strings/runs';

const runsRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/runs',
  component: lazyRouteComponent(() => import('./RunsPage'), 'RunsPage'),
});

const runRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/runs/$run',
  component: lazyRouteComponent(() => import('./RunPage'), 'RunPage'),
});

/** Runs: the list of them, and one while it is made and afterwards. */
export const runsFeature: Feature = {
  inProject: [runsRoute, runRoute],
  nav: [{ label: runs.title, icon: 'runs', order: 40, place: paths.runs }],
};
