import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import type { Feature } from '@/routing/feature';
import { projectRoute } from '@/routing/parents';
import { paths } from '@/routing/paths';
import { settings } from '@/strings/settings';

const executionRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/settings',
  component: lazyRouteComponent(() => import('./ExecutionPage'), 'ExecutionPage'),
});

const projectSettingsRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/settings/project',
  component: lazyRouteComponent(() => import('./ProjectSettingsPage'), 'ProjectSettingsPage'),
});

const cacheRoute = createRoute({
  getParentRoute: () => projectRoute,
  path: '/settings/cache',
  component: lazyRouteComponent(() => import('./CachePage'), 'CachePage'),
});

/** How runs find elements, how a project's tests run, and what is remembered. */
export const settingsFeature: Feature = {
  inProject: [executionRoute, projectSettingsRoute, cacheRoute],
  nav: [{ label: settings.title, icon: 'settings', order: 90, place: paths.settings }],
};
