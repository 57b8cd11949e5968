import { Button, type ButtonProps } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactNode } from 'react';

import { ConfirmDialog } from './ConfirmDialog';

/** A button that asks once more before it does what cannot be undone. */
export function ConfirmButton(
  props: ButtonProps & { question: string; consequence: ReactNode; confirm: string; onConfirm: () => Promise<unknown>; children: ReactNode },
): ReactNode {
  const { question, consequence, confirm, onConfirm, children, ...button } = props;
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button variant="default" {...button} onClick={open}>
        {children}
      </Button>
      <ConfirmDialog opened={opened} onClose={close} question={question} consequence={consequence} confirm={confirm} onConfirm={onConfirm} />
    </>
  );
}
