import fc from 'fast-check';
import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CATEGORIES } from '../../src/core/facts.ts';
import type { DeclarationInput } from '../../src/core/normalise.ts';
import { declaration, declarationInput } from '../helpers/declaration.ts';
import { findingOf } from './findings.ts';
import { type Finding, recordOf } from './record.ts';
import { World } from './world.ts';

/**
 * Two worlds get the same requests of the same traders and decide each declaration to the same outcome, for reasons of
 * their own. No answer of one may differ from the other's in a byte.
 */
const PAIRS = 10_000;
/** Fewer than batches may be open. */
const PAIRS_AT_ONCE = 50;
const PARTIES_AT_ONCE = 500;
const NOW = Date.parse('2026-03-02T08:15:00Z');
/** How often all that a curious trader might try is asked as well. */
const EXTRAS = 20;
/** When the current minute of requests ends, and what time it is. */
const IGNORED = ['date', 'ratelimit-reset'];

/** Of each version, what the one world found and what the other. */
type Pair = readonly (readonly [Finding | null, Finding | null])[];

const version = fc
  .constantFrom('released', 'documents', 'inspection')
  .chain((outcome) => fc.tuple(findingOf(outcome), findingOf(outcome)));
const versions: fc.Arbitrary<Pair> = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(version) },
  { weight: 1, arbitrary: fc.tuple(version, version) },
);
const pairs: fc.Arbitrary<Pair[]> = fc.array(versions, {
  minLength: PAIRS_AT_ONCE,
  maxLength: PAIRS_AT_ONCE,
  size: 'max',
});

/** By `id/version`: what the world of this index finds. */
const found = new Map<string, Pair[number]>();
let worlds: [World, World];

beforeAll(async () => {
  const open = (index: 0 | 1) =>
    World.open(({ submitter, id, version }) => {
      const finding = found.get(`${id}/${version}`)?.[index] ?? null;
      if (finding === null) return { outcome: 'quarantined', record: Buffer.from('it ended every worker') };
      return { outcome: 'decided', record: recordOf(submitter, declaration(input(id, version)), finding) };
    }, NOW);
  worlds = [await open(0), await open(1)];
});
afterAll(async () => {
  for (const world of worlds) await world.close();
});

function input(id: string, version: number): DeclarationInput {
  const transit = {
    mrn: `26KZ${id.replace(/\D/g, '')}`,
    officeOfDeparture: '50430',
    officeOfDestination: '55302',
    timeLimit: '2026-03-05T12:00:00Z',
    documentType: 'T1',
  };
  // Goods of one trader's many withdrawals would all be looked through.
  const parties = [{ role: 'principal' as const, id, country: 'KZ' }];
  return declarationInput({ id, version, regime: 'transit', procedure: '80', transit, parties });
}

/** One trader for each pair, who has all that it is about. */
const bearer = (party: string) => ({ authorization: `Bearer ${party}` });

/** Every route, in an order that a trader might take; with `extras` also what a curious one might try. */
function* requestsOn(id: string, pair: Pair, extras: boolean): Generator<InjectOptions> {
  const versions = pair.length;
  const of = `/v1/declarations/${id}`;
  const mrn = `/v1/transit/${input(id, 1).transit?.mrn}/risk`;
  for (let version = 1; version <= versions; version++) yield post('/v1/declarations', input(id, version));
  const line = `${JSON.stringify(input(`${id}-batch`, 1))}\n`;
  yield post('/v1/declarations/batch', line, { 'content-type': 'application/x-ndjson' });
  yield get(of);
  yield get(`${of}/decision`);
  yield get(`${of}/decision?version=1`);
  yield get(mrn);
  if (extras) yield* curious(id, versions, mrn);
  yield post(`${of}/withdrawal`, { reason: 'sold' });
  if (!extras) return;
  yield get(of);
  yield get(`${of}/decision`);
  yield get(mrn);
  yield post(`${of}/withdrawal`, { reason: 'sold again' });
  yield post('/v1/declarations', input(id, versions + 2));
}

