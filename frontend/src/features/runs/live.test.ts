import { describe, expect, it } from 'vitest';

import { after, type LiveRun, NOTHING_YET } from './live';

function told(...events: [kind: string, data: object][]): LiveRun {
  return events.map(([kind, data], at) => ({ id: String(at), kind, data })).reduce(after, NOTHING_YET);
}

describe('a run as its events tell of it', () => {
  it('shows a step from its beginning to its end', () => {
    const begun = told(['try_started', { try: 1 }], ['step_started', { step_index: 0, title: 'Open the shop' }], ['tier_started', { step_index: 0, tier: 2 }]);
    expect(begun.steps).toMatchObject([{ title: 'Open the shop', status: 'running', tier: 2 }]);
    const ended = after(begun, { id: '9', kind: 'step_finished', data: { step_index: 0, status: 'failed', tier: null, duration_ms: 12, cost_usd: null, error_message: 'gone' } });
    expect(ended.steps).toMatchObject([{ title: 'Open the shop', status: 'failed', tier: null, ms: 12, cost: null, error: 'gone' }]);
  });

  it('begins anew with every try, and when another worker takes the run over', () => {
    const first = told(['try_started', { try: 1 }], ['step_started', { step_index: 0, title: 'a' }]);
    expect(after(first, { id: '2', kind: 'try_started', data: { try: 2 } })).toMatchObject({ trial: 2, steps: [] });
    expect(after(first, { id: '2', kind: 'queued', data: {} })).toEqual(NOTHING_YET);
  });

  it('keeps steps in order and ends with the run', () => {
    const run = told(['step_started', { step_index: 1, title: 'b' }], ['step_started', { step_index: 0, title: 'a' }], ['run_finished', {}]);
    expect(run.steps.map(({ title }) => title)).toEqual(['a', 'b']);
    expect(run.finished).toBe(true);
  });

  it('passes over what it does not know', () => {
    expect(told(['something_new', { step_index: 0 }], ['step_started', {}])).toEqual(NOTHING_YET);
  });
});
