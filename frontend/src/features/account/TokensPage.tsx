import { Alert, Button, Checkbox, Code, CopyButton, Group, Stack, TextInput } from '@mantine/core';
import { isNotEmpty, useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';

import { createTokenMutation, deleteTokenMutation, listTokensOptions, type Scope, type TokenOut } from '@/api';
import { Card } from '@/components/Card';
import { ConfirmTable, type RowAction } from '@/components/ConfirmTable';
import { When } from '@/components/figures';
import { FormProblem } from '@/components/FormProblem';
import { PageHeader } from '@/components/PageHeader';
import { EmptyState, QueryState } from '@/components/states';
import { useFormSave } from '@/components/useFormSave';
import { useSave } from '@/components/useSave';
import { account } from '@/strings/account';

const SCOPES: readonly Scope[] = ['read', 'run', 'write', 'admin'];

/** One's own API tokens. */
export function TokensPage(): ReactNode {
  const tokens = useQuery(listTokensOptions({ query: { limit: 200 } }));
  return (
    <>
      <PageHeader title={account.tokens} subtitle={account.tokensHint} />
      <Stack>
        <NewToken />
        <QueryState query={tokens}>
          {({ items }) => (items.length ? <TokenTable tokens={items} /> : <EmptyState icon="key" title={account.noTokens} hint={account.noTokensHint} />)}
        </QueryState>
      </Stack>
    </>
  );
}

function NewToken(): ReactNode {
  const [token, setToken] = useState<string | null>(null);
  const form = useForm<{ name: string; scopes: Scope[] }>({
    initialValues: { name: '', scopes: ['read', 'run'] },
    validate: { name: isNotEmpty(account.required), scopes: isNotEmpty(account.required) },
  });
  const make = useSave(createTokenMutation(), account.tokens, 'listTokens');
  const { submit, problem } = useFormSave(form, make, (body) => ({ body }), ({ token: made }) => {
    setToken(made);
    form.reset();
  });
  return (
    <Card>
      <form noValidate onSubmit={submit}>
        <Stack>
          <FormProblem problem={problem} />
          <TextInput label={account.name} maw={360} {...form.getInputProps('name')} />
          <Checkbox.Group label={account.scopes} {...form.getInputProps('scopes')}>
            <Group mt={6}>
              {SCOPES.map((scope) => (
                <Checkbox key={scope} value={scope} label={account.scopeWords[scope]} />
              ))}
            </Group>
          </Checkbox.Group>
          <Button type="submit" loading={make.isPending} style={{ alignSelf: 'flex-start' }}>
            {account.make}
          </Button>
          {token !== null && <MadeToken token={token} />}
        </Stack>
      </form>
    </Card>
  );
}

function MadeToken({ token }: { token: string }): ReactNode {
  return (
    <Alert role="status" color="ink" title={account.made}>
      <Group>
        <Code style={{ overflowWrap: 'anywhere' }}>{token}</Code>
        <CopyButton value={token}>
          {({ copied, copy }) => (
            <Button size="compact-sm" variant="default" onClick={copy}>
              {copied ? account.copied : account.copy}
            </Button>
          )}
        </CopyButton>
      </Group>
    </Alert>
  );
}

function TokenTable({ tokens }: { tokens: readonly TokenOut[] }): ReactNode {
  const revoke = useSave(deleteTokenMutation(), account.revokedDone, 'listTokens');
  const action: RowAction<TokenOut> = {
    word: account.revoke,
    question: ({ name }) => account.revokeQuestion(name),
    consequence: account.revokeConsequence,
    act: ({ id }) => revoke.mutateAsync({ path: { token_id: id } }),
    without: ({ revoked_at: revoked }) => revoked !== null,
  };
  return (
    <Card>
      <ConfirmTable
        label={account.tokens}
        heads={[account.name, account.begins, account.scopes, account.used, account.state]}
        rows={tokens}
        rowKey={({ id }) => id}
        cells={(token) => [
          token.name,
          <Code key="prefix">{token.prefix}…</Code>,
          token.scopes.join(', '),
          <When key="used" at={token.last_used_at} />,
          stateOf(token),
        ]}
        action={action}
      />
    </Card>
  );
}

function stateOf({ revoked_at: revoked, expires_at: end }: TokenOut): string {
  if (revoked !== null) return account.revoked;
  return end !== null && new Date(end) <= new Date() ? account.expired : account.good;
}
