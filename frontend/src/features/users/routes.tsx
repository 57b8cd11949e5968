import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import type { Feature } from '@/routing/feature';
import { signedInRoute } from '@/routing/parents';
import { paths } from '@/routing/paths';
import { users } from '@/strings/users';

const usersRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/users',
  component: lazyRouteComponent(() => import('./UsersPage'), 'UsersPage'),
});

/** Who may sign in, for administrators. */
export const usersFeature: Feature = {
  signedIn: [usersRoute],
  nav: [{ label: users.title, icon: 'users', order: 10, place: paths.users, admin: true }],
};
