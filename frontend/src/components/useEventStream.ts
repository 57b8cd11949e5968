import { useEffect, useEffectEvent, useState } from 'react';

import { follow, type ServerEvent, type StreamState, wordsOf } from '@/api';

/** How a stream is, and what the server said when it refused. */
export interface Streaming {
  readonly state: StreamState;
  readonly problem: string | null;
}

/**
 * Calls `onEvent` with every event at an address, from the event after `after` on, and takes up a lost connection where
 * it was lost. Nothing is followed while `url` is null.
 */
export function useEventStream(url: string | null, onEvent: (event: ServerEvent) => void, after?: string): Streaming {
  const [streaming, setStreaming] = useState<Streaming>({ state: 'connecting', problem: null });
  const tell = useEffectEvent(onEvent);
  const startAfter = useEffectEvent(() => after ?? '');

  useEffect(() => {
    if (url === null) return undefined;
    const stopping = new AbortController();
    const onState = (state: StreamState): void => setStreaming({ state, problem: null });
    const read = async (): Promise<void> => {
      for await (const event of follow(url, { signal: stopping.signal, after: startAfter(), onState })) tell(event);
    };
    read().catch((error: unknown) => {
      if (!stopping.signal.aborted) setStreaming({ state: 'ended', problem: wordsOf(error) });
    });
    return () => stopping.abort();
  }, [url]);

  return streaming;
}
