import { hash as digest } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Corridor, isReleased } from '../../src/core/corridor.ts';
import type { Decision, Reason } from '../../src/core/decide.ts';
import type { Facts } from '../../src/core/facts.ts';
import { type DeclarationInput, normalise } from '../../src/core/normalise.ts';
import { type Ledger, openLedger } from '../../src/state/ledger.ts';
import { encode } from '../../src/wire/messagepack.ts';
import { encodeRecord } from '../../src/wire/record.ts';

/** Who asks. */
export const OWN = '600000000001';
const OTHER = '600000000002';
/** Declarations of each kind: asked for in turn, so that no one row is warmer than another. */
export const KINDS_EACH = 64;
const AT = Date.now() - 60_000;

/** Kinds of declarations that have been decided, by their ids' beginnings. Those of one outcome must look alike. */
export const KINDS = {
  'green-1': { submitter: OWN, corridor: 'green', reasons: 0 },
  'green-2': { submitter: OWN, corridor: 'green', reasons: 0 },
  'blue--3': { submitter: OWN, corridor: 'blue', reasons: 3 },
  'blue-40': { submitter: OWN, corridor: 'blue', reasons: 40 },
  'check-1': { submitter: OWN, corridor: 'yellow', reasons: 1 },
  'check-2': { submitter: OWN, corridor: 'yellow', reasons: 1 },
  check40: { submitter: OWN, corridor: 'yellow', reasons: 40 },
  'aside-1': { submitter: OWN, corridor: null, reasons: 0 },
  'other-1': { submitter: OTHER, corridor: 'yellow', reasons: 3 },
} as const satisfies Record<string, Kind>;
export type KindName = keyof typeof KINDS;

interface Kind {
  readonly submitter: string;
  /** Null: set aside. */
  readonly corridor: Corridor | null;
  readonly reasons: number;
}

export function idOf(kind: string, index: number): string {
  return `${kind}-${String(index).padStart(6, '0')}`;
}

function mrnOf(id: string): string {
  return `26KZ${id.toUpperCase().replaceAll('-', '0')}`;
}

/** `mark` is what the profiles of `writeProfiles` look for. */
export function declarationOf(id: string, mark: 'LOUD' | 'CALM'): DeclarationInput {
  const money = { amount: '1000.00', currency: 'USD' };
  return {
    ...{ id, version: 1, regime: 'transit', procedure: '80', office: '55302', lodgedAt: '2026-03-02T08:15:00Z' },
    ...{ currency: 'USD', exchangeRate: '500', invoiceTotal: money, customsValueTotal: money },
    ...{ dispatchCountry: 'CN', destinationCountry: 'KZ', transport: { modeAtBorder: '30' } },
    parties: [{ role: 'principal', id: OWN, country: 'KZ' }],
    items: [
      {
        ...{ no: 1, hsCode: '6109100000', description: 'T-shirts', brand: mark, originCountry: 'CN' },
        ...{ grossMassKg: 110, netMassKg: 100, invoicePrice: money, customsValue: money },
      },
    ],
    transit: {
      mrn: mrnOf(id),
      officeOfDeparture: '50430',
      officeOfDestination: '55302',
      timeLimit: '2027-03-05T12:00:00Z',
      documentType: 'T1',
    },
  };
}

/** Puts every kind into a ledger that no service runs on; its start tells the streams and read models of it. */
export async function fillLedger(dataDir: string): Promise<void> {
  const ledger = openLedger(join(dataDir, 'ledger'));
  for (let index = 0; index < KINDS_EACH; index++) {
    for (const [name, kind] of Object.entries(KINDS)) await keep(ledger, idOf(name, index), kind);
  }
  await ledger.close();
}

async function keep(ledger: Ledger, id: string, { submitter, corridor, reasons }: Kind): Promise<void> {
  const { declaration } = normalise(declarationOf(id, 'CALM'));
  if (declaration === null) throw new Error('a declaration of the bench is not valid');
  const identity = { submitter, id, version: 1 };
  const bytes = encode(declaration).slice();
  const hash = digest('sha256', bytes, 'buffer');
  if (corridor === null) {
    const record = Buffer.from('it ended every thread that took it');
    await ledger.append({ identity, outcome: 'quarantined', receivedAt: AT, hash, record });
    return;
  }
  const decision: Decision = {
    ...{ declarationId: id, version: 1, corridor, released: isReleased(corridor) },
    ...{ score: reasons === 0 ? 0 : 0.75, expectedDamageTiyn: 1000 * reasons },
    reasons: Array.from({ length: reasons }, (_, index) => reasonOf(corridor, index)),
    measures: reasons === 0 ? [] : reasonOf(corridor, 0).measures,
    ...{ policyVersion: 'bench', compilerVersion: 'bench', decidedAt: AT + 2 },
  };
  const record = encodeRecord(submitter, bytes, FACTS, decision).slice();
  await ledger.append({ identity, outcome: 'decided', receivedAt: AT, hash, record });
}

function reasonOf(corridor: Corridor, index: number): Reason {
  return {
    ...{ kind: 'profile', code: `B-${index}`, text: `What profile ${index} looks for in goods of this kind` },
    ...{ target: 'undervaluation', corridor, settled: corridor, weight: 0.5, items: [1] },
    values: { 'item.brand': 'LOUD', 'item.netMassKg': 100, 'trader.d30.count': 17 },
    measures: [{ code: 'documentary_check', instructions: 'Compare value and mass with those of like goods.' }],
  };
}

const NOTHING = { count: 0, valueTiyn: 0 };
const FACTS: Facts = {
  ...{ receivedAt: AT, decidedAt: AT + 2, draw: { value: 0.5, keyId: 'bench' }, parties: [] },
  trader: { id: null, firstSeenAt: null, d1: NOTHING, d7: NOTHING, d30: NOTHING, d90: NOTHING },
  ...{ items: [{ valuePerKg: null }], previous: null, inherited: null, models: [], suspended: [] },
};

/** Blue ones, all of which hit goods marked so and no others: what is released either way, after more or less work. */
const PROFILES = 30;

export function writeProfiles(dir: string): void {
  mkdirSync(join(dir, 'profiles'), { recursive: true });
  writeFileSync(join(dir, 'policy.yaml'), 'label: timing\nrandom: { lanes: [] }\n');
  for (let index = 0; index < PROFILES; index++) {
    const id = `T-${100 + index}`;
    const text = [
      `id: ${id}`,
      `title: Goods of a mark that rule ${index} looks for`,
      ...['target: transit', 'corridor: blue', 'weight: 0.3', 'scope: { regimes: [transit] }', 'measures:'],
      '  - code: documentary_check',
      '    instructions: Check the documents after release.',
      'when: item.brand == "LOUD" && item.netMassKg < item.grossMassKg',
      'tests:',
      '  - name: marked',
      '    declaration: { items: [{ brand: LOUD, netMassKg: 1, grossMassKg: 2 }] }',
      '    hits: true',
      '  - name: unmarked',
      '    declaration: { items: [{ brand: CALM, netMassKg: 1, grossMassKg: 2 }] }',
      '    hits: false',
    ];
    writeFileSync(join(dir, 'profiles', `${id}.yaml`), `${text.join('\n')}\n`);
  }
}
