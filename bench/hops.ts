import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { connect } from 'nats';
import { Piscina } from 'piscina';
import { packageRoot } from '../src/config.ts';
import { connectStream } from '../src/stream/connection.ts';
import { publish } from '../src/stream/publish.ts';
import { tail } from '../src/stream/tail.ts';
import { ensureTopology } from '../src/stream/topology.ts';
import { startOpenBroker } from './lib/open-broker.ts';
import { type Figure, keep, ratioOf } from './lib/results.ts';
import { median } from './lib/stats.ts';

/**
 * What the hops of a lone decision cost: the same message heard by a plain subscription, from the stream, and its
 * acknowledgement; and the way to a thread and back. For choosing between designs, see docs/decisions/005.
 *
 *   npm run bench -- hops [--quick]
 */
const { quick } = parseArgs({ options: { quick: { type: 'boolean', default: false } } }).values;
const ROUNDS = quick ? 1 : 7;
const MESSAGES = quick ? 50 : 300;
const BYTES = 4500;
const SUBJECT = 'decisions.hops';

const dataDir = await mkdtemp(join(tmpdir(), 'corridor-hops-'));
const nats = await startOpenBroker(dataDir);
const threads = new Piscina<Uint8Array, Uint8Array>({
  filename: join(packageRoot(), 'dist/bench/processes/echo-thread.js'),
  minThreads: 1,
  maxThreads: 1,
  atomics: 'disabled',
});
try {
  const rounds: Record<string, number>[] = [];
  for (let round = 0; round < ROUNDS; round++)
    rounds.push({ ...(await messages()), 'to a thread and back': await thread() });
  const names = Object.keys(rounds[0] ?? {});
  const of = (name: string): number[] => rounds.map((found) => found[name] ?? Number.NaN);
  const figures: Figure[] = names.map((name) => ({ what: name, values: { 'p50 µs': median(of(name)) } }));
  const perRound = (name: string, to: string): number[] =>
    of(name).map((us, index) => us / (of(to)[index] ?? Number.NaN));
  const plain = 'heard by a plain subscription';
  const ratio = (id: string, name: string) =>
    ratioOf({ id, what: `${name} ÷ ${plain}`, better: 'lower', wanted: null }, perRound(name, plain));
  const ratios = [ratio('hops-tail', 'heard from the stream'), ratio('hops-ack', 'acknowledged')];
  keep(
    {
      name: 'hops',
      method: `${ROUNDS} rounds of ${MESSAGES} messages of ${BYTES} bytes, one at a time; medians; one process beside its broker`,
      notMeasured: ['more than one message at a time', 'a broker on another machine'],
      ratios,
      figures,
    },
    ['nats', 'piscina'],
    quick,
  );
} finally {
  await threads.destroy();
  await nats.stop();
  await rm(dataDir, { recursive: true, force: true });
}

/** Medians, microseconds, of one message published and heard three ways. */
async function messages(): Promise<Record<string, number>> {
  const conn = await connectStream({ url: nats.url, name: 'hops' });
  await ensureTopology(conn);
  const listener = await connect({ servers: nats.url });
  let heard: (way: number) => void = () => undefined;
  listener.subscribe(SUBJECT, { callback: () => heard(0) });
  const stream = tail(conn, 'DECISIONS', SUBJECT, null, () => heard(1));
  await stream.caughtUp();
  await listener.flush();
  const times: number[][] = [[], [], []];
  const data = new Uint8Array(BYTES);
  for (let sent = 0; sent < MESSAGES; sent++) {
    const startedMs = performance.now();
    await new Promise<void>((resolve, reject) => {
      let open = times.length;
      heard = (way) => {
        times[way]?.push((performance.now() - startedMs) * 1000);
        if (--open === 0) resolve();
      };
      publish(conn, SUBJECT, data).then(() => heard(2), reject);
    });
  }
  await stream.stop();
  await listener.close();
  await conn.close();
  const [plain, fromStream, acknowledged] = times.map(median) as [number, number, number];
  return {
    'heard by a plain subscription': plain,
    'heard from the stream': fromStream,
    acknowledged,
  };
}

async function thread(): Promise<number> {
  const times: number[] = [];
  for (let sent = 0; sent < MESSAGES; sent++) {
    const bytes = new Uint8Array(BYTES);
    const startedMs = performance.now();
    await threads.run(bytes, { transferList: [bytes.buffer] });
    times.push((performance.now() - startedMs) * 1000);
  }
  return median(times);
}