function* curious(id: string, versions: number, mrn: string): Generator<InjectOptions> {
  const of = `/v1/declarations/${id}`;
  yield post('/v1/declarations', input(id, versions));
  yield post('/v1/declarations', { ...input(id, versions), procedure: '81' });
  yield post('/v1/declarations', input(id, versions + 2));
  yield post('/v1/declarations', { ...input(id, versions), items: [] });
  yield { ...get(of), method: 'HEAD' };
  yield get(`${of}/decision`, { accept: 'application/msgpack' });
  for (const version of [0, versions, versions + 1]) yield get(`${of}/decision?version=${version}`);
  for (const url of ['/v1/me', `/v1/parties/${id}`, '/metrics']) yield get(url);
  yield get(`${of}?submitter=somebody-else`, { 'corridor-submitter': 'somebody-else' });
  for (const url of [of, `${of}/decision`, mrn]) yield get(url, bearer(`${id}-other`));
  yield post(`${of}/withdrawal`, { reason: 'sold' }, bearer(`${id}-other`));
  yield post(`${of}/withdrawal`, { reason: '' });
}

function post(url: string, payload: object | string, headers: object = {}): InjectOptions {
  return { method: 'POST', url, payload, headers: { 'content-type': 'application/json', ...headers } };
}

function get(url: string, headers: object = {}): InjectOptions {
  return { method: 'GET', url, headers: { ...headers } };
}

async function answer({ server }: World, request: InjectOptions, id: string): Promise<string> {
  const { statusCode, headers, rawPayload } = await server.inject({
    ...request,
    headers: { ...bearer(id), ...request.headers, 'x-request-id': id },
  });
  const shown = Object.entries(headers).filter(([name]) => !IGNORED.includes(name));
  return JSON.stringify([statusCode, shown, rawPayload.toString('latin1')]);
}

let next = 0;

const statuses = new Map<string, number>();

async function compare(pair: Pair): Promise<void> {
  const id = `D${next++}`;
  for (const [index, version] of pair.entries()) found.set(`${id}/${index + 1}`, version);
  for (const part of pair.slice(0, 1)) found.set(`${id}-batch/1`, part);
  for (const request of requestsOn(id, pair, next % EXTRAS === 0)) {
    const [one, other] = await Promise.all([answer(worlds[0], request, id), answer(worlds[1], request, id)]);
    const what = `${request.method} ${String(request.url).replace(id, 'ID')} ${one.slice(1, 4)}`;
    statuses.set(what, (statuses.get(what) ?? 0) + 1);
    if (one !== other) expect({ what, answer: other }).toEqual({ what, answer: one });
  }
  for (const key of found.keys()) if (key.startsWith(`${id}/`) || key.startsWith(`${id}-`)) found.delete(key);
}

it(`no answer to a trader differs over ${PAIRS} pairs of decisions with the same outcome`, async () => {
  const property = fc.asyncProperty(pairs, async (some) => void (await Promise.all(some.map(compare))));
  const { errorInstance, seed } = await fc.check(property, { numRuns: PAIRS / PAIRS_AT_ONCE, endOnFailure: true });
  // The first answer that differs says more than the pairs around it.
  if (errorInstance !== null) throw new Error(`with seed ${seed}`, { cause: errorInstance });
  expect(next).toBe(PAIRS);
  // Every kind of answer was among them.
  const codes = new Set([...statuses.keys()].map((what) => what.slice(-3)));
  expect([...codes].sort().join(' ')).toBe('200 400 403 404 409 422');
}, 600_000);

/** Parties of which customs thinks otherwise in the other world, but for the two indicators that are public. */
async function compareParty(number: number): Promise<void> {
  const id = `P${number}`;
  const guilty = number % 2;
  for (const [index, world] of worlds.entries()) {
    const category = CATEGORIES[(number + index) % CATEGORIES.length] ?? 'low';
    const known = { role: 'importer', id, category, authorisedOperator: index === 1 } as const;
    world.knows({ ...known, openViolations: guilty * (index + 1), arrearsTiyn: guilty * (index * 1000 + 1) });
  }
  const others = `/v1/parties/P${number + 1}/indicators`;
  for (const url of ['/v1/me', `/v1/parties/${id}/indicators`, others]) {
    const [one, other] = await Promise.all([answer(worlds[0], get(url), id), answer(worlds[1], get(url), id)]);
    if (one !== other) expect({ url, answer: other }).toEqual({ url, answer: one });
    expect(one.slice(1, 4)).toBe(url === others ? '404' : '200');
  }
}

it(`nor over ${PAIRS} parties with the same public indicators`, async () => {
  for (let first = 0; first < PAIRS; first += PARTIES_AT_ONCE) {
    await Promise.all(Array.from({ length: PARTIES_AT_ONCE }, (_, index) => compareParty(first + index)));
  }
}, 600_000);
