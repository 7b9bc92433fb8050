import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { TickerData } from '../processes/ticker.ts';
import { Connection, type OnAnswer } from './connection.ts';
import { type LoadResult, type OpenOrder, percentilesOf } from './orders.ts';
import type { Requests } from './requests.ts';

const CONNECTIONS_FIRST = 64;
const CONNECTIONS_MAX = 1024;
const STARTS_IN_MS = 100;
/** After the last request. */
const ANSWERED_WITHIN_MS = 5000;

/**
 * Sends at fixed times and measures from the time at which a request should have been sent, so that waiting which the
 * service causes is counted. A request that finds no connection free gets a new one; past CONNECTIONS_MAX it waits.
 */
export async function openLoop(order: OpenOrder, requests: Requests): Promise<LoadResult> {
  const { perSecond, seconds, decision } = order;
  const url = new URL(order.url);
  const ticks = Math.round(perSecond * seconds);
  const intervalMs = 1000 / perSecond;
  const latencies = new Float64Array(ticks);
  const lateness = new Float64Array(ticks);
  const pool = new ConnectionPool(url);
  let [answered, answers] = [0, 0];
  const statuses: Record<number, number> = {};
  await delay(STARTS_IN_MS);

  const startMs = now() + STARTS_IN_MS;
  const data: TickerData = { startMs, intervalMs, ticks };
  const ticker = new Worker(join(import.meta.dirname, '../processes/ticker.js'), { workerData: data });
  ticker.on('message', (tick: number) => {
    const plannedMs = startMs + tick * intervalMs;
    lateness[tick] = Math.max(0, now() - plannedMs);
    pool.send(requests.next(), (status, body) => {
      latencies[answered++] = now() - plannedMs;
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (status === 200 && (decision === null || body.includes(decision))) answers++;
    });
  });
  await once(ticker, 'exit');
  for (const until = now() + ANSWERED_WITHIN_MS; answered < ticks && now() < until; ) await delay(10);
  pool.end();
  return {
    answers,
    // The promise of a decision is late, which its latency says, and no error.
    errors: ticks - answers - (statuses[202] ?? 0),
    statuses,
    seconds,
    latencyMs: percentilesOf(latencies.subarray(0, answered)),
    latenessMs: percentilesOf(lateness),
  };
}

function now(): number {
  return performance.timeOrigin + performance.now();
}

class ConnectionPool {
  private readonly url: URL;
  private readonly all = new Set<Connection>();
  private idle: Connection[] = [];
  private readonly waiting: { readonly request: Buffer; readonly onAnswer: OnAnswer }[] = [];

  constructor(url: URL) {
    this.url = url;
    for (let i = 0; i < CONNECTIONS_FIRST; i++) this.idle.push(this.open());
  }

  send(request: Buffer, onAnswer: OnAnswer): void {
    const connection = this.idle.pop() ?? (this.all.size < CONNECTIONS_MAX ? this.open() : undefined);
    if (connection === undefined) this.waiting.push({ request, onAnswer });
    else connection.send(request, onAnswer);
  }

  end(): void {
    for (const connection of this.all) connection.end();
  }

  private free(connection: Connection): void {
    const next = this.waiting.shift();
    if (next === undefined) this.idle.push(connection);
    else connection.send(next.request, next.onAnswer);
  }

  private open(): Connection {
    const made = new Connection(
      this.url,
      (connection) => this.free(connection),
      (connection) => {
        this.all.delete(connection);
        this.idle = this.idle.filter((each) => each !== connection);
      },
    );
    this.all.add(made);
    return made;
  }
}
