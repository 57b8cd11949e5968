import { describe, expect, it, vi } from 'vitest';

import { follow } from './eventStream';

const event = (id: number): string => `id: ${id}\nevent: step\ndata: {}\n\n`;

/** An answer whose stream says this, and then ends or breaks. */
function streaming(text: string, { breaks }: { breaks: boolean }): Response {
  const bytes = new TextEncoder().encode(text);
  let told = false;
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        if (!told) controller.enqueue(bytes);
        else if (breaks) controller.error(new TypeError('network error'));
        else controller.close();
        told = true;
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers: { 'Content-Type': 'text/event-stream' } });
}

describe('follow', () => {
  it('takes up a stream that broke after the last event it saw, and tells none twice', async () => {
    const after: (string | null)[] = [];
    const answers = [streaming(event(1) + event(2), { breaks: true }), streaming(event(3), { breaks: false })];
    vi.stubGlobal('fetch', (_: string, init: RequestInit) => {
      after.push(new Headers(init.headers).get('Last-Event-ID'));
      return Promise.resolve(answers.shift());
    });
    const seen: string[] = [];
    const states: string[] = [];
    const signal = new AbortController().signal;
    for await (const { id } of follow('/events', { signal, waits: [0], onState: (state) => states.push(state) })) seen.push(id);
    expect(seen).toEqual(['1', '2', '3']);
    expect(after).toEqual([null, '2']);
    expect(states).toEqual(['connecting', 'open', 'waiting', 'connecting', 'open', 'ended']);
  });
});
