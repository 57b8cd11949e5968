import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import type { Feature } from '@/routing/feature';
import { projectRoute } from '@/routing/parents';
import { paths } from '@/routing/paths';
import { analytics } from '@/strings/analytics';

const analyticsRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/analytics',
  component: lazyRouteComponent(() => import('./AnalyticsPage'), 'AnalyticsPage'),
});

/** What tiers and strategies did, and what it cost. */
export const analyticsFeature: Feature = {
  inProject: [analyticsRoute],
  nav: [{ label: analytics.title, icon: 'analytics', order: 80, place: paths.analytics }],
};
