import { Button, Modal, PasswordInput, Stack, Text } from '@mantine/core';
import { isNotEmpty, useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import type { ReactNode } from 'react';

import { updateUserMutation, type UserOut } from '@/api';
import { FormProblem } from '@/components/FormProblem';
import { useFormSave } from '@/components/useFormSave';
import { useSave } from '@/components/useSave';
import { common } from '@/strings/common';
import { users } from '@/strings/users';

/** An administrator sets the password of somebody who forgot theirs. */
export function NewPassword({ user }: { user: UserOut }): ReactNode {
  const [opened, { open, close }] = useDisclosure(false);
  const form = useForm({ initialValues: { password: '' }, validate: { password: isNotEmpty(users.required) } });
  const change = useSave(updateUserMutation(), users.passwordSet, 'listUsers');
  const leave = (): void => {
    form.reset();
    close();
  };
  const { submit, problem } = useFormSave(form, change, (body) => ({ path: { user_id: user.id }, body }), leave);
  return (
    <>
      <Button size="compact-sm" variant="default" onClick={open}>
        {users.reset}
      </Button>
      <Modal opened={opened} onClose={leave} title={users.resetOf(user.username)} centered closeButtonProps={{ 'aria-label': common.close }}>
        <form noValidate onSubmit={submit}>
          <Stack>
            <Text size="sm" c="dimmed">
              {users.resetHint}
            </Text>
            <FormProblem problem={problem} />
            <PasswordInput label={users.newPassword} autoComplete="new-password" data-autofocus {...form.getInputProps('password')} />
            <Button type="submit" loading={change.isPending} style={{ alignSelf: 'flex-end' }}>
              {users.set}
            </Button>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
