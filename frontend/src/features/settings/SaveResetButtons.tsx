import { Button, Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';

import { settings } from '@/strings/settings';

const words = settings.execution;

/** Save, undo what was changed, and back to the defaults; says when something is not saved. */
export function SaveResetButtons(props: {
  unsaved: boolean;
  saving: boolean;
  onUndo: () => void;
  onDefaults?: () => void;
}): ReactNode {
  const { unsaved, saving, onUndo, onDefaults } = props;
  return (
    <Group gap="xs" role="group" aria-label={words.buttons}>
      <Button type="submit" loading={saving} disabled={!unsaved}>
        {words.save}
      </Button>
      <Button variant="default" onClick={onUndo} disabled={!unsaved}>
        {words.undo}
      </Button>
      {onDefaults && (
        <Button variant="default" onClick={onDefaults}>
          {words.defaults}
        </Button>
      )}
      <Text size="sm" c="dimmed" role="status">
        {unsaved ? words.unsaved : ''}
      </Text>
    </Group>
  );
}
