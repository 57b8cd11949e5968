import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import type { Feature } from '@/routing/feature';
import { projectRoute } from '@/routing/parents';
import { paths } from '@/routing/paths';
import { dashboard } from '@/strings/dashboard';

const dashboardRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/',
  component: lazyRouteComponent(() => import('./DashboardPage'), 'DashboardPage'),
});

/** How a project is, at a glance. */
export const dashboardFeature: Feature = {
  inProject: [dashboardRoute],
  nav: [{ label: dashboard.title, icon: 'dashboard', order: 10, place: paths.dashboard, exact: true }],
};
