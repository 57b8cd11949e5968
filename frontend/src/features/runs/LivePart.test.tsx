import { screen } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';

import { runs } from '@/strings/runs';
import { showFeature } from '@/testing/render';
import { answer, refuse, server } from '@/testing/server';

import { runsFeature } from './routes';

const AT = '2026-11-27T08:00:00Z';
const running = {
  id: 'r1', project_id: 'shop', test_id: 't1', test_name: 'Buy a book', test_version: 1, example: null, status: 'running', strategy: 'option_c', model: 'local',
  priority: 0, group_id: null, suite_id: null, schedule_id: null, user_id: 'u1', worker: 'w', queued_at: AT, started_at: AT, finished_at: null, duration_ms: null,
  tokens: 0, cost_usd: 0, error_kind: null, error_message: null, cancel_requested_at: null, green: null,
  tags: [], crashes: 0, settings: {}, overrides: {}, tries: [], steps: [], artifacts: [], feedback: [],
};
const EVENTS = 'http://localhost:3000/api/v1/executions/r1/events';

const event = (id: number, kind: string, data: object): string => `id: ${id}\nevent: ${kind}\ndata: ${JSON.stringify(data)}\n\n`;
const begun = event(1, 'try_started', { try: 1 }) + event(2, 'step_started', { step_index: 0, title: 'Press Buy' });
const ended = event(3, 'step_finished', { step_index: 0, status: 'passed', tier: 1, duration_ms: 40, cost_usd: 0 });

describe('a run while it is made', () => {
  it('says that it waits while the server is away, and shows what happened when it is back', async () => {
    let back = false;
    server.use(
      answer('get', '/executions/r1', running),
      refuse('get', '/executions/r1/frame', 404, 'there is no picture'),
      http.get(EVENTS, () => {
        if (!back) return new HttpResponse(null, { status: 503 });
        return new HttpResponse(begun + ended, { headers: { 'Content-Type': 'text/event-stream' } });
      }),
    );
    showFeature(runsFeature, '/p/shop/runs/r1');
    expect(await screen.findByText(runs.reconnecting)).toBeVisible();
    back = true;
    expect(await screen.findByText('Press Buy')).toBeVisible();
    expect(screen.getByText('Passed')).toBeVisible();
  });

  it('says why it cannot be followed', async () => {
    server.use(
      answer('get', '/executions/r1', running),
      refuse('get', '/executions/r1/frame', 404, 'there is no picture'),
      refuse('get', '/executions/r1/events', 403, 'this API token lacks the scope read'),
    );
    showFeature(runsFeature, '/p/shop/runs/r1');
    expect(await screen.findByText('this API token lacks the scope read')).toBeVisible();
  });
});
