import { ScrollArea, Table } from '@mantine/core';
import type { ReactNode } from 'react';

/**
 * A short table, whole in the DOM; it scrolls sideways where the window is narrow. With `widths` (pixels, one a column) its
 * columns stay where they are whatever comes to stand in them.
 */
export function SimpleTable(props: {
  label: string;
  heads: readonly string[];
  rows: readonly { key: string; cells: readonly ReactNode[] }[];
  widths?: readonly (number | 'auto')[];
}): ReactNode {
  const { label, heads, rows, widths } = props;
  return (
    <ScrollArea type="auto" viewportProps={{ tabIndex: 0, 'aria-label': label, role: 'region' }}>
      <Table aria-label={label} verticalSpacing="xs" miw={480} {...(widths && { layout: 'fixed' })}>
        <Table.Thead>
          <Table.Tr>
            {heads.map((head, index) => (
              <Table.Th key={head} scope="col" w={widths?.[index]}>
                {head}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ key, cells }) => (
            <Table.Tr key={key}>
              {cells.map((cell, index) => (
                <Table.Td key={heads[index]}>{cell}</Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea>
  );
}
