import { batchLoad } from '../lib/batch-load.ts';
import { closedLoop } from '../lib/closed-loop.ts';
import { openLoop } from '../lib/open-loop.ts';
import type { LoadOrder, LoadResult } from '../lib/orders.ts';
import { httpRequests, ndjsonLines, type Requests } from '../lib/requests.ts';

/** The process that sends. It takes orders one by one; see load.ts for the other side. */
const prefix = process.argv[2] ?? 'A';
/** The mix by who sends it, made at the first order; ids of each begin otherwise. */
const made = new Map<string, Requests>();

function requestsOf({ kind, headers }: LoadOrder): Requests {
  const caller = kind === 'batch' ? kind : JSON.stringify(headers);
  const known = made.get(caller);
  if (known !== undefined) return known;
  const ids = `${prefix}${made.size.toString(36).toUpperCase()}`;
  const requests = kind === 'batch' ? ndjsonLines(ids) : httpRequests(ids, headers);
  made.set(caller, requests);
  return requests;
}

function run(order: LoadOrder): Promise<LoadResult> {
  const requests = requestsOf(order);
  if (order.kind === 'closed') return closedLoop(order, requests);
  if (order.kind === 'open') return openLoop(order, requests);
  return batchLoad(order, requests);
}

process.on('message', (order: LoadOrder) => {
  run(order).then(
    (result) => process.send?.(result),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
