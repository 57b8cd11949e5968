import { ActionIcon, Alert, Button, Fieldset, Group, Modal, NativeSelect, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { useForm, type UseFormReturnType } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { ApiProblem, type Overrides, type QueuedOut, wordsOf } from '@/api';
import { Icon } from '@/components/Icon';
import { common } from '@/strings/common';
import { tests } from '@/strings/tests';

import { fieldOf, nothingOtherwise, overridesOf, sizeProblem, type Wanted } from './running';
import { useRunsLeadOn } from './useRunsLeadOn';

const words = tests.running;

interface DialogProps {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly title: string;
  /** The variables of the test, which may be given other values. */
  readonly variables: Readonly<Record<string, string>>;
  readonly onStart: (overrides: Overrides) => Promise<QueuedOut>;
}

/** Starts runs that are otherwise than the tests and the settings say: this once. */
export function RunDialog(props: DialogProps): ReactNode {
  const { opened, onClose, title } = props;
  return (
    <Modal opened={opened} onClose={onClose} title={title} size="lg" closeButtonProps={{ 'aria-label': common.close }}>
      <RunForm {...props} />
    </Modal>
  );
}

type Form = UseFormReturnType<Wanted>;

function RunForm({ onClose, variables, onStart }: DialogProps): ReactNode {
  const leadOn = useRunsLeadOn();
  const form = useForm<Wanted>({
    initialValues: nothingOtherwise(variables),
    validate: { width: (_, wanted) => sizeProblem(wanted) },
  });
  const start = useMutation({
    mutationFn: (wanted: Wanted) => onStart(overridesOf(wanted)),
    onSuccess: leadOn,
    onError: (error) => form.setErrors(errorsOf(error)),
  });
  return (
    <form onSubmit={form.onSubmit((wanted) => start.mutate(wanted))}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {words.lead}
        </Text>
        <Fields form={form} />
        <Variables form={form} variables={variables} />
        {start.error !== null && (
          <Alert role="alert" color="bad">
            {wordsOf(start.error)}
          </Alert>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {common.cancel}
          </Button>
          <Button type="submit" loading={start.isPending}>
            {words.start}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** The server's messages by field. */
function errorsOf(error: unknown): Record<string, string> {
  return error instanceof ApiProblem ? Object.fromEntries(error.errors.map(({ path, message }) => [fieldOf(path), message])) : {};
}

function Fields({ form }: { form: Form }): ReactNode {
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
      <NativeSelect label={words.strategy} data={choices(words.asSaved, common.strategies)} {...form.getInputProps('strategy')} data-autofocus />
      <TextInput label={words.baseUrl} placeholder={words.asTest} {...form.getInputProps('base_url')} />
      <TextInput label={words.width} placeholder={words.sizeHint} inputMode="numeric" {...form.getInputProps('width')} />
      <TextInput label={words.height} placeholder={words.sizeHint} inputMode="numeric" {...form.getInputProps('height')} />
      <TextInput label={words.locale} placeholder={words.localeHint} {...form.getInputProps('locale')} />
      <TextInput label={words.retries} placeholder={words.retriesHint} inputMode="numeric" {...form.getInputProps('retries')} />
      <NativeSelect label={words.trace} data={choices(words.asSaved, words.traces)} {...form.getInputProps('trace')} />
      <NativeSelect label={words.screenshots} data={choices(words.asSaved, words.shots)} {...form.getInputProps('screenshots')} />
      <TextInput label={words.model} placeholder={words.modelHint} {...form.getInputProps('model')} />
    </SimpleGrid>
  );
}

function choices(none: string, labels: Readonly<Record<string, string>>): { value: string; label: string }[] {
  return [{ value: '', label: none }, ...Object.entries(labels).map(([value, label]) => ({ value, label }))];
}

function Variables({ form, variables }: { form: Form; variables: Readonly<Record<string, string>> }): ReactNode {
  const lines = form.getValues().variables;
  return (
    <Fieldset legend={words.variables}>
      <Stack gap="xs">
        {lines.map(({ name }, at) => (
          <Group key={at} gap="xs" wrap="nowrap">
            <TextInput flex={1} miw={0} aria-label={words.variable} placeholder={words.variable} {...form.getInputProps(`variables.${at}.name`)} />
            <TextInput
              flex={1}
              miw={0}
              aria-label={words.variableValue(name)}
              placeholder={variables[name] ?? ''}
              {...form.getInputProps(`variables.${at}.value`)}
            />
            <ActionIcon variant="subtle" color="gray" aria-label={words.removeVariable(name)} onClick={() => form.removeListItem('variables', at)}>
              <Icon name="cross" size={16} />
            </ActionIcon>
          </Group>
        ))}
        <Group>
          <Button size="xs" variant="default" onClick={() => form.insertListItem('variables', { name: '', value: '' })}>
            {words.addVariable}
          </Button>
        </Group>
        {form.errors.variables && (
          <Text size="sm" c="var(--mantine-color-error)">
            {form.errors.variables}
          </Text>
        )}
      </Stack>
    </Fieldset>
  );
}
