import { NumberInput, SimpleGrid, Stack, Switch } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { ReactNode } from 'react';

import { settings } from '@/strings/settings';

import type { ExecutionValues } from './executionValues';

const words = settings.execution;
const TIERS = [1, 2, 3] as const;

/** Timeouts, retries and tracking. */
export function SettingsForm({ form }: { form: UseFormReturnType<ExecutionValues> }): ReactNode {
  return (
    <Stack>
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        {TIERS.map((tier) => (
          <NumberInput
            key={tier}
            label={words.timeout(tier)}
            description={words.timeoutHint}
            suffix=" s"
            clampBehavior="none"
            {...form.getInputProps(`tier${tier}_timeout_seconds`)}
          />
        ))}
      </SimpleGrid>
      <NumberInput
        label={words.retries}
        description={words.retriesHint}
        clampBehavior="none"
        maw={420}
        {...form.getInputProps('max_retries_per_tier')}
      />
      <Switch label={words.track} description={words.trackHint} {...form.getInputProps('track_effectiveness', { type: 'checkbox' })} />
    </Stack>
  );
}
