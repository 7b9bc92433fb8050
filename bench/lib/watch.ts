import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StreamConnection } from '../../src/stream/connection.ts';
import { streamState } from '../../src/stream/state.ts';
import type { Headers } from './orders.ts';

/** One look at everything, every ten seconds. Bytes, milliseconds, messages. */
export interface Sample {
  /** Minutes since the start. */
  readonly minute: number;
  readonly decisions: number;
  /**
   * Memory of its own (anonymous; mapped files are the page cache's) and processor (share of one core since the sample
   * before), by process. Null: it could not be read.
   */
  readonly memory: Readonly<Record<ProcessName, number | null>>;
  readonly cpu: Readonly<Record<ProcessName, number>>;
  /** Of the service's main thread. */
  readonly heap: number;
  readonly eventLoopP99Ms: number;
  /** Messages that engines have not answered, and that the read models do not hold. */
  readonly lag: { readonly engine: number; readonly projection: number };
  readonly streams: Readonly<
    Record<'DECLARATIONS' | 'DECISIONS', { readonly messages: number; readonly bytes: number }>
  >;
  /** Allocated on disk. */
  readonly files: Readonly<Record<'ledger' | 'models' | 'broker', number>>;
}

export const PROCESSES = ['service', 'broker', 'sender'] as const;
export type ProcessName = (typeof PROCESSES)[number];
export type Pids = Readonly<Record<ProcessName, number>>;

export interface Watched {
  readonly http: string;
  readonly headers: Headers;
  readonly dataDir: string;
  readonly conn: StreamConnection;
  readonly pids: Pids;
}

/** Looks, and remembers what the processors had done. */
export class Watcher {
  readonly #watched: Watched;
  readonly #startedMs = performance.now();
  #before: { readonly atMs: number; readonly busyMs: Record<ProcessName, number> };

  constructor(watched: Watched) {
    this.#watched = watched;
    this.#before = { atMs: performance.now(), busyMs: this.#busy() };
  }

  async sample(): Promise<Sample> {
    const { http, headers, dataDir, conn, pids } = this.#watched;
    const [metrics, declarations, decisions] = await Promise.all([
      readMetrics(http, headers),
      streamState(conn, 'DECLARATIONS'),
      streamState(conn, 'DECISIONS'),
    ]);
    const atMs = performance.now();
    const busyMs = this.#busy();
    const { atMs: sinceMs, busyMs: sinceBusyMs } = this.#before;
    this.#before = { atMs, busyMs };
    return {
      minute: (atMs - this.#startedMs) / 60_000,
      decisions: metrics('corridor_decisions_total'),
      memory: byProcess((name) => ownBytes(pids[name])),
      cpu: byProcess((name) => (busyMs[name] - sinceBusyMs[name]) / Math.max(1, atMs - sinceMs)),
      heap: metrics('nodejs_heap_size_used_bytes'),
      eventLoopP99Ms: metrics('corridor_event_loop_lag_seconds', 'quantile="0.99"') * 1000,
      lag: {
        engine: metrics('corridor_consumer_lag', 'consumer="engine"'),
        projection: metrics('corridor_consumer_lag', 'consumer="projection"'),
      },
      streams: {
        DECLARATIONS: { messages: declarations.messages, bytes: declarations.bytes },
        DECISIONS: { messages: decisions.messages, bytes: decisions.bytes },
      },
      files: {
        ledger: allocatedBytes(join(dataDir, 'ledger')),
        models: allocatedBytes(join(dataDir, 'models')),
        broker: allocatedBytes(join(dataDir, 'nats')),
      },
    };
  }

  #busy(): Record<ProcessName, number> {
    return byProcess((name) => busyMs(this.#watched.pids[name]));
  }
}

function byProcess<V>(value: (name: ProcessName) => V): Record<ProcessName, V> {
  return { service: value('service'), broker: value('broker'), sender: value('sender') };
}

/** Sums a metric over its labels, or over those lines that hold a text. */
async function readMetrics(http: string, headers: Headers): Promise<(name: string, label?: string) => number> {
  const text = await (await fetch(`${http}/metrics`, { headers })).text();
  const lines = text.split('\n').filter((line) => !line.startsWith('#'));
  return (name, label = '') =>
    lines
      .filter((line) => (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) && line.includes(label))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

function ownBytes(pid: number): number | null {
  const found = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return found === null ? null : Number(found[1]) * 1024;
}

const TICKS_PER_SECOND = 100;

/** User and system time of all threads (proc(5), fields 14 and 15 of `stat`). */
function busyMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
}

const BLOCK_BYTES = 512;

/** What a file or folder takes on disk; files may go while we look. */
function allocatedBytes(path: string): number {
  try {
    const found = lstatSync(path);
    if (!found.isDirectory()) return found.blocks * BLOCK_BYTES;
    return readdirSync(path).reduce((sum, name) => sum + allocatedBytes(join(path, name)), 0);
  } catch {
    return 0;
  }
}
