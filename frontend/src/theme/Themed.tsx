import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './global.css';

import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';

import { cssVariables, theme } from './theme';

const schemes = localStorageColorSchemeManager({ key: 'tierwright.theme' });

/** The look of everything below. `test`: without animations, as Testing Library wants it. */
export function Themed({ children, test = false }: { children: ReactNode; test?: boolean }): ReactNode {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      colorSchemeManager={schemes}
      defaultColorScheme="auto"
      env={test ? 'test' : 'default'}
    >
      <Notifications position="bottom-right" limit={3} />
      {children}
    </MantineProvider>
  );
}
