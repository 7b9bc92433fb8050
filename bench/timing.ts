import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startIssuer } from './lib/issuer.ts';
import {
  type Comparison,
  differencesOf,
  measure,
  TimedConnection,
  type TimedRequest,
  type Took,
  textOf,
} from './lib/pairs.ts';
import { keep } from './lib/results.ts';
import { isWorthKeeping, plan, withTargets } from './lib/setting.ts';
import { startOurs } from './lib/targets.ts';
import { declarationOf, fillLedger, idOf, KINDS_EACH, type KindName, OWN, writeProfiles } from './lib/timing-worlds.ts';

/**
 * Whether the time of an answer tells a trader what its outcome does not: pairs of requests whose answers are the same
 * but for the id, in turn on one keep-alive connection, beside pairs that are equal in everything.
 *
 *   npm run bench -- timing [--quick]
 */
const PLAN = plan({ rounds: 10_000, seconds: 0, warmUpSeconds: 0 });
const ROUNDS = PLAN.rounds === 1 ? 200 : PLAN.rounds;
const WARM_UP = ROUNDS / 10;

type Ask = (id: string) => TimedRequest;
const status: Ask = (id) => ({ method: 'GET', path: `/v1/declarations/${id}` });
const decision: Ask = (id) => ({ method: 'GET', path: `/v1/declarations/${id}/decision` });
const version: Ask = (id) => ({ method: 'GET', path: `/v1/declarations/${id}/decision?version=1` });
const submission: Ask = (id) => submit(id, 'CALM');
const line: Ask = (id) => {
  const body = `${JSON.stringify(declarationOf(id, 'CALM'))}\n`;
  return { method: 'POST', path: '/v1/declarations/batch', body, type: 'application/x-ndjson' };
};
const withdrawal: Ask = (id) => {
  return { method: 'POST', path: `/v1/declarations/${id}/withdrawal`, body: '{"reason":"sold elsewhere"}' };
};

function submit(id: string, mark: 'LOUD' | 'CALM'): TimedRequest {
  return { method: 'POST', path: '/v1/declarations', body: JSON.stringify(declarationOf(id, mark)) };
}

function kinds(what: string, ask: Ask, [one, equal, other]: readonly [string, string, string], code = 200): Comparison {
  const of = (kind: string) => (round: number) => ask(idOf(kind, round % KINDS_EACH));
  return { what, status: code, one: of(one), equal: of(equal), other: of(other) };
}

const RELEASED = ['green-1', 'green-2', 'blue--3'] as const satisfies KindName[];
const RELEASED_40 = ['green-1', 'green-2', 'blue-40'] as const satisfies KindName[];
const CHECKED = ['check-1', 'check-2', 'check40'] as const satisfies KindName[];
const ASIDE = ['check-1', 'check-2', 'aside-1'] as const satisfies KindName[];
/** Nobody has any of the first two. */
const ABSENT = ['never-1', 'never-2', 'other-1'] as const;

const READS: readonly Comparison[] = [
  kinds('status: green, blue with 3 reasons', status, RELEASED),
  kinds('status: green, blue with 40 reasons', status, RELEASED_40),
  kinds('status: 1 reason, 40 reasons', status, CHECKED),
  kinds('status: documents, set aside', status, ASIDE),
  kinds('status: nobody’s, another one’s', status, ABSENT, 404),
  kinds('decision: green, blue with 3 reasons', decision, RELEASED),
  kinds('decision: green, blue with 40 reasons', decision, RELEASED_40),
  kinds('decision: documents, set aside', decision, ASIDE),
  kinds('decision: nobody’s, another one’s', decision, ABSENT, 404),
  kinds('decision on a version: green, blue with 40 reasons', version, RELEASED_40),
  kinds('decision on a version: nobody’s, another one’s', version, ABSENT, 404),
];

const SUBMISSIONS: readonly Comparison[] = [
  {
    what: 'new declaration: no hit, 30 hits',
    status: 200,
    one: (round) => submit(idOf('fresh-1', round), 'CALM'),
    equal: (round) => submit(idOf('fresh-2', round), 'CALM'),
    other: (round) => submit(idOf('fresh-3', round), 'LOUD'),
  },
  kinds('declaration sent again: green, blue with 40 reasons', submission, RELEASED_40),
  kinds('declaration sent again: documents, set aside', submission, ASIDE),
  kinds('line of a batch sent again: green, blue with 40 reasons', line, RELEASED_40),
  kinds('withdrawal refused: green, blue with 40 reasons', withdrawal, RELEASED_40, 409),
  kinds('withdrawal: nobody’s, another one’s', withdrawal, ABSENT, 404),
];

const COMPARISONS = [...READS, ...SUBMISSIONS];

/** How many the trader is: each may ask 600 times a minute. */
const PEOPLE = 600;

async function withService(use: (url: string, tokens: readonly string[]) => Promise<void>): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'corridor-timing-'));
  const issuer = await startIssuer();
  try {
    writeProfiles(join(root, 'rules'));
    await fillLedger(join(root, 'seed'));
    const env = { CORRIDOR_OIDC_ISSUER: issuer.url, CORRIDOR_DEADLINE_MS: '4000' };
    const signed = Array.from({ length: PEOPLE }, (_, index) =>
      issuer.token({ sub: `trader-${index}`, roles: ['declarant', 'carrier'], party: OWN }),
    );
    const tokens = await Promise.all(signed);
    await withTargets([() => startOurs(root, 'timing', { env })], async ([target]) => use(target?.url ?? '', tokens));
  } finally {
    issuer.stop();
    await rm(root, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The ledger was filled before the service started: its read models follow. */
async function projected(url: string, tokens: readonly string[]): Promise<void> {
  const connection = new TimedConnection(url, tokens);
  const last = status(idOf('check40', KINDS_EACH - 1));
  for (let tries = 0; ; tries++) {
    const found = await connection.time(last, 200).catch((error: unknown) => error);
    if (typeof found === 'number') break;
    if (tries > 300) throw found;
    await delay(100);
  }
  connection.close();
}

await withService(async (url, tokens) => {
  await projected(url, tokens);
  const run = async (comparison: Comparison): Promise<Took> => {
    const connection = new TimedConnection(url, tokens);
    const took = await measure(connection, comparison, ROUNDS, WARM_UP);
    connection.close();
    return took;
  };
  // At once, each on a connection of its own: they are answered on a beat and would take hours one after the other.
  const all = await Promise.all(COMPARISONS.map(run));
  const found = COMPARISONS.map(({ what }, index) => differencesOf(what, all[index] ?? [[], [], []]));
  const figures = found.map(({ what, medianUs, equal, other, withinNoise }) => ({
    what,
    values: {
      'median, µs': Math.round(medianUs),
      'equal pairs differ by µs': textOf(equal),
      'these pairs': textOf(other),
      'within the noise': withinNoise ? 'yes' : 'no',
    },
  }));
  const method = `${ROUNDS} rounds of three requests on one keep-alive connection, in every order equally often: one, one that equals it, and one that differs in what the caller may not know; medians of the differences within a round with 95 % intervals (bootstrap); ${COMPARISONS.length} such connections at once`;
  const notMeasured = ['means and tails', 'connections of many traders at once', 'sums over more than these pairs'];
  keep({ name: 'timing', method, notMeasured, ratios: [], figures }, [], !isWorthKeeping());
  if (!found.every(({ withinNoise }) => withinNoise)) process.exitCode = 1;
});
