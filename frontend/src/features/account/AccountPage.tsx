import { Button, PasswordInput, Stack, Text } from '@mantine/core';
import { isNotEmpty, useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { api, forgetUser, setPasswordMutation } from '@/api';
import { Card } from '@/components/Card';
import { ConfirmButton } from '@/components/ConfirmButton';
import { FormProblem } from '@/components/FormProblem';
import { ButtonLink } from '@/components/links';
import { PageHeader } from '@/components/PageHeader';
import { useFormSave } from '@/components/useFormSave';
import { useSave } from '@/components/useSave';
import { paths } from '@/routing/paths';
import { useMe } from '@/routing/session';
import { account } from '@/strings/account';

/** One's own password and sessions. */
export function AccountPage(): ReactNode {
  const { username, role } = useMe();
  return (
    <>
      <PageHeader
        title={account.title}
        subtitle={`${username} · ${role}`}
        actions={
          <ButtonLink variant="default" {...paths.tokens()}>
            {account.manageTokens}
          </ButtonLink>
        }
      />
      <Stack maw={560}>
        <PasswordCard />
        <SessionsCard />
      </Stack>
    </>
  );
}

function PasswordCard(): ReactNode {
  const form = useForm({
    initialValues: { old_password: '', new_password: '' },
    validate: { old_password: isNotEmpty(account.required), new_password: isNotEmpty(account.required) },
  });
  const change = useSave(setPasswordMutation(), account.changed);
  const { submit, problem } = useFormSave(form, change, (body) => ({ body }));
  return (
    <Card title={account.password}>
      <form noValidate onSubmit={submit}>
        <Stack>
          <FormProblem problem={problem} />
          <PasswordInput label={account.oldPassword} autoComplete="current-password" {...form.getInputProps('old_password')} />
          <PasswordInput label={account.newPassword} description={account.newHint} autoComplete="new-password" {...form.getInputProps('new_password')} />
          <Button type="submit" loading={change.isPending} style={{ alignSelf: 'flex-start' }}>
            {account.change}
          </Button>
        </Stack>
      </form>
    </Card>
  );
}

function SessionsCard(): ReactNode {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const everywhere = async (): Promise<void> => {
    await api.logoutEverywhere();
    await navigate({ ...paths.signIn() });
    forgetUser(queryClient);
  };
  return (
    <Card title={account.sessions}>
      <Text size="sm" c="dimmed" mb="sm">
        {account.sessionsHint}
      </Text>
      <ConfirmButton question={account.everywhereQuestion} consequence={account.sessionsHint} confirm={account.everywhere} onConfirm={everywhere}>
        {account.everywhere}
      </ConfirmButton>
    </Card>
  );
}
