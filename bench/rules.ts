import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { packageRoot } from '../src/config.ts';
import type { ProfileSet } from '../src/core/profile.ts';
import { REASON_ITEMS_MAX } from '../src/limits.ts';
import { type PolicyBundle, readBundle } from '../src/profiles/bundle.ts';
import { loadPolicy } from '../src/profiles/load.ts';
import { CompiledProfileSet } from '../src/profiles/profile-set.ts';
import { type Case, casesOf, figuresOf, itemsOf } from './lib/cases.ts';
import { cel } from './lib/peers/cel.ts';
import { peerPolicy } from './lib/peers/conditions.ts';
import { jsonRules } from './lib/peers/json-rules.ts';
import type { Hits, Peer } from './lib/peers/peer.ts';
import { zen, zenPlain } from './lib/peers/zen.ts';
import { type Figure, keep, type Ratio, ratioOf } from './lib/results.ts';
import { selectiveBundle } from './lib/selective.ts';
import { median } from './lib/stats.ts';

/**
 * What matching costs per item beside other rule engines, which decide the same declarations by the same profiles and
 * must find the same hits; and how it grows with the number of profiles. bench/README.md says what the mix is.
 *
 *   npm run bench -- rules [--quick]
 */
const { quick } = parseArgs({ options: { quick: { type: 'boolean', default: false } } }).values;

const ROUNDS = quick ? 3 : 9;
const CASES = 500;
/** Declarations that follow one another so often, as warm in the processor's caches as one that was just decoded. */
const BATCH = 16;
const REPEATED = 4;
const ORDER = Array.from({ length: Math.ceil(CASES / BATCH) }, (_, batch) => batch * BATCH).flatMap((from) =>
  Array.from({ length: REPEATED }, () =>
    Array.from({ length: Math.min(BATCH, CASES - from) }, (_, i) => from + i),
  ).flat(),
);
/** Both are short enough to leave some air to whatever else the machine does. */
const OURS_MS = quick ? 50 : 300;
const PEER_MS = quick ? 100 : 600;
const SIZES = [110, 1000, 10_000, 100_000];
const PEERS: readonly Peer[] = [cel, zen, zenPlain, jsonRules];
/** How many times as fast as a peer. */
const WANTED: ReadonlyMap<Peer, number> = new Map([
  [cel, 25],
  [zen, 100],
  [jsonRules, 400],
]);
const MICROSECONDS_WANTED = 1.5;
const NONE: ReadonlySet<string> = new Set();

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

interface Loaded {
  readonly set: ProfileSet;
  readonly seconds: number;
  readonly megabytes: number;
}

/** From source text to a set that can match. */
function load(bundle: PolicyBundle): Loaded {
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  const started = process.cpuUsage();
  const { profiles, context } = loadPolicy(bundle);
  const set = new CompiledProfileSet(profiles, context);
  const seconds = microseconds(started) / 1e6;
  collectGarbage();
  return { set, seconds, megabytes: (process.memoryUsage().heapUsed - before) / 2 ** 20 };
}

/** CPU time of the whole process: what a peer does in threads of its own counts. */
function microseconds(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return user + system;
}

function ours(set: ProfileSet, { declaration, facts }: Case): Hits {
  const { hits, faults } = set.match(declaration, facts, NONE);
  if (faults.length > 0) throw new Error(`${faults[0]?.profile.id} fails: ${faults[0]?.message}`);
  const places = new Map(declaration.items.map(({ no }, index) => [no, index]));
  return hits.flatMap(({ profile, items }) =>
    items.length === 0 ? [`${profile.id}:`] : items.map((no) => `${profile.id}:${places.get(no)}`),
  );
}

/** In one order; of a profile's items only as many as a reason holds. */
function comparable(hits: Hits): string {
  const counts = new Map<string, number>();
  const kept = hits.filter((hit) => {
    const [id = ''] = hit.split(':');
    const count = (counts.get(id) ?? 0) + 1;
    counts.set(id, count);
    return count <= REASON_ITEMS_MAX;
  });
  return kept.sort().join(' ');
}

/** Microseconds of CPU per item, of so many passes over the cases as take this long. */
function timeOurs(set: ProfileSet, ms: number): number {
  const started = process.cpuUsage();
  let passes = 0;
  do {
    for (const index of ORDER) {
      const { declaration, facts } = cases[index] as Case;
      set.match(declaration, facts, NONE);
    }
    passes++;
  } while (microseconds(started) < ms * 1000);
  return microseconds(started) / passes / REPEATED / itemsOf(cases);
}

/** Goes on in a cycle where the last round ended. */
class TimedPeer {
  private readonly peer: Peer;
  private readonly cases: readonly Case[];
  private readonly prepared: readonly unknown[];
  private readonly evaluate: (prepared: unknown) => Hits | Promise<Hits>;
  private next = 0;

  constructor(peer: Peer, bundle: PolicyBundle, cases: readonly Case[]) {
    const policy = peerPolicy(bundle);
    const loaded = peer.load(policy);
    this.peer = peer;
    this.cases = cases;
    this.prepared = cases.map((each) => loaded.prepare(each, policy.facts(each)));
    this.evaluate = (prepared) => loaded.evaluate(prepared);
  }

