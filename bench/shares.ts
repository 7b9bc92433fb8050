import { createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CORRIDORS, type Corridor, isReleased } from '../src/core/corridor.ts';
import { type Decision, decide } from '../src/core/decide.ts';
import { traderIndex } from '../src/core/declaration.ts';
import { CATEGORIES, type Category } from '../src/core/facts.ts';
import { normalise } from '../src/core/normalise.ts';
import type { Policy } from '../src/core/policy.ts';
import { generate, type Truth } from '../src/generate/generate.ts';
import { partiesOf } from '../src/generate/parties.ts';
import { readBundle } from '../src/profiles/bundle.ts';
import { buildPolicy } from '../src/profiles/policy.ts';
import { History } from './lib/history.ts';

/**
 * What the policy of `rules/` does to generated declarations, whose truth is known: corridors, hits, hit rate of each
 * profile. In one process, in the order of the stream; statistics and histories start empty and fill as in the service.
 *
 *   npm run bench -- shares [--declarations 100000] [--seeds 1,2,3] [--profiles] [--schemes] [--at-once] [--write FILE]
 */
/** Seen from dist/bench. */
const RULES = join(import.meta.dirname, '..', '..', 'rules');

const { values } = parseArgs({
  options: {
    declarations: { type: 'string', default: '100000' },
    seeds: { type: 'string', default: '1,2,3' },
    rules: { type: 'string', default: RULES },
    profiles: { type: 'boolean', default: false },
    schemes: { type: 'boolean', default: false },
    /** File for a page of what came out, over all seeds. */
    write: { type: 'string' },
    /** As if all were received within one day, whatever day they are lodged on. */
    'at-once': { type: 'boolean', default: false },
  },
});

interface Tally {
  hits: number;
  found: number;
}

class Count {
  readonly corridors: Record<Corridor, number> = { green: 0, blue: 0, yellow: 0, red: 0 };
  readonly found: Record<Corridor, number> = { green: 0, blue: 0, yellow: 0, red: 0 };
  readonly targets = new Map<string, Tally>();
  /** Of declarations that the profile hit; and of those under control for its sake alone. */
  readonly profiles = new Map<string, Tally>();
  readonly alone = new Map<string, Tally>();
  readonly schemes = new Map<string, { planted: number; controlled: number; red: number }>();
  readonly categories: Record<Category, { all: number; controlled: number }> = {
    low: { all: 0, controlled: 0 },
    medium: { all: 0, controlled: 0 },
    high: { all: 0, controlled: 0 },
  };
  all = 0;
  drawn = 0;
  faults = 0;

  add(decision: Decision, truth: Truth | null, category: Category): void {
    const wrong = truth !== null;
    this.all++;
    this.corridors[decision.corridor]++;
    if (wrong) this.found[decision.corridor]++;
    const controlled = !isReleased(decision.corridor);
    this.categories[category].all++;
    if (controlled) this.categories[category].controlled++;
    const decisive = new Set<string>();
    const targets = new Set<string>();
    for (const { kind, code, target, settled } of decision.reasons) {
      if (kind === 'fault') this.faults++;
      if (settled === decision.corridor) decisive.add(kind === 'random' ? 'random' : code);
      if (target !== null) targets.add(target);
      if (kind === 'profile') tally(this.profiles, code, wrong);
    }
    for (const target of targets) tally(this.targets, target, wrong);
    const [only] = decisive;
    if (decisive.size === 1 && only !== undefined) tally(this.alone, only, wrong);
    if (controlled && decisive.size === 1 && only === 'random') this.drawn++;
    if (truth !== null) this.scheme(truth, decision.corridor, controlled);
  }

  private scheme({ kind, scheme }: Truth, corridor: Corridor, controlled: boolean): void {
    const key = `${kind} ${scheme}`;
    const known = this.schemes.get(key) ?? { planted: 0, controlled: 0, red: 0 };
    known.planted++;
    if (controlled) known.controlled++;
    if (corridor === 'red') known.red++;
    this.schemes.set(key, known);
  }
}

function tally(tallies: Map<string, Tally>, key: string, wrong: boolean): void {
  const known = tallies.get(key) ?? { hits: 0, found: 0 };
  known.hits++;
  if (wrong) known.found++;
  tallies.set(key, known);
}

function run(policy: Policy, declarations: number, seed: number): Count {
  const history = new History();
  const options = { declarations, seed };
  for (const party of partiesOf(options)) history.setStanding(party.role, party.id, party);
  const count = new Count();
  for (const { declaration: input, receivedAt: at, truth } of generate(options)) {
    const receivedAt = values['at-once'] ? AT_ONCE_FROM + count.all : at;
    const { declaration, faults } = normalise(input);
    if (declaration === null) throw new Error(`${input.id}: ${JSON.stringify(faults)}`);
    const facts = history.facts(declaration, receivedAt, draw(declaration.id));
    const decision = decide(declaration, facts, policy);
    count.add(decision, truth, facts.parties[traderIndex(declaration)]?.category ?? 'medium');
    history.add(declaration, receivedAt);
  }
  return count;
}

const AT_ONCE_FROM = Date.UTC(2026, 10, 23);

function draw(id: string): number {
  const hash = createHmac('sha256', 'bench').update(id).digest();
  return Number(hash.readBigUInt64BE() >> 11n) / 2 ** 53;
}

function percent(part: number, of: number, digits = 2): string {
  return of === 0 ? '-' : ((100 * part) / of).toFixed(digits);
}

