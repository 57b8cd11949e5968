import { Button, Group, Modal, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';

import { wordsOf } from '@/api';
import { common } from '@/strings/common';

interface Confirming {
  readonly onClose: () => void;
  /** What will happen then. */
  readonly consequence: ReactNode;
  /** The word of the button that says yes. */
  readonly confirm: string;
  readonly onConfirm: () => Promise<unknown>;
}

/**
 * Asks once more before what cannot be undone is done. It waits for `onConfirm`, says what went wrong with it, and closes
 * when it is done.
 */
export function ConfirmDialog(props: Confirming & { opened: boolean; question: string }): ReactNode {
  const { opened, question, ...asked } = props;
  return (
    <Modal opened={opened} onClose={asked.onClose} title={question} centered closeButtonProps={{ 'aria-label': common.close }}>
      <Asked {...asked} />
    </Modal>
  );
}

/** What stands in the dialog; it is made anew each time the dialog opens, and so knows nothing of an earlier failure. */
function Asked({ onClose, consequence, confirm, onConfirm }: Confirming): ReactNode {
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const act = async (): Promise<void> => {
    setBusy(true);
    try {
      await onConfirm();
      onClose();
    } catch (error) {
      setProblem(wordsOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Text size="sm" component="div">
        {consequence}
      </Text>
      {problem !== null && (
        <Text role="alert" size="sm" c="var(--mantine-color-error)" mt="sm">
          {problem}
        </Text>
      )}
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button variant="default" onClick={onClose} data-autofocus>
          {common.cancel}
        </Button>
        <Button color="bad" loading={busy} onClick={() => void act()}>
          {confirm}
        </Button>
      </Group>
    </>
  );
}
