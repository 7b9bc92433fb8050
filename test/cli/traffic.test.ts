import { describe, expect, it } from 'vitest';
import { DEV_BROKER, DEV_CARRIER, DEV_OFFICE } from '../../src/access/dev-users.ts';
import { lodgerOf, TRAFFIC_PEOPLE } from '../../src/cli/traffic.ts';
import { generate } from '../../src/generate/generate.ts';
import { SUBMITTER_PATTERN } from '../../src/wire/identity.ts';

/** The most frequent first. */
function ranked(values: Iterable<string | null | undefined>): string[] {
  const counts = new Map<string, number>();
  for (const value of values) if (value != null) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).map(([value]) => value);
}

describe('traffic to look at', () => {
  const plan = { people: TRAFFIC_PEOPLE, declarations: 20_000, days: 1 };
  const days = [1, 2].map((seed) => [...generate({ ...plan, seed })].map(({ declaration }) => declaration));

  it.each(days.map((declarations, index) => [index + 1, declarations] as const))(
    'is most often that of the users for development, whatever the start (%d)',
    (_start, declarations) => {
      expect(ranked(declarations.map(lodgerOf))[0]).toBe(DEV_BROKER);
      expect(ranked(declarations.map(({ office }) => office))[0]).toBe(DEV_OFFICE);
      const transit = declarations.filter(({ regime }) => regime === 'transit');
      expect(ranked(transit.map(lodgerOf)).slice(0, 3)).toContain(DEV_CARRIER);
    },
  );

  it('is lodged by somebody who can be a submitter', () => {
    for (const declaration of days.flat()) expect(lodgerOf(declaration)).toMatch(SUBMITTER_PATTERN);
  });
});
