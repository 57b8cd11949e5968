import { SimpleGrid, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { readHealOptions } from '@/api';
import { Crop } from '@/components/Crops';
import { LoadingState, QueryState } from '@/components/states';
import { runs } from '@/strings/runs';

/** Before and after of a heal: what the step's selector found last, and what was found instead. */
export function Healed({ heal: id }: { heal: string }): ReactNode {
  const query = useQuery(readHealOptions({ path: { heal_id: id } }));
  return (
    <QueryState query={query} loading={<LoadingState rows={2} />}>
      {({ crop, baseline_crop: before, old_selector: old, new_locator: now }) => (
        <SimpleGrid cols={{ base: 1, sm: 2 }} role="group" aria-label={runs.healed}>
          <Side title={runs.before} selector={old ?? runs.noSelector}>
            <Crop address={before} alt={runs.beforePicture} absent={runs.noBefore} />
          </Side>
          <Side title={runs.afterwards} selector={now.selector}>
            <Crop address={crop} alt={runs.afterPicture} absent={runs.noAfter} />
          </Side>
        </SimpleGrid>
      )}
    </QueryState>
  );
}

function Side({ title, selector, children }: { title: string; selector: string; children: ReactNode }): ReactNode {
  return (
    <Stack gap={4}>
      <Text size="sm" fw={600}>
        {title}
      </Text>
      <code style={{ overflowWrap: 'anywhere' }}>{selector}</code>
      {children}
    </Stack>
  );
}
