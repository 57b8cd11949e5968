import { Button, type ButtonProps, Group, Modal, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type ReactNode, useState } from 'react';

import { wordsOf } from '@/api';
import { common } from '@/strings/common';

/**
 * A button that asks once more before it does what cannot be undone. It waits for `onConfirm`, says what went wrong
 * with it, and closes when it is done.
 */
export function ConfirmButton(
  props: ButtonProps & { question: string; consequence: ReactNode; confirm: string; onConfirm: () => Promise<unknown>; children: ReactNode },
): ReactNode {
  const { question, consequence, confirm, onConfirm, children, ...button } = props;
  const [opened, { open, close }] = useDisclosure(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const ask = (): void => {
    setProblem(null);
    open();
  };
  const act = async (): Promise<void> => {
    setBusy(true);
    try {
      await onConfirm();
      close();
    } catch (error) {
      setProblem(wordsOf(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <>
      <Button variant="default" {...button} onClick={ask}>
        {children}
      </Button>
      <Modal opened={opened} onClose={close} title={question} centered closeButtonProps={{ 'aria-label': common.close }}>
        <Text size="sm" component="div">
          {consequence}
        </Text>
        {problem !== null && (
          <Text role="alert" size="sm" c="var(--mantine-color-error)" mt="sm">
            {problem}
          </Text>
        )}
        <Group justify="flex-end" mt="lg" gap="xs">
          <Button variant="default" onClick={close} data-autofocus>
            {common.cancel}
          </Button>
          <Button color="bad" loading={busy} onClick={() => void act()}>
            {confirm}
          </Button>
        </Group>
      </Modal>
    </>
  );
}
