import { Alert, Button, FileInput, Group, List, Modal, Select, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';

import { ApiProblem, importYamlMutation, type ImportOut, type OnConflict, refresh, wordsOf } from '@/api';
import { TextLink } from '@/components/links';
import { paths } from '@/routing/paths';
import { useProject } from '@/routing/session';
import { common } from '@/strings/common';
import { tests } from '@/strings/tests';

import { placeIn, type Stream, streamOf } from './importing';

const words = tests.importing;
const CONFLICTS = Object.entries(words.conflicts).map(([value, label]) => ({ value, label }));
const RESULTS = ['created', 'updated', 'unchanged', 'skipped'] as const;
const MOST_TOLD = 20;

/** Stores the tests of YAML files, all or none; what is wrong is told with its file and line. */
export function ImportDialog({ opened, onClose }: { opened: boolean; onClose: () => void }): ReactNode {
  return (
    <Modal opened={opened} onClose={onClose} title={words.title} size="lg" closeButtonProps={{ 'aria-label': common.close }}>
      <Importing onClose={onClose} />
    </Modal>
  );
}

function Importing({ onClose }: { onClose: () => void }): ReactNode {
  const project = useProject();
  const queryClient = useQueryClient();
  const [files, setFiles] = useState<File[]>([]);
  const [conflict, setConflict] = useState<OnConflict>('fail');
  const [stream, setStream] = useState<Stream>({ yaml: '', starts: [] });
  const store = useMutation({ ...importYamlMutation(), onSuccess: () => refresh(queryClient, 'listTests', 'listTags', 'readTest', 'listVersions') });
  const read = useMutation({ mutationFn: readAll });
  const start = (): void =>
    read.mutate(files, {
      onSuccess: (read_) => {
        setStream(read_);
        store.mutate({ body: { project_id: project.id, yaml: read_.yaml, on_conflict: conflict } });
      },
    });
  if (store.data) return <Results done={store.data} onClose={onClose} />;
  return (
    <Stack>
      <Text size="sm">{words.lead}</Text>
      <FileInput
        label={words.files}
        placeholder={words.choose}
        multiple
        clearable
        accept=".yaml,.yml"
        value={files}
        onChange={(chosen) => {
          setFiles(chosen);
          store.reset();
        }}
        clearButtonProps={{ 'aria-label': tests.clear }}
      />
      <Select
        label={words.conflict}
        data={CONFLICTS}
        value={conflict}
        allowDeselect={false}
        onChange={(chosen) => setConflict((before) => (chosen === 'fail' || chosen === 'skip' || chosen === 'update' ? chosen : before))}
      />
      <Problems error={read.error ?? store.error} stream={stream} />
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          {common.cancel}
        </Button>
        <Button onClick={start} disabled={files.length === 0} loading={read.isPending || store.isPending}>
          {words.start}
        </Button>
      </Group>
    </Stack>
  );
}

async function readAll(files: readonly File[]): Promise<Stream> {
  const texts = files.map(async (file) => {
    try {
      return { name: file.name, text: await file.text() };
    } catch {
      throw new Error(words.unreadable(file.name));
    }
  });
  return streamOf(await Promise.all(texts));
}

function Problems({ error, stream }: { error: unknown; stream: Stream }): ReactNode {
  if (error === null) return null;
  const errors = error instanceof ApiProblem ? error.errors : [];
  if (errors.length === 0) {
    return (
      <Alert role="alert" color="bad">
        {wordsOf(error)}
      </Alert>
    );
  }
  return (
    <Alert role="alert" color="bad" title={words.wrong(errors.length)}>
      <List size="sm" listStyleType="none">
        {errors.slice(0, MOST_TOLD).map(({ path, message }) => (
          <List.Item key={`${path} ${message}`} style={{ overflowWrap: 'anywhere' }}>
            <b>{placeIn(stream, path)}</b> {message}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}

function Results({ done, onClose }: { done: ImportOut; onClose: () => void }): ReactNode {
  const project = useProject();
  return (
    <Stack role="status">
      <Text fw={600}>{words.done}</Text>
      {RESULTS.filter((kind) => done[kind].length > 0).map((kind) => (
        <div key={kind}>
          <Text size="sm">
            {words.results[kind]}: {done[kind].length}
          </Text>
          <List size="sm">
            {done[kind].slice(0, MOST_TOLD).map((test) => (
              <List.Item key={test.id}>
                <TextLink {...paths.test(project.id, test.id)}>{test.name}</TextLink>
              </List.Item>
            ))}
          </List>
        </div>
      ))}
      <Group justify="flex-end">
        <Button onClick={onClose} data-autofocus>
          {common.close}
        </Button>
      </Group>
    </Stack>
  );
}