function print(count: Count, seed: number): void {
  const { all, corridors, found } = count;
  const controls = corridors.yellow + corridors.red;
  const wrong = CORRIDORS.reduce((sum, corridor) => sum + found[corridor], 0);
  const shares = CORRIDORS.map((corridor) => `${corridor} ${percent(corridors[corridor], all)}`).join('  ');
  const rate = CORRIDORS.map((corridor) => percent(found[corridor], corridors[corridor], 1)).join('/');
  const low = CATEGORIES.map((category) => {
    const { all: of, controlled } = count.categories[category];
    return `${category} ${percent(controlled, of, 1)} of ${of}`;
  });
  console.log(`seed ${seed}: ${shares}  hit rate ${percent(found.yellow + found.red, controls, 1)}`);
  console.log(
    `  wrong ${percent(wrong, all)}, by corridor ${rate}; drawn ${percent(count.drawn, controls, 1)} of controls`,
  );
  console.log(`  controlled by category: ${low.join(', ')}; faults ${count.faults}`);
  const targets = [...count.targets].map(([target, { hits }]) => `${target} ${hits}`).sort();
  console.log(`  targets: ${targets.join(', ')}`);
}

function printProfiles(count: Count): void {
  const rows = [...count.profiles]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, { hits, found }]) => {
      const alone = count.alone.get(id) ?? { hits: 0, found: 0 };
      return {
        id,
        'share %': percent(hits, count.all),
        'hit rate': percent(found, hits, 1),
        'alone %': percent(alone.hits, count.all),
        'alone hit rate': percent(alone.found, alone.hits, 1),
      };
    });
  console.table(rows);
}

function printSchemes(count: Count): void {
  const rows = [...count.schemes].sort().map(([scheme, { planted, controlled, red }]) => ({
    scheme,
    planted,
    'share %': percent(planted, count.all),
    'controlled %': percent(controlled, planted, 1),
    'red %': percent(red, planted, 1),
  }));
  console.table(rows);
}

/** The page of docs/shares.md: each seed by itself, then the schemes of all of them together. */
function pageOf(counts: ReadonlyMap<number, Count>): string {
  const row = (name: string, of: readonly Count[]) => {
    const sum = (figure: (count: Count) => number) => of.reduce((total, count) => total + figure(count), 0);
    const all = sum((count) => count.all);
    const shares = CORRIDORS.map((corridor) =>
      percent(
        sum(({ corridors }) => corridors[corridor]),
        all,
      ),
    );
    const controls = sum(({ corridors }) => corridors.yellow + corridors.red);
    const right = sum(({ found }) => found.yellow + found.red);
    return `| ${name} | ${all} | ${shares.join(' | ')} | ${percent(right, controls, 1)} |`;
  };
  const rows = [...counts].map(([seed, count]) => row(String(seed), [count]));
  const all = [...counts.values()];
  const declared = all.reduce((total, count) => total + count.all, 0);
  const targets = new Map<string, Tally>();
  for (const [target, { hits, found }] of all.flatMap((count) => [...count.targets])) {
    const known = targets.get(target) ?? { hits: 0, found: 0 };
    targets.set(target, { hits: known.hits + hits, found: known.found + found });
  }
  const aims = [...targets].sort().map(([target, { hits, found }]) => {
    return `| ${target} | ${hits} | ${percent(hits, declared)} | ${percent(found, hits, 1)} |`;
  });
  const schemes = new Map<string, { planted: number; controlled: number; red: number }>();
  for (const [scheme, each] of [...counts.values()].flatMap((count) => [...count.schemes])) {
    const known = schemes.get(scheme) ?? { planted: 0, controlled: 0, red: 0 };
    for (const key of ['planted', 'controlled', 'red'] as const) known[key] += each[key];
    schemes.set(scheme, known);
  }
  const found = [...schemes].sort().map(([scheme, { planted, controlled, red }]) => {
    return `| ${scheme} | ${planted} | ${percent(controlled, planted, 1)} | ${percent(red, planted, 1)} |`;
  });
  return `# What the shipped policy does to generated declarations

Written by \`npm run bench -- shares --seeds ${values.seeds} --declarations ${values.declarations} --write docs/shares.md\`. The thresholds of the profiles were set
on other seeds. Shares in percent; the hit rate is the share of controls before release that find something.

| seed | declarations | green | blue | yellow | red | hit rate |
|---|---|---|---|---|---|---|
| mission | | 77.3 | 2.7 | 16.4 | 3.6 | ≥ 55 |
${rows.join('\n')}
${row('together', all)}

## Targets of the profiles

Declarations that a profile of the target hit; one may be hit for several.

| target | hit | of all, % | of these with something to find, % |
|---|---|---|---|
${aims.join('\n')}

## Schemes and errors that were planted

| what | planted | controlled before release, % | of these examined (red), % of planted |
|---|---|---|---|
${found.join('\n')}
`;
}

const bundle = await readBundle(values.rules);
const policy = buildPolicy(bundle);
const counts = new Map<number, Count>();
for (const text of values.seeds.split(',')) {
  const seed = Number(text);
  const startedAt = Date.now();
  const count = run(policy, Number(values.declarations), seed);
  counts.set(seed, count);
  print(count, seed);
  if (values.profiles) printProfiles(count);
  if (values.schemes) printSchemes(count);
  console.error(`  ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
}
if (values.write !== undefined) writeFileSync(values.write, pageOf(counts));
