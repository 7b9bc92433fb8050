import type { Declaration } from '../../src/core/declaration.ts';
import type { Facts } from '../../src/core/facts.ts';
import { normalise } from '../../src/core/normalise.ts';
import { generate } from '../../src/generate/generate.ts';
import { partiesOf } from '../../src/generate/parties.ts';
import { encode } from '../../src/wire/messagepack.ts';
import { History } from './history.ts';

/** One declaration of the mix, with the facts that the service would look up. */
export interface Case {
  readonly declaration: Declaration;
  readonly facts: Facts;
}

const SEED = 1;
/** Declarations that only fill the history before the first case. */
const HISTORY = 4000;

/** The fixed mix: generated declarations in the order of the stream, after a history. See bench/README.md. */
export function casesOf(declarations: number): Case[] {
  const history = new History();
  const options = { declarations: HISTORY + declarations, seed: SEED };
  for (const party of partiesOf(options)) history.setStanding(party.role, party.id, party);
  const cases: Case[] = [];
  for (const { declaration: input, receivedAt } of generate(options)) {
    const { declaration } = normalise(input);
    if (declaration === null) throw new Error(`${input.id} is not valid`);
    cases.push({ declaration, facts: history.facts(declaration, receivedAt, 0.5) });
    history.add(declaration, receivedAt);
  }
  return cases.slice(HISTORY);
}

export interface MixFigures {
  readonly declarations: number;
  readonly items: { readonly mean: number; readonly p50: number; readonly p95: number; readonly max: number };
  /** MessagePack of the declaration in normal form. */
  readonly bytesPerDeclaration: number;
}

export function figuresOf(cases: readonly Case[]): MixFigures {
  const counts = cases.map(({ declaration }) => declaration.items.length).sort((a, b) => a - b);
  const at = (share: number): number => counts[Math.min(counts.length - 1, Math.floor(share * counts.length))] ?? 0;
  const bytes = cases.reduce((sum, { declaration }) => sum + encode(declaration).byteLength, 0);
  return {
    declarations: cases.length,
    items: { mean: itemsOf(cases) / cases.length, p50: at(0.5), p95: at(0.95), max: at(1) },
    bytesPerDeclaration: Math.round(bytes / cases.length),
  };
}

export function itemsOf(cases: readonly Case[]): number {
  return cases.reduce((sum, { declaration }) => sum + declaration.items.length, 0);
}
