import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Declaration } from '../src/core/declaration.ts';
import type { Facts } from '../src/core/facts.ts';
import { normalise } from '../src/core/normalise.ts';
import type { ProfileSet } from '../src/core/profile.ts';
import { generate } from '../src/generate/generate.ts';
import { partiesOf } from '../src/generate/parties.ts';
import { type PolicyBundle, readBundle } from '../src/profiles/bundle.ts';
import { loadPolicy } from '../src/profiles/load.ts';
import { CompiledProfileSet } from '../src/profiles/profile-set.ts';
import { History } from './lib/history.ts';

/**
 * What matching costs per declaration, on one thread, without reading, facts or writing: the shipped policy, and
 * profiles that each ask for one HS code of six digits, an origin and a price. Not measured: the first calls, before
 * the engine has compiled the functions.
 *
 *   npm run bench -- rules [--declarations 4000] [--profiles 110,1000,10000]
 */
const RULES = join(import.meta.dirname, '..', '..', 'rules');
const ROUNDS = 7;
const COUNTRIES = ['CN', 'DE', 'TR', 'RU', 'UZ', 'IT', 'KR', 'US'];

const { values } = parseArgs({
  options: {
    declarations: { type: 'string', default: '4000' },
    profiles: { type: 'string', default: '110,1000,10000' },
  },
});

interface Case {
  readonly declaration: Declaration;
  readonly facts: Facts;
}

/** Generated declarations with the facts that the service would look up; the first half only fills the history. */
function cases(declarations: number): Case[] {
  const history = new History();
  const options = { declarations: declarations * 2, seed: 1 };
  for (const party of partiesOf(options)) history.setStanding(party.role, party.id, party);
  const made: Case[] = [];
  for (const { declaration: input, receivedAt } of generate(options)) {
    const { declaration } = normalise(input);
    if (declaration === null) throw new Error(`${input.id} is not valid`);
    made.push({ declaration, facts: history.facts(declaration, receivedAt, 0.5) });
    history.add(declaration, receivedAt);
  }
  return made.slice(declarations);
}

/** Codes as they occur, then codes nobody declares: most profiles of a large policy are about other goods. */
function selectiveBundle(profiles: number, made: readonly Case[]): PolicyBundle {
  const declared = [
    ...new Set(made.flatMap(({ declaration }) => declaration.items.map((item) => item.hsCode.slice(0, 6)))),
  ];
  const files: Record<string, string> = { 'policy.yaml': 'label: bench\nrandom: { lanes: [] }\n' };
  for (let i = 0; i < profiles; i++) {
    const id = `B-${String(i).padStart(6, '0')}`;
    const hs = declared[i] ?? String(100_000 + ((i * 7919) % 900_000));
    const country = COUNTRIES[i % COUNTRIES.length];
    files[`profiles/${id}.yaml`] = JSON.stringify({
      id,
      title: 'Bench',
      target: 'undervaluation',
      corridor: 'yellow',
      measures: [{ code: 'documentary_check', instructions: 'Check.' }],
      weight: 0.1,
      when: `item.hsCode.startsWith("${hs}") && item.originCountry == "${country}" && item.customsValue / item.netMassKg < 300`,
      tests: [
        { name: 'hits', hits: true },
        { name: 'does not', hits: false },
      ],
    });
  }
  return { files };
}

const NONE: ReadonlySet<string> = new Set();

/** Microseconds per declaration, median of several rounds after two that warm up; hits per declaration. */
function measure(set: ProfileSet, made: readonly Case[]): { microseconds: number; hits: number } {
  const times: number[] = [];
  let hits = 0;
  for (let round = -2; round < ROUNDS; round++) {
    hits = 0;
    const start = process.hrtime.bigint();
    for (const { declaration, facts } of made) hits += set.match(declaration, facts, NONE).hits.length;
    if (round >= 0) times.push(Number(process.hrtime.bigint() - start) / 1000 / made.length);
  }
  return { microseconds: times.sort((a, b) => a - b)[ROUNDS >> 1] ?? 0, hits: hits / made.length };
}

function report(name: string, bundle: PolicyBundle, made: readonly Case[]): void {
  const start = performance.now();
  const { profiles, context } = loadPolicy(bundle);
  const set = new CompiledProfileSet(profiles, context);
  const seconds = (performance.now() - start) / 1000;
  const { microseconds, hits } = measure(set, made);
  const cells = [name, String(profiles.length), seconds.toFixed(2), microseconds.toFixed(2), hits.toFixed(3)];
  process.stdout.write(`| ${cells.join(' | ')} |\n`);
}

const made = cases(Number(values.declarations));
const items = made.reduce((sum, { declaration }) => sum + declaration.items.length, 0) / made.length;
process.stdout.write(`${cpus()[0]?.model ?? '?'}, Node ${process.version}, `);
process.stdout.write(`${made.length} declarations of ${items.toFixed(1)} items on average\n\n`);
process.stdout.write(
  '| policy | profiles | s to build | µs per declaration | hits per declaration |\n|---|---|---|---|---|\n',
);
report('shipped', await readBundle(RULES), made);
for (const profiles of values.profiles.split(','))
  report('HS6 × origin', selectiveBundle(Number(profiles), made), made);
