import { Alert, Button, Checkbox, Group, Kbd, SimpleGrid, Stack, Table, Text } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';

import { api, ApiProblem, type Decided, type HealOut, readHealOptions, refresh } from '@/api';
import { StatusBadge, TierBadge } from '@/components/badges';
import { Card } from '@/components/Card';
import { Crop } from '@/components/Crops';
import { When } from '@/components/figures';
import { Icon } from '@/components/Icon';
import { TextLink } from '@/components/links';
import { notifyDone, notifyProblem } from '@/components/notify';
import { PageHeader } from '@/components/PageHeader';
import { LoadingState, QueryState } from '@/components/states';
import { useAddressParts } from '@/routing/address';
import { paths } from '@/routing/paths';
import { useProject, useRights } from '@/routing/session';
import { heals } from '@/strings/heals';

import { differences } from './differences';
import classes from './HealPage.module.css';
import { useHeals, useWhich } from './queue';

type Verdict = 'approve' | 'reject';

/** One decision: is what was found the element that the step means? */
export function HealPage(): ReactNode {
  const project = useProject();
  const { heal: id = '' } = useAddressParts();
  const query = useQuery(readHealOptions({ path: { heal_id: id } }));
  const which = useWhich();
  return (
    <>
      <TextLink {...paths.heals(project.id, { ...which })} size="sm">
        {heals.back}
      </TextLink>
      <QueryState query={query} loading={<><PageHeader title={heals.one} /><LoadingState rows={8} /></>}>
        {(heal) => <Heal key={heal.id} heal={heal} />}
      </QueryState>
    </>
  );
}

function Heal({ heal }: { heal: HealOut }): ReactNode {
  const title = heal.step_title || heal.instruction || heal.action;
  return (
    <>
      <PageHeader title={title} subtitle={<Subtitle heal={heal} />} />
      <Stack>
        <Pair heal={heal} />
        <SimpleGrid cols={{ base: 1, md: 2 }}>
          <Sureness heal={heal} />
          <Sharing heal={heal} />
        </SimpleGrid>
        <Consequence heal={heal} />
      </Stack>
      <Decision heal={heal} />
    </>
  );
}

function Subtitle({ heal }: { heal: HealOut }): ReactNode {
  const { project_id: project, test_id: test } = heal;
  return (
    <Group gap="sm" mt={4}>
      <StatusBadge status={heal.status} />
      {test ? <TextLink {...paths.test(project, test)}>{heal.test}</TextLink> : <span>{heal.test}</span>}
      <When at={heal.updated_at} />
      <TextLink {...paths.run(project, heal.last_run_id)}>{heals.lastRun}</TextLink>
    </Group>
  );
}

function Pair({ heal }: { heal: HealOut }): ReactNode {
  const rows = differences(heal.baseline, heal.candidate);
  const name = typeof heal.candidate.name === 'string' ? heal.candidate.name : heal.new_locator.selector;
  return (
    <Card>
      <SimpleGrid cols={{ base: 1, sm: 2 }} mb="md">
        <Side title={heals.was} selector={heal.old_selector ?? heals.noSelector}>
          <Crop
            address={heal.baseline_crop}
            alt={heals.pictureBefore}
            absent={heal.baseline === null ? heals.nothingKnown : heals.noPictureBefore}
          />
        </Side>
        <Side title={heals.is} selector={[...(heal.new_locator.frame ?? []), heal.new_locator.selector].join(' >> ')}>
          <Crop address={heal.crop} alt={heals.pictureOf(name)} absent={heals.noPicture} />
        </Side>
      </SimpleGrid>
      <Table layout="fixed" className={classes.table} fz="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w="24%">{heals.property}</Table.Th>
            <Table.Th>{heals.was}</Table.Th>
            <Table.Th>{heals.is}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ name: property, before, now, changed }) => (
            <Table.Tr key={property} data-changed={changed}>
              <Table.Td>
                {property} {changed && <Text span size="xs" fw={600}>({heals.changed})</Text>}
              </Table.Td>
              <Table.Td>{before}</Table.Td>
              <Table.Td>{now}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}

function Side({ title, selector, children }: { title: string; selector: string; children: ReactNode }): ReactNode {
  return (
    <Stack gap={6} role="group" aria-label={title}>
      <Text size="sm" fw={600} c="dimmed">{title}</Text>
      <code className={classes.selector}>{selector}</code>
      {children}
    </Stack>
  );
}

function Sureness({ heal }: { heal: HealOut }): ReactNode {
  const next = heal.evidence?.candidates[1];
  return (
    <Card title={heals.reasons}>
      <Group gap="md" mb="xs">
        <TierBadge tier={heal.tier === 2 || heal.tier === 3 ? heal.tier : 1} />
        <Text size="sm">{heals.confidence}: {heal.confidence?.toFixed(2) ?? '–'}</Text>
        <Text size="sm">{heals.margin}: {heal.margin?.toFixed(2) ?? '–'}</Text>
      </Group>
      <Text size="sm">{heal.evidence?.reasons.join('; ')}</Text>
      <Text size="sm" c="dimmed" mt="xs" style={{ overflowWrap: 'anywhere' }}>
        {next ? `${heals.runnerUp}: ${next.role} “${next.name}” (${next.score.toFixed(2)}) ${next.locator}` : heals.noRunnerUp}
      </Text>
    </Card>
  );
}

