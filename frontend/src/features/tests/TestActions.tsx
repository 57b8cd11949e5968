import { ActionIcon, Button, Menu } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { api, cloneTestMutation, refresh, startTestMutation, type TestOut } from '@/api';
import { ConfirmDialog } from '@/components/ConfirmDialog';
import { Icon } from '@/components/Icon';
import { ButtonLink } from '@/components/links';
import { notifyDone, notifyProblem } from '@/components/notify';
import { paths } from '@/routing/paths';
import { useProject, useRights } from '@/routing/session';
import { tests } from '@/strings/tests';

import { exportAddress } from './importing';
import { RunDialog } from './RunDialog';
import { useRunsLeadOn } from './useRunsLeadOn';

/** What can be done with a saved test. A run takes what is saved, so unsaved changes wait. */
export function TestActions({ test, unsaved }: { test: TestOut; unsaved: boolean }): ReactNode {
  const rights = useRights();
  const { id: project } = useProject();
  const [dialog, { open, close }] = useDisclosure(false);
  const leadOn = useRunsLeadOn();
  const start = useMutation({ ...startTestMutation(), onSuccess: leadOn, onError: notifyProblem });
  return (
    <>
      <ButtonLink variant="default" {...paths.runs(project, { test_id: test.id })}>
        {tests.runs}
      </ButtonLink>
      <ButtonLink variant="default" {...paths.versions(project, test.id)}>
        {tests.versions.open}
      </ButtonLink>
      <Menus test={test} />
      {rights.change && (
        <>
          <Button variant="default" onClick={open} disabled={unsaved} title={unsaved ? tests.unsavedRun : undefined}>
            {tests.runWith}
          </Button>
          <Button
            onClick={() => start.mutate({ path: { test_id: test.id }, body: {} })}
            loading={start.isPending}
            disabled={unsaved}
            title={unsaved ? tests.unsavedRun : undefined}
          >
            {tests.run}
          </Button>
          <RunDialog
            opened={dialog}
            onClose={close}
            title={tests.running.title(test.name)}
            variables={test.variables ?? {}}
            onStart={(overrides) => api.startTest({ path: { test_id: test.id }, body: { overrides }, throwOnError: true }).then(({ data }) => data)}
          />
        </>
      )}
    </>
  );
}

function Menus({ test }: { test: TestOut }): ReactNode {
  const rights = useRights();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [removing, { open, close }] = useDisclosure(false);
  const clone = useMutation({
    ...cloneTestMutation(),
    onSuccess: async (copy) => {
      await refresh(queryClient, 'listTests');
      notifyDone(tests.cloned);
      await navigate(paths.test(copy.project_id, copy.id));
    },
    onError: notifyProblem,
  });
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label={tests.more} loading={clone.isPending}>
            <Icon name="more" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item component="a" href={exportAddress(test.project_id, [test.id])} download leftSection={<Icon name="download" size={16} />}>
            {tests.exportOne}
          </Menu.Item>
          {rights.change && (
            <>
              <Menu.Item leftSection={<Icon name="copy" size={16} />} onClick={() => clone.mutate({ path: { test_id: test.id }, body: {} })}>
                {tests.clone}
              </Menu.Item>
              <Menu.Item leftSection={<Icon name="trash" size={16} />} onClick={open}>
                {tests.remove}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      <Removing test={test} opened={removing} onClose={close} />
    </>
  );
}

function Removing({ test, opened, onClose }: { test: TestOut; opened: boolean; onClose: () => void }): ReactNode {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const remove = async (): Promise<void> => {
    await api.removeTest({ path: { test_id: test.id }, throwOnError: true });
    await refresh(queryClient, 'listTests', 'listTags');
    notifyDone(tests.removed);
    await navigate(paths.tests(test.project_id));
  };
  return (
    <ConfirmDialog opened={opened} onClose={onClose} question={tests.removeQuestion} consequence={tests.removeWords} confirm={tests.remove} onConfirm={remove} />
  );
}
