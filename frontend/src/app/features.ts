import { analyticsFeature } from '@/features/analytics/routes';
import { accountFeature } from '@/features/account/routes';
import { dashboardFeature } from '@/features/dashboard/routes';
import { projectsFeature } from '@/features/projects/routes';
import { healsFeature } from '@/features/heals/routes';
import { runsFeature } from '@/features/runs/routes';
import { schedulesFeature } from '@/features/schedules/routes';
import { sessionFeature } from '@/features/session/routes';
import { settingsFeature } from '@/features/settings/routes';
import { suitesFeature } from '@/features/suites/routes';
import { testsFeature } from '@/features/tests/routes';
import { usersFeature } from '@/features/users/routes';
import type { Feature } from '@/routing/feature';

/** Every feature there is: a new one is one import and one entry here, and nothing else in src/app. */
export const features: readonly Feature[] = [
  sessionFeature,
  dashboardFeature,
  analyticsFeature,
  settingsFeature,
  accountFeature,
  usersFeature,
  projectsFeature,
  testsFeature,
  suitesFeature,
  schedulesFeature,
  runsFeature,
  healsFeature,
];
