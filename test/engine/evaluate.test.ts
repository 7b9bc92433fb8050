import { expect, test } from 'vitest';
import { OPEN_PLAN } from '../../src/core/capacity.ts';
import type { TraderFacts } from '../../src/core/facts.ts';
import type { Policy } from '../../src/core/policy.ts';
import { Evaluator } from '../../src/engine/evaluate.ts';
import type { KnownFacts } from '../../src/engine/facts.ts';
import { type EvaluateResult, IDLE, type Mark, PROGRESS, PROGRESS_SLOTS } from '../../src/engine/protocol.ts';
import { PAYLOAD_BYTES_MAX } from '../../src/limits.ts';
import { type DecisionEntry, type DeclarationEntry, open, seal } from '../../src/wire/envelope.ts';
import { factsOf, openRecord } from '../../src/wire/record.ts';
import { decided, entryOf } from './fixture.ts';

const IMPORTED = { imported: true, override: null };
const none = { count: 0, valueTiyn: 0 };
const KNOWN: KnownFacts = {
  party: (role, id) =>
    role === 'importer'
      ? { role, id, category: 'high', authorisedOperator: true, openViolations: 2, arrearsTiyn: 500, ...IMPORTED }
      : null,
  traderFacts: (id): TraderFacts => ({ id, firstSeenAt: 5, d1: none, d7: none, d30: none, d90: none }),
  valuePerKg: (hsCode) => (hsCode.startsWith('61') ? { n: 40, p05: 1, p25: 2, p50: 3, p75: 4, p95: 5 } : null),
};

const POLICY: Policy = {
  version: 'test-1',
  compilerVersion: '0',
  profiles: { profiles: [], match: () => ({ hits: [], faults: [] }) },
  exceptions: [],
  random: { lanes: [], offices: {} },
  capacity: OPEN_PLAN,
};

const progress = new Int32Array(new SharedArrayBuffer(PROGRESS_SLOTS * 4));

function evaluate(messages: readonly (readonly unknown[])[], marks: Mark[] = [], policy = POLICY): EvaluateResult {
  const sealed = messages.map((body) => seal('declarations.submitted', 't', 0, '', body as DeclarationEntry[]));
  const bytes = Buffer.concat(sealed);
  let end = 0;
  const ends = sealed.map(({ byteLength }) => {
    end += byteLength;
    return end;
  });
  const draw = () => ({ value: 0.5, keyId: 'k1' });
  const evaluator = new Evaluator({
    policy,
    models: { ...KNOWN, refresh: () => undefined },
    draw,
    by: 'thread',
    progress,
  });
  return evaluator.evaluate({ id: 7, bytes, ends, suspended: ['ZZ-9'], marks });
}

function entriesOf({ answers }: EvaluateResult): DecisionEntry[] {
  return answers.flatMap((answer) =>
    answer.readable ? answer.parts.flatMap((part) => open('decisions.made', part).body) : [],
  );
}

test('a decision carries the facts it was made from: parties, trader, statistics, draw, history', () => {
  const entry = {
    ...entryOf(),
    previous: { version: 1, corridor: 'red' as const },
    inherited: { declarationId: 'W', corridor: 'yellow' as const, draw: 0.1 },
  };
  const [decision] = entriesOf(evaluate([[entry]]));
  const facts = factsOf(openRecord(decision?.record ?? new Uint8Array()));
  expect(facts).toMatchObject({
    receivedAt: entry.receivedAt,
    draw: { value: 0.5, keyId: 'k1' },
    parties: [
      { role: 'importer', category: 'high', known: true, authorisedOperator: true, openViolations: 2 },
      { role: 'declarant', category: 'medium', known: false, authorisedOperator: false, openViolations: 0 },
    ],
    trader: { id: '123456789012', firstSeenAt: 5 },
    items: [{ valuePerKg: { n: 40, p50: 3 } }],
    previous: entry.previous,
    inherited: entry.inherited,
    suspended: ['ZZ-9'],
  });
  expect(decided(decision)).toMatchObject({ corridor: 'red', policyVersion: 'test-1', decidedAt: facts.decidedAt });
});

test('the thread is idle in its progress before and after a task', () => {
  evaluate([[entryOf()]]);
  expect(progress[PROGRESS.task]).toBe(IDLE);
});

test('one message is unreadable and the others of the task are decided', () => {
  const result = evaluate([[entryOf({ id: 'A' })], 'no list' as unknown as unknown[], [entryOf({ id: 'B' })]]);
  expect(result.answers.map(({ readable }) => readable)).toEqual([true, false, true]);
  expect(entriesOf(result).map(({ id }) => id)).toEqual(['A', 'B']);
});

test('an entry marked for quarantine is set aside; one marked with profiles is decided without them', () => {
  const marks: Mark[] = [
    { message: 0, entry: 0, suspended: [], quarantine: 'it crashes' },
    { message: 0, entry: 1, suspended: ['AA-1'], quarantine: null },
  ];
  const [first, second] = entriesOf(evaluate([[entryOf({ id: 'A' }), entryOf({ id: 'B' })]], marks));
  expect(first).toMatchObject({ id: 'A', outcome: 'quarantined' });
  expect(new TextDecoder().decode(first?.record)).toBe('it crashes');
  expect(factsOf(openRecord(second?.record ?? new Uint8Array())).suspended).toEqual(['AA-1', 'ZZ-9']);
});

test('a declaration in another shape than the normal form is not decided', () => {
  const good = entryOf();
  for (const [patch, reason] of [
    [{ hash: new Uint8Array(32) }, 'hashed'],
    [{ version: 2 }, 'identity'],
  ] as const) {
    const [entry] = entriesOf(evaluate([[{ ...good, ...patch }]]));
    expect(entry?.outcome).toBe('quarantined');
    expect(new TextDecoder().decode(entry?.record)).toContain(reason);
  }
});

test('decisions too large for one message go into several, each within the payload', () => {
  const profile = {
    id: 'UV-1',
    title: 'x'.repeat(30_000),
    target: 'undervaluation',
    corridor: 'yellow',
    measures: [],
    weight: 0.5,
    group: 'undervaluation',
    damageTiyn: null,
    mandatory: false,
    percentage: 100,
    onError: 'documents',
    scope: { offices: [], regimes: [], procedures: [], categories: [], validFrom: null, validUntil: null },
  } as const;
  const hits = [{ profile, items: [], values: {} }];
  const policy = { ...POLICY, profiles: { profiles: [profile], match: () => ({ hits, faults: [] }) } };
  const result = evaluate([Array.from({ length: 64 }, (_, i) => entryOf({ id: `D-${i}` }))], [], policy);
  const [answer] = result.answers;
  const parts = answer?.readable ? answer.parts : [];
  expect(parts.length).toBeGreaterThan(1);
  for (const part of parts) expect(part.byteLength).toBeLessThan(PAYLOAD_BYTES_MAX);
  expect(entriesOf(result)).toHaveLength(64);
  expect(result.tally).toEqual({
    decisions: [{ corridor: 'yellow', office: '55302', count: 64 }],
    hits: [{ target: 'undervaluation', count: 64 }],
    faults: [],
  });
});
