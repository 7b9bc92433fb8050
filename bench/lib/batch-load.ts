import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { BatchOrder, LoadResult } from './orders.ts';
import type { Requests } from './requests.ts';

/** Lines written at once. */
const LINES = 16;

/** Answered lines per second over `streams` requests at once, each written as fast as it is taken. */
export async function batchLoad(order: BatchOrder, lines: Requests): Promise<LoadResult> {
  const begun = performance.now();
  const until = begun + order.seconds * 1000;
  const counts = await Promise.all(Array.from({ length: order.streams }, () => stream(order, until, lines)));
  const answers = counts.reduce((sum, { decided }) => sum + decided, 0);
  const errors = counts.reduce((sum, { other }) => sum + other, 0);
  // The rest that is answered after the last line was written counts with its time.
  return {
    answers,
    errors,
    statuses: {},
    seconds: (performance.now() - begun) / 1000,
    latencyMs: null,
    latenessMs: null,
  };
}

interface Counts {
  decided: number;
  other: number;
}

async function stream({ url, headers, decision }: BatchOrder, until: number, lines: Requests): Promise<Counts> {
  const upload = request(`${url}/v1/declarations/batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', ...headers },
  });
  const answered = once(upload, 'response').then(([response]) => count(response as IncomingMessage, decision ?? ''));
  await write(upload, until, lines);
  return answered;
}

async function write(upload: ClientRequest, until: number, lines: Requests): Promise<void> {
  while (performance.now() < until) {
    const chunk = Buffer.concat(Array.from({ length: LINES }, () => lines.next()));
    if (!upload.write(chunk)) await once(upload, 'drain');
  }
  upload.end();
}

async function count(response: IncomingMessage, decision: string): Promise<Counts> {
  const counts: Counts = { decided: 0, other: 0 };
  let rest = '';
  for await (const chunk of response.setEncoding('latin1')) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) counts[line.includes(decision) ? 'decided' : 'other']++;
  }
  if (response.statusCode !== 200 || rest !== '') counts.other++;
  return counts;
}
