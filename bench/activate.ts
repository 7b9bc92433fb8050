import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { decide } from '../src/core/decide.ts';
import type { Policy } from '../src/core/policy.ts';
import { DECISION_DEADLINE_MS } from '../src/limits.ts';
import { Leases } from '../src/policies/leases.ts';
import { Versions } from '../src/policies/versions.ts';
import { bundleVersion, type PolicyBundle, readBundle } from '../src/profiles/bundle.ts';
import { buildPolicy } from '../src/profiles/policy.ts';
import { connectStream, type StreamConnection } from '../src/stream/connection.ts';
import { tail } from '../src/stream/tail.ts';
import { type DecisionEntry, open } from '../src/wire/envelope.ts';
import { decisionOf, declarationOf, encodeRecord, factsOf, openRecord } from '../src/wire/record.ts';
import { ndjsonLines } from './lib/requests.ts';
import { keep } from './lib/results.ts';
import { writeRules } from './lib/service-rules.ts';
import { median } from './lib/stats.ts';
import { runningOn, startEngine, startOurs, type Target } from './lib/targets.ts';

/**
 * How long a published version takes to reach three engines under load, and what becomes of the declarations meanwhile:
 * each must be decided once, within the deadline, by the version that its record names. Fails where one is not.
 *
 *   npm run bench -- activate [--quick] [--rate 100]
 */
const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, rate: { type: 'string', default: '100' } },
});
/** The first is a whole service, the others decide only. */
const ENGINES = 3;
const SERVICE = 'service';
const ROUNDS = values.quick ? 4 : 15;
const PER_SECOND = Number(values.rate);
const BETWEEN_MS = 2000;
/** Until code is compiled, and every engine has its second set of threads. */
const WARM_UP_MS = 15_000;
const REACHES_WITHIN_MS = 2000;

interface Answer {
  readonly sentAt: number;
  readonly tookMs: number;
  readonly status: number;
}

/** Declarations at a fixed rate, until it is stopped. */
class Load {
  readonly answers = new Map<string, Answer>();
  /** Statuses and bodies of what is neither a decision nor the promise of one. */
  readonly refusals = new Set<string>();
  readonly #agent = new Agent({ keepAlive: true });
  readonly #bodies = ndjsonLines('A');
  readonly #target: Target;
  readonly #begun = performance.now();
  readonly #timer: NodeJS.Timeout;
  #sent = 0;