  /** @throws where it finds other hits than ours, on as many cases as there is time for. */
  async compare(set: ProfileSet): Promise<number> {
    const until = performance.now() + PEER_MS * 10;
    let compared = 0;
    for (const [index, each] of this.cases.entries()) {
      if (performance.now() > until) break;
      const theirs = comparable(await this.evaluate(this.prepared[index]));
      const expected = comparable(ours(set, each));
      if (theirs !== expected) {
        throw new Error(`${this.peer.name} on ${each.declaration.id}:\n  ${theirs}\nand not\n  ${expected}`);
      }
      compared++;
    }
    return compared;
  }

  /** Microseconds of CPU per item. */
  async time(ms: number): Promise<number> {
    const started = process.cpuUsage();
    let items = 0;
    do {
      const index = ORDER[this.next] as number;
      await this.evaluate(this.prepared[index]);
      items += this.cases[index]?.declaration.items.length ?? 0;
      this.next = (this.next + 1) % ORDER.length;
    } while (microseconds(started) < ms * 1000);
    return microseconds(started) / items;
  }
}

const cases = casesOf(CASES);
const shipped = await readBundle(join(packageRoot(), 'rules'));
const ratios: Ratio[] = [];
const figures: Figure[] = [];

async function beside(size: number): Promise<void> {
  const bundle = selectiveBundle(size, shipped, cases);
  const { set, seconds, megabytes } = load(bundle);
  const hits = cases.reduce((sum, each) => sum + ours(set, each).length, 0) / cases.length;
  const peers = PEERS.filter(({ profilesMax }) => size <= profilesMax);
  const timed = new Map(peers.map((peer) => [peer, new TimedPeer(peer, bundle, cases)]));
  const compared = new Map<Peer, number>();
  for (const [peer, each] of timed) compared.set(peer, await each.compare(set));
  const times = new Map<Peer | null, number[]>([null, ...peers].map((key) => [key, []]));
  for (let round = -1; round < ROUNDS; round++) {
    const our = timeOurs(set, OURS_MS);
    if (round >= 0) times.get(null)?.push(our);
    for (const [peer, each] of timed) {
      const their = await each.time(PEER_MS);
      if (round >= 0) times.get(peer)?.push(their);
    }
  }
  const own = times.get(null) ?? [];
  figures.push({
    what: `Corridor, ${size} profiles`,
    values: {
      'µs per item': median(own),
      'hits per declaration': hits,
      's to compile': seconds,
      'MB of memory': megabytes,
    },
  });
  if (size === 110) {
    const what = `µs per item, ${size} profiles`;
    ratios.push(ratioOf({ id: `rules.us-per-item.${size}`, what, better: 'lower', wanted: MICROSECONDS_WANTED }, own));
  }
  for (const peer of peers) {
    const their = times.get(peer) ?? [];
    figures.push({
      what: `${peer.name}, ${size} profiles`,
      values: { 'µs per item': median(their), 'declarations compared': compared.get(peer) ?? 0 },
    });
    const wanted = WANTED.get(peer) ?? null;
    const id = `rules.${peer.name.replace(/\W+/g, '-')}.${size}`;
    const what = `as fast as ${peer.name}, ${size} profiles`;
    ratios.push(
      ratioOf(
        { id, what, better: 'higher', wanted },
        their.map((time, round) => time / (own[round] ?? Number.NaN)),
      ),
    );
  }
}

/** Selective profiles alone, nothing shipped among them. */
function growth(): void {
  const sets = [1000, 10_000, 100_000].map((size) => ({ size, ...load(selectiveBundle(size, null, cases)) }));
  const times = sets.map((): number[] => []);
  for (let round = -1; round < ROUNDS; round++) {
    for (const [index, { set }] of sets.entries()) {
      const time = timeOurs(set, OURS_MS);
      if (round >= 0) times[index]?.push(time);
    }
  }
  for (const [index, { size, seconds, megabytes }] of sets.entries()) {
    const own = times[index] ?? [];
    figures.push({
      what: `Corridor, ${size} selective profiles alone`,
      values: { 'µs per item': median(own), 's to compile': seconds, 'MB of memory': megabytes },
    });
    if (index === 0) continue;
    const wanted = index === 1 ? 1.5 : 3;
    const what = `time of ${size} selective profiles by that of 1,000`;
    const by = own.map((time, round) => time / (times[0]?.[round] ?? Number.NaN));
    ratios.push(ratioOf({ id: `rules.growth.${size}`, what, better: 'lower', wanted }, by));
  }
}

for (const size of quick ? SIZES.slice(0, 2) : SIZES) await beside(size);
growth();
const { items, bytesPerDeclaration } = figuresOf(cases);
const mix = `${CASES} declarations of ${items.mean.toFixed(2)} items on average (p50 ${items.p50}, p95 ${items.p95}, most ${items.max}) and ${bytesPerDeclaration} bytes`;
keep(
  {
    name: 'rules',
    method: `one thread, facts at hand, CPU time of the process, medians of ${ROUNDS} interleaved rounds; ${mix}`,
    notMeasured: [
      'reading, looking up facts, scoring and writing',
      'the first calls, before the engine has compiled the functions',
      `peers beyond the sizes named: a round of them takes minutes`,
      'what peers cannot say (lists, words, comprehensions, ratios) is a fact given to zen-engine and json-rules-engine',
    ],
    ratios,
    figures,
  },
  ['@bufbuild/cel', '@gorules/zen-engine', 'json-rules-engine'],
  quick,
);
