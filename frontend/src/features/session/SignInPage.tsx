import { Alert, Button, Code, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { isNotEmpty, useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { ApiProblem, type DemoUser, forgetUser, loginMutation, readStartOptions, wordsOf } from '@/api';
import { Icon } from '@/components/Icon';
import { useDocumentTitle } from '@/components/PageHeader';
import { QueryState } from '@/components/states';
import { useAddressSearch } from '@/routing/address';
import { session } from '@/strings/session';

import classes from './SignInPage.module.css';

/** Signing in; and, where nobody can yet, how the first user is made. */
export function SignInPage(): ReactNode {
  useDocumentTitle(session.title);
  const start = useQuery(readStartOptions());
  return (
    <main className={classes.page}>
      <Paper className={classes.box} p="xl">
        <img src="/icon.svg" alt="" width={40} height={40} />
        <QueryState query={start}>
          {({ has_users: hasUsers, demo }) => (hasUsers ? <SignInForm demo={demo} /> : <NoUsers onLookAgain={() => void start.refetch()} />)}
        </QueryState>
      </Paper>
    </main>
  );
}

function SignInForm({ demo }: { demo: DemoUser | null }): ReactNode {
  const form = useForm({
    initialValues: { username: '', password: '' },
    validate: { username: isNotEmpty(session.required), password: isNotEmpty(session.required) },
  });
  const login = useSignIn();
  const problem = login.error;
  return (
    <form noValidate onSubmit={form.onSubmit((body) => login.mutate({ body }))}>
      <Stack>
        <Title order={1}>{session.title}</Title>
        {demo && (
          <Alert color="ink" title={session.demoTitle} icon={<Icon name="info" />}>
            {session.demo(demo.username, demo.password)}{' '}
            <Button variant="default" size="compact-xs" onClick={() => form.setValues({ ...demo })}>
              {session.useDemo}
            </Button>
          </Alert>
        )}
        {problem && (
          <Alert role="alert" color="bad" icon={<Icon name="warning" />}>
            {wordsAbout(problem)}
          </Alert>
        )}
        <TextInput label={session.username} autoComplete="username" autoFocus autoCapitalize="none" {...form.getInputProps('username')} />
        <PasswordInput label={session.password} autoComplete="current-password" {...form.getInputProps('password')} />
        <Button type="submit" loading={login.isPending}>
          {session.submit}
        </Button>
      </Stack>
    </form>
  );
}

function wordsAbout(problem: unknown): string {
  const words = wordsOf(problem);
  return problem instanceof ApiProblem && problem.status === 429 ? `${session.tooMany} ${words}` : `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

function useSignIn() {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const { next } = useAddressSearch();
  return useMutation({
    ...loginMutation(),
    onSuccess: () => {
      forgetUser(queryClient);
      void navigate({ href: ownAddress(next) });
    },
  });
}

/** Where to go after signing in: an address of these pages, never another site. */
function ownAddress(next: string | undefined): string {
  return next && /^\/(?![/\\])/.test(next) ? next : '/';
}

function NoUsers({ onLookAgain }: { onLookAgain: () => void }): ReactNode {
  return (
    <Stack>
      <Title order={1}>{session.noUsersTitle}</Title>
      <Text>{session.noUsers}</Text>
      <Code block>tierwright user create NAME</Code>
      <Text c="dimmed">{session.noUsersAfter}</Text>
      <Button variant="default" onClick={onLookAgain}>
        {session.lookAgain}
      </Button>
    </Stack>
  );
}
