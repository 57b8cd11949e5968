import { expect, it } from 'vitest';

import { differences } from './differences';

it('puts what changed first, and leaves out what neither element has', () => {
  const rows = differences({ tag: 'button', id: 'buy', classes: ['a', 'b'] }, { tag: 'button', id: 'order', test_ids: [['data-test', 'x']] });
  expect(rows.map(({ name, before, now, changed }) => [name, before, now, changed])).toEqual([
    ['id', 'buy', 'order', true],
    ['Test ids', '', 'data-test=x', true],
    ['Classes', 'a, b', '', true],
    ['Tag', 'button', 'button', false],
  ]);
});

it('calls nothing changed where nothing was known', () => {
  expect(differences(null, { tag: 'a' })).toEqual([{ name: 'Tag', before: '', now: 'a', changed: false }]);
});
