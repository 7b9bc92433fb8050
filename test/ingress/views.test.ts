import { describe, expect, it } from 'vitest';
import type { View } from '../../src/access/rules.ts';
import { CORRIDORS, type Corridor } from '../../src/core/corridor.ts';
import { answerView } from '../../src/ingress/views.ts';
import type { Answer } from '../../src/ingress/waiting.ts';
import { declaration } from '../helpers/declaration.ts';
import { entryOf, REASON, recordOf } from './record.ts';

const OF = declaration({ id: 'V-1' });

function decided(corridor: Corridor): Answer {
  const record = recordOf('local', OF, { corridor, decision: {}, facts: {}, category: 'high' });
  return { kind: 'kept', entry: entryOf(OF, 'decided', record) };
}

const quarantined: Answer = { kind: 'kept', entry: entryOf(OF, 'quarantined', Buffer.from('it broke every worker')) };
const withdrawn: Answer = { kind: 'kept', entry: entryOf(OF, 'withdrawn', Buffer.from('sold elsewhere')) };
const pending: Answer = { kind: 'pending', identity: { submitter: 'local', id: 'V-1', version: 1 } };

describe('a trader', () => {
  const outcome = (answer: Answer) => answerView(answer, 'outcome');

  it('is told the outcome and the next step, and no more', () => {
    const of = { declarationId: 'V-1', version: 1 };
    expect(CORRIDORS.map((corridor) => outcome(decided(corridor)))).toEqual([
      { ...of, outcome: 'released', nextStep: 'none' },
      { ...of, outcome: 'released', nextStep: 'none' },
      { ...of, outcome: 'documents', nextStep: 'await_documentary_check' },
      { ...of, outcome: 'inspection', nextStep: 'present_goods' },
    ]);
    expect(outcome(pending)).toEqual({ ...of, outcome: 'pending', nextStep: 'await_decision' });
  });

  it('cannot tell what was set aside from a documentary check', () => {
    expect(JSON.stringify(outcome(quarantined))).toBe(JSON.stringify(outcome(decided('yellow'))));
  });

  it('gets its own reason of a withdrawal back', () => {
    expect(outcome(withdrawn)).toEqual({
      declarationId: 'V-1',
      version: 1,
      outcome: 'withdrawn',
      reason: 'sold elsewhere',
      at: '2026-03-02T08:15:00.000Z',
    });
  });
});

describe('an inspector', () => {
  it('sees what to look for and why, but not how it was found or weighed', () => {
    const { code, weight, ...shown } = REASON;
    expect(answerView(decided('yellow'), 'inspection')).toEqual({
      declarationId: 'V-1',
      version: 1,
      corridor: 'yellow',
      released: false,
      reasons: [shown],
      measures: REASON.measures,
      decidedAt: '2026-03-02T08:15:00.005Z',
    });
  });
});

describe('who sees everything', () => {
  it('sees score, damage, codes and weights', () => {
    expect(answerView(decided('blue'), 'full')).toEqual({
      declarationId: 'V-1',
      version: 1,
      corridor: 'blue',
      released: true,
      score: 0.5,
      expectedDamage: '123.45',
      reasons: [REASON],
      measures: REASON.measures,
      policyVersion: 'test',
      decidedAt: '2026-03-02T08:15:00.005Z',
    });
  });
});

it.each<View>(['inspection', 'full'])('%s: an official is told that a declaration was set aside', (view) => {
  expect(() => answerView(quarantined, view)).toThrow(/set aside/);
  expect(answerView(pending, view)).toEqual({ declarationId: 'V-1', version: 1, outcome: 'pending' });
  expect(answerView(withdrawn, view)).toEqual(answerView(withdrawn, 'outcome'));
});
