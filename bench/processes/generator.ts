import { batchLoad } from '../lib/batch-load.ts';
import { closedLoop } from '../lib/closed-loop.ts';
import { openLoop } from '../lib/open-loop.ts';
import type { LoadOrder, LoadResult } from '../lib/orders.ts';
import { httpRequests, ndjsonLines } from '../lib/requests.ts';

/** The process that sends. It makes the mix once, then takes orders one by one; see load.ts for the other side. */
const prefix = process.argv[2] ?? 'A';
const requests = httpRequests(`${prefix}0`);
const lines = ndjsonLines(`${prefix}1`);

function run(order: LoadOrder): Promise<LoadResult> {
  if (order.kind === 'closed') return closedLoop(order, requests);
  if (order.kind === 'open') return openLoop(order, requests);
  return batchLoad(order, lines);
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
