import type { ReactNode } from 'react';

import { Icon } from '@/components/Icon';
import { MenuLink } from '@/components/links';
import type { NavEntry } from '@/routing/feature';
import { useMe, useProjectOfAddress, useProjects } from '@/routing/session';
import { app } from '@/strings/app';

import { features } from './features';
import { lastProject } from './lastProject';
import classes from './Shell.module.css';

const entries = features.flatMap(({ nav = [] }) => nav).toSorted((a, b) => a.order - b.order);

/** The pages there are, those of administrators for administrators only. */
export function Navigation(): ReactNode {
  const project = useShownProject();
  const isAdmin = useMe().role === 'admin';
  const of = (admin: boolean): readonly NavEntry[] => entries.filter((entry) => Boolean(entry.admin) === admin);
  return (
    <>
      {project !== undefined && of(false).map((entry) => <NavigationLink key={entry.label} entry={entry} project={project} />)}
      {isAdmin && (
        <>
          <div className={classes.group}>{app.administration}</div>
          {of(true).map((entry) => (
            <NavigationLink key={entry.label} entry={entry} project={project ?? ''} />
          ))}
        </>
      )}
    </>
  );
}

/** The project whose pages the navigation leads to: that of the address, else the last one. */
function useShownProject(): string | undefined {
  const here = useProjectOfAddress();
  const projects = useProjects();
  const last = lastProject();
  return (here ?? projects.find(({ id }) => id === last) ?? projects.at(-1))?.id;
}

function NavigationLink({ entry, project }: { entry: NavEntry; project: string }): ReactNode {
  const { label, icon, place, exact = false } = entry;
  return (
    <MenuLink
      {...place(project)}
      label={label}
      leftSection={<Icon name={icon} />}
      className={classes.link}
      activeOptions={{ exact, includeSearch: false }}
      activeProps={{ 'data-active': true, 'aria-current': 'page' }}
    />
  );
}
