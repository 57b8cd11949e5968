import { Alert, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';

import { Card } from '@/components/Card';
import { Icon } from '@/components/Icon';
import { common } from '@/strings/common';

import { SaveResetButtons } from './SaveResetButtons';
import type { Section } from './useSection';

/** A section of a project's settings: its fields, and its own buttons for those who may change it. */
export function SectionCard<Values extends Record<string, unknown>>(props: {
  title: string;
  hint: string;
  section: Section<Values>;
  editable: boolean;
  children: ReactNode;
}): ReactNode {
  const { title, hint, section, editable, children } = props;
  return (
    <Card title={title}>
      <form noValidate aria-label={title} onSubmit={section.form.onSubmit(section.save)}>
        <Stack>
          <Text size="sm" c="dimmed" maw={720}>
            {hint}
          </Text>
          {children}
          {section.problem !== null && (
            <Alert role="alert" color="bad" icon={<Icon name="warning" />} title={common.errorTitle}>
              {section.problem}
            </Alert>
          )}
          {editable && <SaveResetButtons unsaved={section.form.isDirty()} saving={section.saving} onUndo={section.undo} />}
        </Stack>
        {section.guard}
      </form>
    </Card>
  );
}
