import { Group } from '@mantine/core';
import type { ReactNode } from 'react';

import { ButtonLink } from '@/components/links';
import { PageHeader } from '@/components/PageHeader';
import { paths } from '@/routing/paths';
import { useProject } from '@/routing/session';
import { settings } from '@/strings/settings';

type Tab = keyof typeof settings.tabs;

const TABS: readonly (readonly [Tab, string])[] = [
  ['execution', ''],
  ['project', '/project'],
  ['cache', '/cache'],
];

/** The head of a page of the settings: its title, and the way to the others. */
export function SettingsHead({ tab, subtitle, actions }: { tab: Tab; subtitle: string; actions?: ReactNode }): ReactNode {
  const { to } = paths.settings(useProject().id);
  return (
    <>
      <PageHeader title={`${settings.title}: ${settings.tabs[tab]}`} subtitle={subtitle} actions={actions} />
      <Group component="nav" aria-label={settings.sections} gap="xs" mb="lg">
        {TABS.map(([name, path]) => (
          <ButtonLink
            key={name}
            to={to + path}
            size="xs"
            variant={name === tab ? 'filled' : 'default'}
            {...(name === tab && { 'aria-current': 'page' as const })}
          >
            {settings.tabs[name]}
          </ButtonLink>
        ))}
      </Group>
    </>
  );
}
