import { expect, it } from 'vitest';
import { CORRIDORS } from '../../src/core/corridor.ts';
import { standingOf } from '../../src/ingress/standing.ts';
import { declaration } from '../helpers/declaration.ts';
import { entryOf, REASON, recordOf } from './record.ts';

const OF = declaration({ id: 'S-1', office: '50430' });

it('reads corridor, office and time of a decision, whatever its reasons are', () => {
  for (const corridor of CORRIDORS) {
    for (const reasons of [[], [REASON], Array.from({ length: 100 }, () => REASON)]) {
      const record = recordOf('local', OF, { corridor, decision: { reasons }, facts: {}, category: 'low' });
      const standing = { corridor, office: '50430', decidedAt: OF.lodgedAt + 5 };
      expect(standingOf(entryOf(OF, 'decided', record))).toEqual(standing);
    }
  }
});

it('has nothing to say of what was not decided', () => {
  const nothing = { corridor: null, office: null, decidedAt: null };
  expect(standingOf(entryOf(OF, 'quarantined', Buffer.from('it broke')))).toEqual(nothing);
  expect(standingOf(entryOf(OF, 'withdrawn', Buffer.from('sold')))).toEqual(nothing);
});

it('does not take anything else for a record', () => {
  expect(() => standingOf(entryOf(OF, 'decided', Buffer.from('it broke')))).toThrow();
});