function Sharing({ heal }: { heal: HealOut }): ReactNode {
  return (
    <Card title={heals.usedBy}>
      {heal.sharing.length === 0 && <Text size="sm" c="dimmed">{heals.alone}</Text>}
      <Stack gap={6}>
        {heal.sharing.map((other) => (
          <Group key={other.id} gap="xs">
            <StatusBadge status={other.status} />
            <TextLink {...paths.heal(heal.project_id, other.id)} size="sm">{other.test}: {other.step_title}</TextLink>
            <Text size="xs" c="dimmed">{other.same_element ? heals.sameElement : heals.sameSelector}</Text>
          </Group>
        ))}
      </Stack>
    </Card>
  );
}

function Consequence({ heal }: { heal: HealOut }): ReactNode {
  if (heal.status !== 'proposed') return <Alert color="gray" icon={<Icon name="info" />}>{heals.already(heals.statuses[heal.status].toLowerCase())}</Alert>;
  return (
    <Card title={heals.consequence}>
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {heal.test_id ? heals.approveDoes(heal.test, heal.new_locator.selector) : heals.approveNotStored(heal.test)}
      </Text>
      <Text size="sm">{heals.rejectDoes}</Text>
    </Card>
  );
}

/** The buttons and their keys. After a decision the next heal is shown; a decision of somebody else is told. */
function Decision({ heal }: { heal: HealOut }): ReactNode {
  const rights = useRights();
  const { previous, next } = useNeighbours(heal);
  const [also, setAlso] = useState(false);
  const deciding = useDecision(heal, next);
  const open = heal.status === 'proposed' && rights.change;
  const canApprove = open && heal.test_id !== null && !deciding.isPending;
  const canReject = open && !deciding.isPending;
  const decide = (verdict: Verdict): void => deciding.mutate({ verdict, also });
  const same = heal.sharing.filter((other) => other.same_element && other.status === 'proposed').length;
  // The page's one input is a checkbox: the keys go on working when it has the focus.
  useHotkeys(
    [
      ['a', () => canApprove && decide('approve')],
      ['r', () => canReject && decide('reject')],
      ['j', () => next?.()],
      ['k', () => previous?.()],
    ],
    [],
  );
  return (
    <Group className={classes.decide} justify="space-between" gap="sm" role="group" aria-label={heals.keys}>
      <Group gap="xs">
        <Button variant="default" disabled={!previous} onClick={previous} rightSection={<Kbd size="xs">K</Kbd>}>{heals.previous}</Button>
        <Button variant="default" disabled={!next} onClick={next} rightSection={<Kbd size="xs">J</Kbd>}>{heals.next}</Button>
      </Group>
      {open && (
        <Group gap="sm">
          {same > 0 && <Checkbox label={heals.bulk(same)} checked={also} onChange={({ currentTarget }) => setAlso(currentTarget.checked)} />}
          <Button variant="default" disabled={!canReject} onClick={() => decide('reject')} rightSection={<Kbd size="xs">R</Kbd>}>{heals.reject}</Button>
          <Button disabled={!canApprove} onClick={() => decide('approve')} rightSection={<Kbd size="xs">A</Kbd>}>{heals.approve}</Button>
        </Group>
      )}
    </Group>
  );
}

function useNeighbours(heal: HealOut): { previous: (() => void) | undefined; next: (() => void) | undefined } {
  const which = useWhich();
  const navigate = useNavigate();
  const ids = useHeals(heal.project_id, which).data?.pages.flatMap(({ items }) => items.map(({ id }) => id)) ?? [];
  const at = ids.indexOf(heal.id);
  const to = (id: string | undefined) => (id === undefined ? undefined : () => void navigate({ ...paths.heal(heal.project_id, id, { ...which }) }));
  return { previous: at > 0 ? to(ids[at - 1]) : undefined, next: to(ids[at + 1]) };
}

function useDecision(heal: HealOut, next: (() => void) | undefined) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async ({ verdict, also }: { verdict: Verdict; also: boolean }): Promise<Decided> => {
      const call = verdict === 'approve' ? api.approveHeal : api.rejectHeal;
      return (await call({ path: { heal_id: heal.id }, body: { also_sharing: also }, throwOnError: true })).data;
    },
    onSuccess: ({ also, undecided }, { verdict }) => {
      notifyDone((verdict === 'approve' ? heals.approved : heals.rejected) + (also.length ? heals.also(also.length) : ''));
      if (undecided[0]) notifyProblem(new Error(heals.undecided(undecided.length, undecided[0].reason)));
      next?.();
    },
    onError: (error) => notifyProblem(error instanceof ApiProblem && error.status === 409 ? new Error(`${error.message} ${heals.lost}`) : error),
    onSettled: () => refresh(queryClient, 'listHeals', 'readHeal', 'listTests', 'readTest', 'readDashboard'),
  });
}
