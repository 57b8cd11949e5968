import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import type { Feature } from '@/routing/feature';
import { projectRoute } from '@/routing/parents';
import { paths } from '@/routing/paths';
import { schedules } from '@/strings/schedules';

const schedulesRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/schedules',
  component: lazyRouteComponent(() => import('./SchedulesPage'), 'SchedulesPage'),
});

const newRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/schedules/new',
  component: lazyRouteComponent(() => import('./NewSchedulePage'), 'NewSchedulePage'),
});

const oneRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/schedules/$schedule',
  component: lazyRouteComponent(() => import('./SchedulePage'), 'SchedulePage'),
});

/** Schedules: runs that start by the clock. */
export const schedulesFeature: Feature = {
  inProject: [schedulesRoute, newRoute, oneRoute],
  nav: [{ label: schedules.title, icon: 'schedules', order: 60, place: paths.schedules }],
};
