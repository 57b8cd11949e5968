import { Alert, List, Text, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { api, type FieldProblem } from '@/api';
import { tests } from '@/strings/tests';

const PAUSE_MS = 400;

/** The text of a test, checked by the server after a pause in the writing; what is wrong is said with its line. */
export function YamlField(props: { value: string; onChange: (value: string) => void; readOnly: boolean }): ReactNode {
  const { value, onChange, readOnly } = props;
  return (
    <>
      <Textarea
        label={tests.yaml}
        description={tests.yamlHint}
        value={value}
        readOnly={readOnly}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
        rows={24}
        resize="vertical"
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
      />
      {!readOnly && <Check text={value} />}
    </>
  );
}

function Check({ text }: { text: string }): ReactNode {
  const [yaml] = useDebouncedValue(text, PAUSE_MS);
  const { data } = useQuery({
    queryKey: ['checkTest', yaml],
    queryFn: async ({ signal }) => (await api.checkTest({ body: { yaml }, signal, throwOnError: true })).data,
    staleTime: Infinity,
    retry: false,
  });
  return (
    <div role="status" aria-live="polite" style={{ minHeight: 44, marginTop: 'var(--mantine-spacing-xs)' }}>
      {data && yaml === text ? <Verdict problems={data.problems} /> : <Text size="sm">{tests.checking}</Text>}
    </div>
  );
}

function Verdict({ problems }: { problems: readonly FieldProblem[] }): ReactNode {
  if (problems.length === 0) return <Text size="sm">{tests.good}</Text>;
  return (
    <Alert color="bad" title={tests.problems(problems.length)}>
      <List size="sm">
        {problems.map(({ path, message }) => (
          <List.Item key={`${path} ${message}`}>
            {lineOf(path)}
            {message}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}

/** `body.yaml:4:11` as `4:11  `. */
function lineOf(path: string): string {
  const place = /yaml:(\d+:\d+)$/.exec(path)?.[1];
  return place ? `${place}  ` : '';
}
