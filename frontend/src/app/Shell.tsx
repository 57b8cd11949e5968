import { AppShell, Burger, Group } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Outlet, useRouterState } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef } from 'react';

import { OfflineBanner } from '@/components/states';
import { app } from '@/strings/app';
import { common } from '@/strings/common';

import { AccountMenu } from './AccountMenu';
import { Brand } from './Brand';
import { Navigation } from './Navigation';
import { ProjectSwitcher } from './ProjectSwitcher';
import classes from './Shell.module.css';

/** The frame around every page of somebody signed in. */
export function Shell(): ReactNode {
  const [opened, { toggle, close }] = useDisclosure(false);
  usePageChange(close);
  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 208, breakpoint: 'md', collapsed: { mobile: !opened } }}
      padding={{ base: 'sm', sm: 'lg' }}
    >
      <a href="#page" className={classes.skip}>
        {common.skip}
      </a>
      <AppShell.Header className={classes.header}>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap" gap="sm">
          <Group gap="sm" wrap="nowrap" miw={0}>
            <Burger opened={opened} onClick={toggle} hiddenFrom="md" size="sm" aria-label={app.menu} aria-expanded={opened} />
            <Brand />
            <ProjectSwitcher />
          </Group>
          <AccountMenu />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className={classes.navbar} aria-label={app.navigation}>
        <Navigation />
      </AppShell.Navbar>
      <AppShell.Main id="page" tabIndex={-1} className={classes.main}>
        <div className={classes.content}>
          <Outlet />
        </div>
      </AppShell.Main>
      <OfflineBanner />
    </AppShell>
  );
}

/** On another page: close the menu, and let the keyboard and screen readers begin at the page, or where it wants them. */
function usePageChange(close: () => void): void {
  const pathname = useRouterState({ select: ({ resolvedLocation }) => resolvedLocation?.pathname });
  const last = useRef(pathname);
  useEffect(() => {
    if (last.current !== undefined && last.current !== pathname) {
      close();
      const page = document.getElementById('page');
      if (!page?.contains(document.activeElement)) page?.focus({ preventScroll: true });
    }
    last.current = pathname;
  }, [pathname, close]);
}
