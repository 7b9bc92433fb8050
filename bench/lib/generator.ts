import autocannon from 'autocannon';
import { httpRequests } from './requests.ts';

/** The process that sends. Asked by messages, so that the mix is made once; see load.ts for the asking side. */
export interface LoadOrder {
  readonly url: string;
  readonly seconds: number;
  readonly connections: number;
}

export interface LoadResult {
  readonly answers: number;
  /** Answers other than 200 with a decision, and requests without an answer. */
  readonly errors: number;
  readonly seconds: number;
  readonly latencyMs: Readonly<Record<'p50' | 'p99' | 'p999', number>>;
}

const requests = httpRequests(process.argv[2] ?? 'A');

process.on('message', (order: LoadOrder) => {
  closedLoop(order).then(
    (result) => process.send?.(result),
    (error: unknown) => {
      throw error;
    },
  );
});
process.on('disconnect', () => process.exit());
process.send?.('ready');

async function closedLoop({ url, seconds, connections }: LoadOrder): Promise<LoadResult> {
  let answered = 0;
  const result = await autocannon({
    url: `${url}/v1/declarations`,
    connections,
    duration: seconds,
    setupClient(client) {
      // autocannon builds requests from parts, which costs more than the rest of it; ours are ready.
      Object.assign(client, { getRequestBuffer: () => requests.next() });
    },
    verifyBody: (body) => answered++ % 64 !== 0 || String(body).includes('"corridor":'),
  });
  const { latency, duration, errors, timeouts, mismatches } = result;
  const ok = result.statusCodeStats?.['200']?.count ?? 0;
  const all = result['1xx'] + result['2xx'] + result['3xx'] + result['4xx'] + result['5xx'];
  return {
    answers: ok,
    errors: all - ok + errors + timeouts + mismatches,
    seconds: duration,
    latencyMs: { p50: latency.p50, p99: latency.p99, p999: latency.p99_9 },
  };
}
