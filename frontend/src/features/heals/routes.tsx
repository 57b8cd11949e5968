import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import type { Feature } from '@/routing/feature';
import { projectRoute } from '@/routing/parents';
import { paths } from '@/routing/paths';
import { heals } from '@/strings/heals';

const healsRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/heals',
  component: lazyRouteComponent(() => import('./HealsPage'), 'HealsPage'),
});

const healRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/heals/$heal',
  component: lazyRouteComponent(() => import('./HealPage'), 'HealPage'),
});

/** Heals: the queue, and one decision a screen. */
export const healsFeature: Feature = {
  inProject: [healsRoute, healRoute],
  nav: [{ label: heals.title, icon: 'heals', order: 50, place: paths.heals }],
};
