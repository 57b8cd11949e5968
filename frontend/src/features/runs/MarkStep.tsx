import { Button, Group, Modal, Radio, Stack, Text, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { type FeedbackKind, giveFeedbackMutation, refresh, wordsOf } from '@/api';
import { Icon } from '@/components/Icon';
import { notifyDone } from '@/components/notify';
import { common } from '@/strings/common';
import { runs } from '@/strings/runs';

const KINDS = ['wrong_element', 'false_pass', 'flaky', 'other'] as const satisfies readonly FeedbackKind[];

/** Says what was wrong with a step. */
export function MarkStep({ run, index }: { run: string; index: number }): ReactNode {
  const [opened, { open, close }] = useDisclosure(false);
  const queryClient = useQueryClient();
  const form = useForm<{ kind: FeedbackKind; note: string }>({ initialValues: { kind: 'wrong_element', note: '' } });
  const marking = useMutation({
    ...giveFeedbackMutation(),
    onSuccess: async ({ heal_id: heal }) => {
      notifyDone(heal ? runs.markedRejected : runs.marked);
      close();
      form.reset();
      await refresh(queryClient, 'readRun', 'listHeals', 'readHeal', 'readDashboard');
    },
  });
  const save = form.onSubmit((values) => marking.mutate({ path: { execution_id: run }, body: { ...values, step_index: index } }));
  return (
    <>
      <Button size="xs" variant="default" leftSection={<Icon name="flag" size={14} />} onClick={open}>
        {runs.mark}
      </Button>
      <Modal opened={opened} onClose={close} title={runs.mark} centered closeButtonProps={{ 'aria-label': common.close }}>
        <form onSubmit={save}>
          <Stack>
            <Radio.Group label={runs.markKind} {...form.getInputProps('kind')}>
              {KINDS.map((kind) => (
                <Radio key={kind} value={kind} label={runs.marks[kind]} mt={6} />
              ))}
            </Radio.Group>
            <Text size="sm" c="dimmed">{runs.markHint}</Text>
            <Textarea label={runs.note} rows={3} {...form.getInputProps('note')} />
            {marking.error !== null && (
              <Text role="alert" size="sm" c="var(--mantine-color-error)">
                {wordsOf(marking.error)}
              </Text>
            )}
            <Group justify="flex-end" gap="xs">
              <Button variant="default" onClick={close}>{common.cancel}</Button>
              <Button type="submit" loading={marking.isPending}>{runs.save}</Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
