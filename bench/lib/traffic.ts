import type { DeclarationInput } from '../../src/core/normalise.ts';
import { generate } from '../../src/generate/generate.ts';

/**
 * The fixed mix that every benchmark decides: generated declarations of one seed, 3 items on average and 20 at the 95th
 * percentile. The first ones are the history that fills categories and statistics, the next ones are sent.
 */
const SEED = 1;
const HISTORY = 20_000;
const TEMPLATES = 4000;

export const MIX_OPTIONS = { seed: SEED, declarations: HISTORY + TEMPLATES };

export function history(): DeclarationInput[] {
  return declarations(0, HISTORY);
}

let made: DeclarationInput[] | null = null;

export function templates(): DeclarationInput[] {
  made ??= declarations(HISTORY, HISTORY + TEMPLATES);
  return made;
}

function declarations(from: number, to: number): DeclarationInput[] {
  const made: DeclarationInput[] = [];
  let index = 0;
  for (const { declaration } of generate(MIX_OPTIONS)) {
    if (index >= from) made.push(declaration);
    if (++index >= to) break;
  }
  return made;
}