  constructor(target: Target) {
    this.#target = target;
    this.#timer = setInterval(() => {
      const due = ((performance.now() - this.#begun) / 1000) * PER_SECOND;
      while (this.#sent < due) this.#send(this.#begun + (this.#sent++ * 1000) / PER_SECOND);
    }, 1);
  }

  #send(sentAt: number): void {
    const body = this.#bodies.next();
    const { id } = JSON.parse(body.toString()) as { id: string };
    const headers = { 'content-type': 'application/json', 'content-length': body.length, ...this.#target.headers };
    const settle = (status: number, text: string): void => {
      if (status !== 200 && status !== 202) this.refusals.add(`${status} ${text.slice(0, 200)}`);
      this.answers.set(id, { sentAt, tookMs: performance.now() - sentAt, status });
    };
    const sending = request(`${this.#target.url}/v1/declarations`, { method: 'POST', agent: this.#agent, headers });
    sending.once('response', (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      answer.once('end', () => settle(answer.statusCode ?? 0, text));
    });
    sending.once('error', (error) => settle(0, String(error)));
    sending.end(body);
  }

  /** Resolves when everything that was sent is answered. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    for (const until = Date.now() + 10_000; this.answers.size < this.#sent && Date.now() < until; ) await delay(20);
    this.#agent.destroy();
  }

  get sent(): number {
    return this.#sent;
  }
}

/** The same profiles with another weight of one of them, and another label: other scores, other versions. */
function variant(bundle: PolicyBundle, round: number): PolicyBundle {
  const [name = ''] = Object.keys(bundle.files).filter((file) => file.startsWith('profiles/'));
  const weight = (0.1 + (round % 80) / 100).toFixed(2);
  return {
    files: {
      ...bundle.files,
      [name]: (bundle.files[name] ?? '').replace(/^weight:.*$/m, `weight: ${weight}`),
      'policy.yaml': (bundle.files['policy.yaml'] ?? '').replace(/^label:.*$/m, `label: round-${round}`),
    },
  };
}

interface Reached {
  /** From the call until every engine has prepared it and it is active by right. */
  readonly activatedMs: number;
  /** From the call until the last engine has said that it decides by it. */
  readonly everywhereMs: number;
  readonly from: number;
  readonly until: number;
}

async function publishOne(versions: Versions, leases: Leases, bundle: PolicyBundle): Promise<Reached> {
  const from = performance.now();
  const origin = {
    source: 'draft',
    parent: null,
    authors: ['a'],
    approver: 'b',
    reason: 'bench',
    draft: null,
  } as const;
  const { version } = await versions.save(bundle, origin);
  const result = await versions.activate(version, 'bench', 'bench');
  if (!result.activated) throw new Error(JSON.stringify(result.refusals));
  const activatedMs = performance.now() - from;
  const reached = await leases.watch(30_000, (live) =>
    live.length === ENGINES && live.every(({ active }) => active === version) ? true : null,
  );
  if (reached === null) throw new Error('it did not reach every engine');
  const until = performance.now();
  return { activatedMs, everywhereMs: until - from, from, until };
}

/** Everything on DECISIONS, when these are among it; what is promised may come a while later. */
async function decisionsOf(conn: StreamConnection, wanted: Set<string>): Promise<DecisionEntry[]> {
  const all: DecisionEntry[] = [];
  const missing = new Set(wanted);
  const following = tail(conn, 'DECISIONS', 'decisions.>', null, (messages) => {
    for (const { data } of messages) {
      for (const entry of open('decisions.made', data).body) {
        all.push(entry);
        missing.delete(entry.id);
      }
    }
  });
  await following.caughtUp();
  for (const until = Date.now() + 20_000; missing.size > 0 && Date.now() < until; ) await delay(100);
  await following.stop();
  return all;
}

/** How many records are not, byte for byte, what their version makes of their declaration and facts. */
function countMixed(entries: readonly DecisionEntry[], bundles: readonly PolicyBundle[]): number {
  const policies = new Map<string, Policy>();
  const sources = new Map(bundles.map((bundle) => [bundleVersion(bundle), bundle]));
  let mixed = 0;
  for (const { record } of entries) {
    const parts = openRecord(record);
    const { policyVersion } = decisionOf(parts);
    const source = sources.get(policyVersion);
    if (source === undefined) throw new Error(`${policyVersion} was never published`);
    const policy = policies.get(policyVersion) ?? buildPolicy(source);
    policies.set(policyVersion, policy);
    const facts = factsOf(parts);
    const again = encodeRecord(parts.submitter, parts.declaration, facts, decide(declarationOf(parts), facts, policy));
    if (Buffer.compare(again, record) !== 0) mixed++;
  }
  return mixed;
}

const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

function percentiles(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b);
  return [0.5, 0.99, 1].map((share) => at(sorted, share).toFixed(0)).join(' / ');
}

const root = await mkdtemp(join(tmpdir(), 'corridor-activate-'));
try {
  await writeRules(join(root, 'rules'));
  // Nothing has to be known of anybody.
  await mkdir(join(root, 'seed'));
  const target = await startOurs(root, SERVICE);
  const ends: (() => Promise<void>)[] = [];
  try {
    for (let n = 2; n <= ENGINES; n++) ends.push(await startEngine(root, `engine-${n}`, SERVICE));
    const { nats, natsKeys } = await runningOn(join(root, SERVICE));
    const login = natsKeys === null ? {} : { keysDir: natsKeys };
    const conn = await connectStream({ url: nats, login, name: 'bench', role: 'ingress' });
    const onError = (error: unknown) => void process.stderr.write(`${String(error)}\n`);
    const leases = await Leases.start({ conn, onError });
    const versions = await Versions.start({ conn, dataDir: join(root, 'desk'), leases, onError });
    const shipped = await readBundle(join(root, 'rules'));
    const load = new Load(target);
    await delay(WARM_UP_MS);
    const measuredFrom = performance.now();
    const bundles = Array.from({ length: ROUNDS }, (_, round) => variant(shipped, round));
    const rounds: Reached[] = [];
    for (const bundle of bundles) {
      rounds.push(await publishOne(versions, leases, bundle));
      process.stderr.write(`everywhere after ${rounds.at(-1)?.everywhereMs.toFixed(0)} ms\n`);
      await delay(BETWEEN_MS);
    }
    await load.stop();
    const accepted = [...load.answers].flatMap(([id, { status }]) => (status === 200 || status === 202 ? [id] : []));
    const decided = await decisionsOf(conn, new Set(accepted));
    const ids = new Set(decided.map(({ id }) => id));
    const lost = accepted.filter((id) => !ids.has(id)).length;
    const setAside = decided.filter(({ outcome }) => outcome !== 'decided').length;
    const mixed = countMixed(
      decided.filter(({ outcome }) => outcome === 'decided'),
      [shipped, ...bundles],
    );
    const answers = [...load.answers.values()].filter(({ sentAt }) => sentAt >= measuredFrom);
    const during = answers.filter(({ sentAt }) =>
      rounds.some(({ from, until }) => sentAt >= from - DECISION_DEADLINE_MS && sentAt <= until),
    );
    const late = during.filter(({ status }) => status === 202).length;
    const lateElse = answers.filter(({ status }) => status === 202).length - late;
    const failed = answers.filter(({ status }) => status !== 200 && status !== 202);
    const everywhere = rounds.map(({ everywhereMs }) => everywhereMs);
    const failures = [
      setAside > 0 ? `${setAside} declarations were set aside` : null,
      lost > 0 ? `${lost} declarations have no decision` : null,
      decided.length > ids.size ? `${decided.length - ids.size} were decided twice` : null,
      mixed > 0 ? `${mixed} records do not fit their version` : null,
      late > 0
        ? `${late} were decided after the deadline of ${DECISION_DEADLINE_MS} ms while a version was published`
        : null,
      failed.length > 0 ? `${failed.length} were refused: ${[...load.refusals].slice(0, 5).join('\n')}` : null,
      Math.max(...everywhere) > REACHES_WITHIN_MS ? 'a version took longer than 2 s' : null,
    ].filter((failure) => failure !== null);
    keep(
      {
        name: 'activate',
        method: `${ROUNDS} versions of 110 profiles published one after another to ${ENGINES} processes that decide (one whole service, two engines), under ${PER_SECOND} declarations a second over HTTP; broker and generator share the machine`,
        notMeasured: ['a network between the processes'],
        ratios: [],
        figures: [
          {
            what: 'a version, from the call until …',
            values: {
              'all are ready, median / max ms': `${median(rounds.map(({ activatedMs }) => activatedMs)).toFixed(0)} / ${Math.max(...rounds.map(({ activatedMs }) => activatedMs)).toFixed(0)}`,
              'all decide by it, median / max ms': `${median(everywhere).toFixed(0)} / ${Math.max(...everywhere).toFixed(0)}`,
            },
          },
          {
            what: 'declarations',
            values: {
              ...{ sent: load.sent, decided: decided.length, lost, mixed, refused: failed.length },
              ...{ 'late meanwhile': late, 'late otherwise': lateElse },
            },
          },
          {
            what: 'their answers, p50 / p99 / max ms',
            values: {
              'while a version is published': percentiles(during.map(({ tookMs }) => tookMs)),
              otherwise: percentiles(answers.filter((each) => !during.includes(each)).map(({ tookMs }) => tookMs)),
            },
          },
        ],
      },
      [],
      values.quick,
    );
    for (const failure of failures) process.stderr.write(`${failure}\n`);
    if (failures.length > 0) process.exitCode = 1;
    await versions.stop();
    await leases.stop();
    await conn.close();
  } finally {
    for (const end of ends) await end();
    await target.stop();
  }
} finally {
  await rm(root, { recursive: true, force: true, maxRetries: 3 });
}
