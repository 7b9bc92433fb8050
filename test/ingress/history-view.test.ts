import { expect, it } from 'vitest';
import { historyView } from '../../src/ingress/history-view.ts';
import type { KnownVersion } from '../../src/ingress/known.ts';

const AT = Date.parse('2026-03-02T08:15:00Z');
const nothing = { corridor: null, office: null, decidedAt: null };

function version(number: number, patch: Partial<KnownVersion> = {}): KnownVersion {
  const decision = { corridor: 'blue', office: '55302', decidedAt: AT + 5 } as const;
  return { version: number, outcome: 'decided', receivedAt: AT, ...decision, ...patch };
}

it('a trader sees outcomes and when each version came, not when it was decided', () => {
  const versions = [version(1, { corridor: 'red' }), version(2, { outcome: 'quarantined', ...nothing })];
  const receivedAt = '2026-03-02T08:15:00.000Z';
  expect(historyView('H-1', versions, 3, 'outcome')).toEqual({
    declarationId: 'H-1',
    version: 3,
    outcome: 'pending',
    nextStep: 'await_decision',
    versions: [
      { version: 1, outcome: 'inspection', receivedAt },
      { version: 2, outcome: 'documents', receivedAt },
      { version: 3, outcome: 'pending', receivedAt: null },
    ],
  });
  const withdrawn = version(1, { outcome: 'withdrawn', ...nothing });
  expect(historyView('H-1', [withdrawn], null, 'outcome')).toMatchObject({ outcome: 'withdrawn', nextStep: 'none' });
});

it('and the same where a decision differs that comes to the same', () => {
  const of = (patch: Partial<KnownVersion>) => JSON.stringify(historyView('H-1', [version(1, patch)], null, 'outcome'));
  expect(of({ corridor: 'green', decidedAt: AT + 900, office: '50101' })).toBe(of({ corridor: 'blue' }));
  expect(of({ outcome: 'quarantined', ...nothing })).toBe(of({ corridor: 'yellow' }));
});

it('an official sees corridors and times', () => {
  for (const view of ['inspection', 'full'] as const) {
    expect(historyView('H-1', [version(1)], 2, view)).toEqual({
      declarationId: 'H-1',
      version: 2,
      outcome: 'pending',
      corridor: null,
      released: null,
      versions: [
        {
          version: 1,
          outcome: 'decided',
          corridor: 'blue',
          released: true,
          receivedAt: '2026-03-02T08:15:00.000Z',
          decidedAt: '2026-03-02T08:15:00.005Z',
        },
        { version: 2, outcome: 'pending', corridor: null, released: null, receivedAt: null, decidedAt: null },
      ],
    });
  }
});
