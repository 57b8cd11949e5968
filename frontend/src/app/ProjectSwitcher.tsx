import { Button, Menu } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { Icon } from '@/components/Icon';
import { paths } from '@/routing/paths';
import { useProjectOfAddress, useProjects } from '@/routing/session';
import { app } from '@/strings/app';

import classes from './Shell.module.css';

/** Which project the pages are of, and the way to the others. */
export function ProjectSwitcher(): ReactNode {
  const project = useProjectOfAddress();
  const projects = useProjects();
  const navigate = useNavigate();
  if (projects.length === 0) return null;
  const name = project?.name ?? app.project;
  return (
    <Menu position="bottom-start" width={260}>
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          size="compact-md"
          className={classes.switcher}
          rightSection={<Icon name="chevronDown" size={14} />}
          aria-label={app.chooseProject(name)}
        >
          {name}
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={400} style={{ overflowY: 'auto' }}>
        {projects.map(({ id, name: title }) => (
          <Menu.Item
            key={id}
            onClick={() => void navigate({ ...paths.dashboard(id) })}
            rightSection={id === project?.id && <Icon name="check" size={14} />}
          >
            {title}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={() => void navigate({ ...paths.projects() })} leftSection={<Icon name="projects" size={14} />}>
          {app.allProjects}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
