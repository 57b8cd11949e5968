import { Button, Group, NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { listTagsOptions, listTestsOptions } from '@/api';
import { useChangeSearch } from '@/routing/address';
import { analytics } from '@/strings/analytics';

import { type Asked, daysBefore, useBucket } from './asked';

const PRESETS = [7, 30, 90] as const;

/** Which window, test and tag; they stand in the address. */
export function Filters({ asked }: { asked: Asked }): ReactNode {
  const change = useChangeSearch();
  const { data: tests } = useQuery(listTestsOptions({ query: { project_id: asked.project_id, limit: 200 } }));
  const { data: tags } = useQuery(listTagsOptions({ query: { project_id: asked.project_id } }));
  const bucket = useBucket(asked);
  return (
    <Group role="group" aria-label={analytics.filters} align="flex-end" gap="sm" mb="md">
      <Button.Group aria-label={analytics.window}>
        {PRESETS.map((days) => {
          const from = daysBefore(days - 1, new Date());
          const here = !asked.to && asked.from === from;
          return (
            <Button key={days} variant={here ? 'filled' : 'default'} aria-pressed={here} onClick={() => change({ from, to: '' })}>
              {analytics.presets[days]}
            </Button>
          );
        })}
      </Button.Group>
      <TextInput type="date" label={analytics.from} value={asked.from.slice(0, 10)} onChange={({ target }) => change({ from: target.value })} />
      <TextInput type="date" label={analytics.to} value={asked.to?.slice(0, 10) ?? ''} onChange={({ target }) => change({ to: target.value })} />
      <NativeSelect
        label={analytics.test}
        value={asked.test_id ?? ''}
        data={[{ value: '', label: analytics.allTests }, ...(tests?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))]}
        onChange={({ target }) => change({ test_id: target.value })}
        maw={240}
      />
      <NativeSelect
        label={analytics.tag}
        value={asked.tag ?? ''}
        data={[{ value: '', label: analytics.allTags }, ...(tags ?? []).map(({ tag }) => tag)]}
        onChange={({ target }) => change({ tag: target.value })}
        maw={180}
      />
      <NativeSelect
        label={analytics.bucket}
        value={bucket}
        data={[
          { value: 'hour', label: analytics.buckets.hour },
          { value: 'day', label: analytics.buckets.day },
        ]}
        onChange={({ target }) => change({ bucket: target.value })}
      />
    </Group>
  );
}
