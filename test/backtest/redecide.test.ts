import fc from 'fast-check';
import { expect, it } from 'vitest';
import { redecide } from '../../src/backtest/redecide.ts';
import { type HistoryRow, rowsOf } from '../../src/backtest/segment.ts';
import { segmentsOf, tallyOf } from '../../src/backtest/thread.ts';
import { CORRIDORS } from '../../src/core/corridor.ts';
import { decide } from '../../src/core/decide.ts';
import { buildPolicy } from '../../src/profiles/policy.ts';
import { Dice, generatedBundle, generatedCase } from '../helpers/generated-profiles.ts';

it('comes from segments to what was decided without them, whatever the policies and declarations', () => {
  const property = fc.property(fc.nat(), fc.integer({ min: 1, max: 30 }), (seed, profiles) => {
    const before = buildPolicy(generatedBundle(seed, profiles));
    const after = buildPolicy(generatedBundle(seed + 1, profiles));
    const dice = new Dice(seed);
    const rows = Array.from({ length: 40 }, (): HistoryRow => {
      const given = generatedCase(dice);
      const { corridor, policyVersion, reasons: all } = decide(given.declaration, given.facts, before);
      const reasons = all.map(({ kind, code, settled }) => ({ kind, code, settled }));
      return { ...given, submitter: dice.pick(['local', 'other']), corridor, policyVersion, reasons };
    });
    const again = [...segmentsOf(rows, 1 + dice.upTo(40))].flatMap((bytes) => [...rowsOf(bytes)]);
    expect(again).toEqual(rows);
    const moves = new Array<number>(CORRIDORS.length ** 2).fill(0);
    for (const [i, row] of again.entries()) {
      const { declaration, facts, corridor } = rows[i] as HistoryRow;
      const decision = decide(declaration, facts, after);
      expect(redecide(row, after)).toEqual(decision);
      const move = CORRIDORS.indexOf(corridor) * CORRIDORS.length + CORRIDORS.indexOf(decision.corridor);
      moves[move] = (moves[move] ?? 0) + 1;
    }
    expect(tallyOf(again, before, after).moves).toEqual(moves);
  });
  fc.assert(property, { numRuns: 100 });
}, 60_000);
