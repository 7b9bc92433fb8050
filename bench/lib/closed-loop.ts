import autocannon from 'autocannon';
import type { ClosedOrder, LoadResult } from './orders.ts';
import type { Requests } from './requests.ts';

/** Every so many answers one is read, for its decision; the rest are known by their status. */
const READ_EVERY = 64;

export async function closedLoop(
  { url, seconds, connections, decision }: ClosedOrder,
  requests: Requests,
): Promise<LoadResult> {
  let answered = 0;
  const result = await autocannon({
    url: `${url}/v1/declarations`,
    connections,
    duration: seconds,
    setupClient(client) {
      // autocannon puts requests together from parts, which costs more than sending them; ours are ready.
      Object.assign(client, { getRequestBuffer: () => requests.next() });
    },
    verifyBody: (body) => decision === null || answered++ % READ_EVERY !== 0 || String(body).includes(decision),
  });
  const { latency, errors, timeouts, mismatches } = result;
  const statuses = Object.fromEntries(
    Object.entries(result.statusCodeStats ?? {}).map(([status, { count = 0 }]) => [status, count]),
  );
  const answers = statuses['200'] ?? 0;
  // The promise of a decision is no decision, and no error.
  const promised = statuses['202'] ?? 0;
  const all = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  return {
    answers,
    errors: all - answers - promised + errors + timeouts + mismatches,
    statuses: { ...statuses, 0: errors + timeouts },
    seconds: result.duration,
    latencyMs: { p50: latency.p50, p99: latency.p99, p999: latency.p99_9 },
    latenessMs: null,
  };
}
