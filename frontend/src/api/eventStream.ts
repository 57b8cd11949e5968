import { ApiProblem, problemOf } from './problem';

/** A server-sent event. `id` is where to go on after a lost connection. */
export interface ServerEvent {
  readonly id: string;
  readonly kind: string;
  readonly data: unknown;
}

/** How a stream is: it connects, tells events, waits before it tries again, or has told everything. */
export type StreamState = 'connecting' | 'open' | 'waiting' | 'ended';

export interface Following {
  readonly signal: AbortSignal;
  readonly after?: string;
  readonly onState?: (state: StreamState) => void;
  /** Waits in milliseconds before each new try; the last one is used again and again. */
  readonly waits?: readonly number[];
}

const WAITS = [250, 1000, 2000, 5000] as const;

/**
 * The events at an address until the server ends the stream. A lost connection is taken up again after the last event
 * seen. Throws ApiProblem when the server refuses.
 */
export async function* follow(url: string, following: Following): AsyncGenerator<ServerEvent> {
  const { signal, onState, waits = WAITS } = following;
  let after = following.after ?? '';
  for (let failures = 0; ; failures++) {
    onState?.('connecting');
    try {
      for await (const event of once(url, after, signal, () => onState?.('open'))) {
        failures = 0;
        after = event.id || after;
        yield event;
      }
      onState?.('ended');
      return;
    } catch (error) {
      if (signal.aborted || (error instanceof ApiProblem && !error.passing)) throw error;
    }
    onState?.('waiting');
    await pause(waits[Math.min(failures, waits.length - 1)] ?? 0, signal);
  }
}

async function* once(url: string, after: string, signal: AbortSignal, opened: () => void): AsyncGenerator<ServerEvent> {
  const response = await fetch(url, { signal, headers: { Accept: 'text/event-stream', ...(after && { 'Last-Event-ID': after }) } });
  if (!response.ok || !response.body) throw problemOf(await bodyOf(response), response);
  opened();
  yield* eventsIn(response.body.pipeThrough(new TextDecoderStream()));
}

async function bodyOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

/** The events of a stream of text; blank lines end each, comments are left out. */
export async function* eventsIn(text: ReadableStream<string>): AsyncGenerator<ServerEvent> {
  const reader = text.getReader();
  let rest = '';
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const blocks = (rest + value).replaceAll('\r\n', '\n').split('\n\n');
      rest = blocks.pop() ?? '';
      yield* blocks.flatMap(eventOf);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function eventOf(block: string): ServerEvent[] {
  const fields = new Map<string, string[]>();
  for (const line of block.split('\n')) {
    const [, name = '', value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
    fields.set(name, [...(fields.get(name) ?? []), value]);
  }
  const data = fields.get('data')?.join('\n');
  if (data === undefined) return [];
  return [{ id: fields.get('id')?.at(-1) ?? '', kind: fields.get('event')?.at(-1) ?? 'message', data: JSON.parse(data) as unknown }];
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(new DOMException('stopped', 'AbortError'));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal.addEventListener('abort', stop, { once: true });
  });
}
