import { MultiSelect } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';

import { listTestsOptions, readTestOptions } from '@/api';
import { pickers } from '@/strings/pickers';

const MOST = 50;
const PAUSE_MS = 200;

interface Choice {
  readonly value: string;
  readonly label: string;
}

/** Chooses tests of a project by their names; however many there are, the server searches. `value` holds their ids. */
export function TestPicker(props: {
  label: string;
  project: string;
  value: string[];
  onChange: (ids: string[]) => void;
  /** Tests that are not offered. */
  without?: ReadonlySet<string>;
  error?: ReactNode;
  disabled?: boolean;
}): ReactNode {
  const { label, project, value, onChange, without, error, disabled = false } = props;
  const [typed, setTyped] = useState('');
  const [asked] = useDebouncedValue(typed.trim(), PAUSE_MS);
  const query = useQuery({
    ...listTestsOptions({ query: { project_id: project, limit: MOST, ...(asked && { q: asked }) } }),
    placeholderData: keepPreviousData,
  });
  const found = (query.data?.items ?? []).filter(({ id }) => !without?.has(id)).map(({ id, name }) => ({ value: id, label: name }));
  const chosen = useChosen(value, found);
  return (
    <MultiSelect
      label={label}
      placeholder={pickers.search}
      data={[...chosen, ...found.filter((choice) => !value.includes(choice.value))]}
      // What is found is found by the server: its search knows more than the letters of a label.
      filter={({ options }) => options}
      searchable
      searchValue={typed}
      onSearchChange={setTyped}
      value={value}
      onChange={onChange}
      nothingFoundMessage={query.isError ? pickers.failed : pickers.nothing}
      hidePickedOptions
      disabled={disabled}
      error={error}
    />
  );
}

/** The tests that are chosen, with their names, whatever is searched for now; one that is gone keeps its id. */
function useChosen(ids: readonly string[], found: readonly Choice[]): Choice[] {
  const asked = useQueries({ queries: ids.map((id) => ({ ...readTestOptions({ path: { test_id: id } }), enabled: !found.some(({ value }) => value === id) })) });
  return ids.map((id, place) => found.find(({ value }) => value === id) ?? { value: id, label: asked[place]?.data?.name ?? id });
}
