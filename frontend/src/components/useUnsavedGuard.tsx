import { Button, Group, Modal, Text } from '@mantine/core';
import { useBlocker } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { common } from '@/strings/common';

/** While `unsaved`, leaving the page asks first. Returns the dialog, to be put into the page. */
export function useUnsavedGuard(unsaved: boolean): ReactNode {
  const blocker = useBlocker({ shouldBlockFn: () => unsaved, enableBeforeUnload: () => unsaved, withResolver: true });
  const blocked = blocker.status === 'blocked';
  return (
    <Modal
      opened={blocked}
      onClose={() => blocker.reset?.()}
      title={common.unsavedTitle}
      centered
      closeButtonProps={{ 'aria-label': common.close }}
    >
      <Text size="sm">{common.unsaved}</Text>
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button variant="default" color="bad" onClick={() => blocker.proceed?.()}>
          {common.leave}
        </Button>
        <Button onClick={() => blocker.reset?.()} data-autofocus>
          {common.stay}
        </Button>
      </Group>
    </Modal>
  );
}
