import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';

import { listSuitesOptions, listTestsOptions, readSuiteOptions, readTestOptions } from '@/api';
import { useAddressSearch, useChangeSearch } from '@/routing/address';
import { useProject } from '@/routing/session';
import { runs } from '@/strings/runs';

const PAUSE_MS = 250;
const MOST = 50;
const LONGEST = 200;

interface Choice {
  readonly id: string;
  readonly name: string;
}

/** Chooses the test whose runs are shown; the server searches among all of the project. */
export function TestPicker(): ReactNode {
  const { id: project } = useProject();
  const { test_id: chosen } = useAddressSearch();
  const [typed, setTyped] = useState('');
  const [asked] = useDebouncedValue(typed.trim().slice(0, LONGEST), PAUSE_MS);
  const { data: one } = useQuery({ ...readTestOptions({ path: { test_id: chosen ?? '' } }), enabled: chosen !== undefined, retry: false });
  const q = asked === one?.name ? '' : asked;
  const { data } = useQuery(listTestsOptions({ query: { project_id: project, limit: MOST, ...(q && { q }) } }));
  return <Picker label={runs.test} word="test_id" chosen={chosen} one={one} some={data?.items ?? []} onType={setTyped} />;
}

/** Chooses the suite whose runs are shown. */
export function SuitePicker(): ReactNode {
  const { id: project } = useProject();
  const { suite_id: chosen } = useAddressSearch();
  const { data: one } = useQuery({ ...readSuiteOptions({ path: { suite_id: chosen ?? '' } }), enabled: chosen !== undefined, retry: false });
  const { data } = useQuery(listSuitesOptions({ query: { project_id: project, limit: MOST } }));
  return <Picker label={runs.suite} word="suite_id" chosen={chosen} one={one} some={data?.items ?? []} />;
}

function Picker(props: {
  label: string;
  word: 'test_id' | 'suite_id';
  chosen: string | undefined;
  one: Choice | undefined;
  some: readonly Choice[];
  onType?: (typed: string) => void;
}): ReactNode {
  const { label, word, chosen, one, some, onType } = props;
  const change = useChangeSearch();
  const known = some.map(({ id, name }) => ({ value: id, label: name }));
  const missing = chosen !== undefined && !known.some(({ value }) => value === chosen);
  return (
    <Select
      label={label}
      placeholder={runs.any}
      searchable
      clearable
      w={190}
      nothingFoundMessage={runs.noMatch}
      data={missing ? [{ value: chosen, label: one?.name ?? runs.gone }, ...known] : known}
      value={chosen ?? null}
      onChange={(id) => change({ [word]: id ?? undefined })}
      {...(onType && { onSearchChange: onType })}
    />
  );
}
