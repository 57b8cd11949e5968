import { SimpleGrid, Stack, Table, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

import type { CostsOut, Spent } from '@/api';
import { Card } from '@/components/Card';
import { Figure, Money } from '@/components/figures';
import { count, day, money } from '@/components/format';
import { analytics } from '@/strings/analytics';

/** What runs cost by test, model and day, and the month against its budget. */
export function Costs({ data, actions }: { data: CostsOut; actions?: ReactNode }): ReactNode {
  const window = `${day(new Date(data.from))} – ${day(new Date(data.to))}`;
  const [budget] = data.budgets;
  return (
    <Card title={analytics.costs} actions={actions}>
      <Stack>
        <Text size="sm" c="dimmed">
          {analytics.costsHint}
        </Text>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Figure label={analytics.spent} value={<Money dollars={data.total.known_cost_usd} />} window={window} sample={sampleOf(data.total)} />
          {budget && (
            <Figure
              label={analytics.budget}
              value={<Money dollars={budget.spent_usd} />}
              window={day(new Date(budget.month))}
              sample={budget.budget_usd === null ? analytics.noBudget : analytics.ofBudget(money(budget.budget_usd))}
            />
          )}
        </SimpleGrid>
        <SimpleGrid cols={{ base: 1, lg: 3 }}>
          <Cut title={analytics.byTest} head={analytics.test} rows={data.by_test.map((row) => [row.test_name, row])} />
          <Cut title={analytics.byModel} head={analytics.model} rows={data.by_model.map((row) => [row.model, row])} />
          <Cut title={analytics.byDay} head={analytics.day} rows={data.by_day.map((row) => [row.day, row])} />
        </SimpleGrid>
      </Stack>
    </Card>
  );
}

function sampleOf(spent: Spent): string {
  const runs = analytics.runs(spent.runs);
  return spent.unpriced_runs ? `${runs}, ${analytics.unpriced(spent.unpriced_runs)}` : runs;
}

function Cut({ title, head, rows }: { title: string; head: string; rows: readonly (readonly [string, Spent])[] }): ReactNode {
  return (
    <div>
      <Title order={3} mb="xs">
        {title}
      </Title>
      {rows.length === 0 ? (
        <Text size="sm">{analytics.noData}</Text>
      ) : (
        <Table aria-label={title}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{head}</Table.Th>
              <Table.Th ta="right">{analytics.runsHead}</Table.Th>
              <Table.Th ta="right">{analytics.cost}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map(([name, spent], place) => (
              <Table.Tr key={`${name} ${place}`}>
                <Table.Td style={{ overflowWrap: 'anywhere' }}>{name}</Table.Td>
                <Table.Td ta="right">{count(spent.runs)}</Table.Td>
                <Table.Td ta="right">
                  <Money dollars={spent.cost_usd} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </div>
  );
}
