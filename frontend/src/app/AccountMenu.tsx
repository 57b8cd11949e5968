import { Button, Menu, type MantineColorScheme, useMantineColorScheme } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { forgetUser, logoutMutation } from '@/api';
import { Icon, type IconName } from '@/components/Icon';
import { notifyProblem } from '@/components/notify';
import { paths } from '@/routing/paths';
import { useMe } from '@/routing/session';
import { app } from '@/strings/app';

const THEMES: readonly (readonly [MantineColorScheme, IconName])[] = [
  ['light', 'sun'],
  ['dark', 'moon'],
  ['auto', 'auto'],
];

/** What belongs to whoever is signed in: account, tokens, theme, the way out. */
export function AccountMenu(): ReactNode {
  const { username } = useMe();
  const navigate = useNavigate();
  const signOut = useSignOut();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <Button variant="subtle" color="gray" size="compact-md" leftSection={<Icon name="account" />} aria-label={app.account(username)}>
          {username}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Icon name="account" size={16} />} onClick={() => void navigate({ ...paths.account() })}>
          {app.myAccount}
        </Menu.Item>
        <Menu.Item leftSection={<Icon name="key" size={16} />} onClick={() => void navigate({ ...paths.tokens() })}>
          {app.tokens}
        </Menu.Item>
        <Menu.Item component="a" href="/docs" leftSection={<Icon name="info" size={16} />}>
          {app.reference}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{app.theme}</Menu.Label>
        {THEMES.map(([scheme, icon]) => (
          <Menu.Item
            key={scheme}
            leftSection={<Icon name={icon} size={16} />}
            rightSection={scheme === colorScheme && <Icon name="check" size={14} />}
            onClick={() => setColorScheme(scheme)}
          >
            {app.themes[scheme]}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<Icon name="out" size={16} />} onClick={() => signOut.mutate({})}>
          {app.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function useSignOut() {
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    ...logoutMutation(),
    onSuccess: async () => {
      await navigate({ ...paths.signIn() });
      forgetUser(queryClient);
    },
    onError: notifyProblem,
  });
}
