import { Agent, request } from 'node:http';
import type { Headers } from './orders.ts';
import { ndjsonLines } from './requests.ts';

/**
 * The process that sends at a steady rate, whatever becomes of what it sent (an open loop): an answer's time runs from
 * when its declaration was due, so that no wait is hidden. `steady.js URL RATE`; it reports every minute.
 * BENCH_HEADERS, as JSON, say who asks: what is an argument everybody on the machine can read.
 */
export interface SteadyMinute {
  /** Epoch milliseconds of its end. */
  readonly at: number;
  readonly sent: number;
  readonly decided: number;
  /** Answers other than 200, and requests without one. */
  readonly failed: number;
  /** From when it was due to the end of the answer. */
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly p999: number; readonly max: number };
  /** How much later than due it was sent, by this process's own fault, p99. */
  readonly lateMs: number;
}

const TICK_MS = 2;
const MINUTE_MS = 60_000;
/** What may be under way: beyond it the service no longer keeps up, and what is due counts as failed. */
const UNDER_WAY_MAX = 3000;

const [url = '', rateText = '100'] = process.argv.slice(2);
const credentials = JSON.parse(process.env.BENCH_HEADERS ?? '{}') as Headers;
const perMs = Number(rateText) / 1000;
const target = new URL(`${url}/v1/declarations`);
const agent = new Agent({ keepAlive: true, maxSockets: 512, scheduling: 'lifo' });
const bodies = ndjsonLines('L');

let minute = freshMinute();
let sentEver = 0;
let underWay = 0;
const startedMs = performance.now();

setInterval(tick, TICK_MS);
setInterval(report, MINUTE_MS);
process.on('disconnect', () => process.exit());
process.on('message', () => report());

function freshMinute() {
  return { sent: 0, decided: 0, failed: 0, latencies: [] as number[], late: [] as number[] };
}

function tick(): void {
  const nowMs = performance.now();
  const due = Math.floor((nowMs - startedMs) * perMs);
  while (sentEver < due) {
    const dueMs = startedMs + sentEver / perMs;
    sentEver += 1;
    minute.sent += 1;
    minute.late.push(nowMs - dueMs);
    if (underWay >= UNDER_WAY_MAX) minute.failed += 1;
    else send(dueMs);
  }
}

function send(dueMs: number): void {
  const body = bodies.next();
  underWay += 1;
  let done = false;
  const finish = (decided: boolean): void => {
    if (done) return;
    done = true;
    underWay -= 1;
    minute.latencies.push(performance.now() - dueMs);
    if (decided) minute.decided += 1;
    else minute.failed += 1;
  };
  const headers = { 'content-type': 'application/json', 'content-length': body.length, ...credentials };
  const sending = request(target, { method: 'POST', agent, headers }, (answer) => {
    answer.resume();
    answer.once('end', () => finish(answer.statusCode === 200));
    answer.once('error', () => finish(false));
  });
  sending.once('error', () => finish(false));
  sending.end(body);
}

function report(): void {
  const { sent, decided, failed, latencies, late } = minute;
  minute = freshMinute();
  latencies.sort((a, b) => a - b);
  late.sort((a, b) => a - b);
  const latencyMs = {
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    p999: quantile(latencies, 0.999),
    max: latencies.at(-1) ?? 0,
  };
  const result: SteadyMinute = { at: Date.now(), sent, decided, failed, latencyMs, lateMs: quantile(late, 0.99) };
  process.send?.(result);
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
