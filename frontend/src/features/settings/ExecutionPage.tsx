import type { ReactNode } from 'react';

import { settings } from '@/strings/settings';

import { ExecutionSettingsPanel } from './ExecutionSettingsPanel';
import { SettingsHead } from './SettingsHead';

/** How my runs find elements. */
export function ExecutionPage(): ReactNode {
  return (
    <>
      <SettingsHead tab="execution" subtitle={settings.execution.lead} />
      <ExecutionSettingsPanel />
    </>
  );
}
