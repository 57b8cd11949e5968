import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import type { Feature } from '@/routing/feature';
import { signedInRoute } from '@/routing/parents';
import { paths } from '@/routing/paths';
import { projects } from '@/strings/projects';

const projectsRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/projects',
  component: lazyRouteComponent(() => import('./ProjectsPage'), 'ProjectsPage'),
});
const oneRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/projects/$id',
  component: lazyRouteComponent(() => import('./ProjectPage'), 'ProjectPage'),
});

/** Projects, their members and secrets. Everybody finds them below the switcher, administrators in the navigation too. */
export const projectsFeature: Feature = {
  signedIn: [projectsRoute, oneRoute],
  nav: [{ label: projects.title, icon: 'projects', order: 20, place: paths.projects, admin: true }],
};
