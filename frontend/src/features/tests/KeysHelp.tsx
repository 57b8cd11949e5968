import { Kbd, Modal, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';

import { common } from '@/strings/common';
import { tests } from '@/strings/tests';

import { BINDINGS } from './keys';

const words = tests.keys;

/** What the keyboard does in the editor. */
export function KeysHelp({ opened, onClose }: { opened: boolean; onClose: () => void }): ReactNode {
  return (
    <Modal opened={opened} onClose={onClose} title={words.title} closeButtonProps={{ 'aria-label': common.close }}>
      <Text size="sm" c="dimmed" mb="xs">
        {words.lead}
      </Text>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{words.key}</Table.Th>
            <Table.Th scope="col">{words.does}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {BINDINGS.map(({ command, keys, words: does }) => (
            <Table.Tr key={command}>
              <Table.Td style={{ whiteSpace: 'nowrap' }}>
                {keys.map((key) => (
                  <Kbd key={key} size="xs" mr={4}>
                    {key.replace('Mod', 'Ctrl').replace('Arrow', '').replace(/\b[a-z]$/, (letter) => letter.toUpperCase())}
                  </Kbd>
                ))}
              </Table.Td>
              <Table.Td>{does}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
