import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { devUser } from '../src/access/dev-users.ts';
import { signerOf } from '../src/cli/credentials.ts';
import type { Headers } from './lib/orders.ts';
import { median } from './lib/stats.ts';
import { runningOn, seed, startEngine, startOurs } from './lib/targets.ts';
import { history } from './lib/traffic.ts';

/**
 * How long a change of a list takes to decide everywhere: a row comes into a list of the policy of 110 profiles while
 * three processes decide a steady stream of declarations. From the request to its answer, and to the last decision of any
 * process under the version of before.
 *
 *   npm run bench -- lists [--changes 10] [--rate 200]
 */
const { values } = parseArgs({
  options: { changes: { type: 'string', default: '10' }, rate: { type: 'string', default: '200' } },
});
const [CHANGES, RATE] = [Number(values.changes), Number(values.rate)];
const NAME = 'lists';
/** A process keeps threads ready for the next version from ten seconds after it has begun. */
const WARM_UP_MS = 20_000;

interface Decided {
  readonly at: number;
  readonly version: string;
}

/** Declarations in steady steps, each sent by itself; every answer is remembered. */
function steady(url: string, headers: Headers, decided: Decided[]): () => Promise<{ readonly other: number }> {
  const inputs = history();
  const waiting = new Set<Promise<void>>();
  let [sent, other] = [0, 0];
  const timer = setInterval(() => {
    const input = { ...inputs[sent % inputs.length], id: `LIST-${++sent}` };
    const one = fetch(`${url}/v1/declarations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(input),
    })
      .then(async (answer) => {
        const { policyVersion, decidedAt } = (await answer.json()) as { policyVersion?: string; decidedAt?: string };
        if (policyVersion === undefined || decidedAt === undefined) other++;
        else decided.push({ at: Date.parse(decidedAt), version: policyVersion });
      })
      .catch(() => void other++)
      .finally(() => waiting.delete(one));
    waiting.add(one);
  }, 1000 / RATE);
  return async () => {
    clearInterval(timer);
    await Promise.all(waiting);
    return { other };
  };
}

interface Change {
  readonly version: string;
  readonly begun: number;
  /** To the answer. */
  readonly ms: number;
}

async function addRow(url: string, headers: Headers, n: number): Promise<Change> {
  const begun = Date.now();
  const answer = await fetch(`${url}/v1/lists/words_cars/rows`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ rows: [{ words: `benchmark car ${n}` }], reason: 'measured' }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.status} ${text}`);
  return { ...(JSON.parse(text) as { version: string }), begun, ms: Date.now() - begun };
}

async function measure(root: string): Promise<void> {
  const target = await startOurs(root, NAME);
  const ends = [await startEngine(root, 'engine-2', NAME), await startEngine(root, 'engine-3', NAME)];
  try {
    const data = join(root, NAME);
    const signer = await signerOf(data, await runningOn(data));
    const expert = { authorization: `Bearer ${await signer?.sign(devUser('expert'), 3_600_000)}` };
    const decided: Decided[] = [];
    const stop = steady(target.url, target.headers, decided);
    await delay(WARM_UP_MS);
    const changes: Change[] = [];
    for (let n = 0; n < CHANGES; n++) {
      changes.push(await addRow(target.url, expert, n));
      await delay(2000);
    }
    const { other } = await stop();
    const inForce = changes.map(({ begun, version }, n) => {
      const later = new Set(changes.slice(n).map((change) => change.version));
      const old = decided.filter(({ at, version: by }) => at >= begun && !later.has(by)).map(({ at }) => at - begun);
      if (!decided.some((one) => one.version === version)) throw new Error(`nothing was decided under ${version}`);
      return Math.max(0, ...old);
    });
    const line = (what: string, ms: readonly number[]) =>
      `${what}: median ${median(ms).toFixed(0)} ms, worst ${Math.max(...ms).toFixed(0)} ms\n`;
    process.stdout.write(`each: ${changes.map(({ ms }) => ms).join(' ')} ms\n`);
    process.stdout.write(`${CHANGES} rows, ${decided.length} declarations decided by three processes, ${other} not\n`);
    process.stdout.write(
      line(
        'answered after',
        changes.map(({ ms }) => ms),
      ),
    );
    process.stdout.write(line('last decision under the list of before', inForce));
  } finally {
    for (const end of ends) await end();
    await target.stop();
  }
}

const root = await mkdtemp(join(tmpdir(), 'corridor-bench-'));
try {
  await seed(root);
  await measure(root);
} finally {
  await rm(root, { recursive: true, force: true, maxRetries: 3 });
}
