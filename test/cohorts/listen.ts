import type { Client } from '../people/kit.ts';

export interface Heard {
  name: string;
  data: string;
}

/** A page's live stream, as its browser hears it. */
export interface Listening {
  heard: Heard[];
  /** Resolves with the first message, from now or before, that is so. */
  until(is: (message: Heard) => boolean): Promise<Heard>;
  /** Resolves when the server ends the stream. */
  ended: Promise<void>;
  close(): void;
}

/** Opens the stream of an attempt. @throws Error with the status where it is refused */
export async function listen(range: { url: string }, client: Client, attempt: string): Promise<Listening> {
  const leaving = new AbortController();
  const cookie = [...client.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const response = await fetch(`${range.url}/attempts/${attempt}/events`, {
    headers: { cookie, accept: 'text/event-stream' },
    signal: leaving.signal,
  });
  if (response.status !== 200) throw new Error(`refused: ${response.status}`);
  const heard: Heard[] = [];
  const waiting = new Set<() => void>();
  const read = async (): Promise<void> => {
    let text = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const lines = text.slice(0, end).split('\n');
        text = text.slice(end + 2);
        const name = lines.find((line) => line.startsWith('event: '))?.slice(7);
        const data = lines
          .filter((line) => line.startsWith('data: '))
          .map((line) => line.slice(6))
          .join('\n');
        if (name) heard.push({ name, data });
        for (const look of waiting) look();
      }
    }
  };
  return {
    heard,
    ended: read().catch(() => undefined),
    close: () => leaving.abort(),
    until: (is) =>
      new Promise((done) => {
        const look = (): void => {
          const found = heard.find(is);
          if (!found) return;
          waiting.delete(look);
          done(found);
        };
        waiting.add(look);
        look();
      }),
  };
}
