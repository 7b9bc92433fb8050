import type { TestNode } from '../ingress/fixture.ts';

export interface EventMessage {
  readonly id: string;
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: events are looked into field by field
  readonly data: any;
}

/** A stream of server-sent events, as a browser reads it. */
export interface EventsRead {
  readonly status: number;
  readonly headers: Headers;
  /** Resolves at the end: true where the server has ended it, false where the connection was lost. */
  readonly ended: Promise<boolean>;
  retryMs(): number | null;
  abort(): void;
  next(): Promise<EventMessage>;
}

export async function openEvents(node: TestNode, path: string, headers: Record<string, string>): Promise<EventsRead> {
  const control = new AbortController();
  const answer = await fetch(`${node.url}${path}`, { headers, signal: control.signal });
  const waiting: ((event: EventMessage) => void)[] = [];
  const arrived: EventMessage[] = [];
  let retry: number | null = null;
  const take = (block: string): void => {
    const fields = new Map(
      block.split('\n').map((line) => [line.split(': ', 1)[0], line.slice(line.indexOf(': ') + 2)]),
    );
    const after = fields.get('retry');
    if (after !== undefined) retry = Number(after);
    const data = fields.get('data');
    if (data === undefined) return;
    const event = { id: fields.get('id') ?? '', name: fields.get('event') ?? '', data: JSON.parse(data) };
    const next = waiting.shift();
    if (next === undefined) arrived.push(event);
    else next(event);
  };
  const read = async (): Promise<void> => {
    let text = '';
    for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) take(block);
    }
  };
  const ended = read().then(
    () => true,
    () => false,
  );
  return {
    status: answer.status,
    headers: answer.headers,
    ended,
    retryMs: () => retry,
    abort: () => control.abort(),
    next() {
      const event = arrived.shift();
      return event === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(event);
    },
  };
}

/** The next events. */
export async function events(stream: EventsRead, count: number): Promise<EventMessage[]> {
  const all: EventMessage[] = [];
  while (all.length < count) all.push(await stream.next());
  return all;
}
