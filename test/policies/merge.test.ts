import fc from 'fast-check';
import { expect, it } from 'vitest';
import { changesBetween, merge, textOf } from '../../src/policies/merge.ts';
import type { PolicyBundle } from '../../src/profiles/bundle.ts';

const text = fc.constantFrom('1', '2', '3');
const bundle = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), text).map((files): PolicyBundle => ({ files }));

function applied({ files }: PolicyBundle, changes: Readonly<Record<string, string | null>>): PolicyBundle {
  const kept = Object.entries({ ...files, ...changes }).filter((entry): entry is [string, string] => entry[1] !== null);
  return { files: Object.fromEntries(kept) };
}

it('what lies between two policies makes one of the other', () => {
  fc.assert(
    fc.property(bundle, bundle, (from, to) => {
      expect(applied(from, changesBetween(from, to))).toEqual(applied(to, {}));
    }),
  );
});

it('every change arrives, stands there already, or is named as a conflict; nothing else is touched', () => {
  fc.assert(
    fc.property(bundle, bundle, bundle, (base, mine, theirs) => {
      const changes = changesBetween(base, mine);
      const { changes: left, conflicts } = merge(base, changes, theirs);
      const result = applied(theirs, left);
      for (const file of ['a', 'b', 'c', 'd']) {
        const [before, own, other] = [textOf(base, file), textOf(mine, file), textOf(theirs, file)];
        const isConflict = own !== before && other !== before && own !== other;
        expect(conflicts.includes(file)).toBe(isConflict);
        expect(textOf(result, file)).toBe(own === before || isConflict ? other : own);
      }
    }),
  );
});
