import { createHash } from 'node:crypto';
import { type Corridor, isReleased } from '../../src/core/corridor.ts';
import type { Decision } from '../../src/core/decide.ts';
import type { DeclarationInput } from '../../src/core/normalise.ts';
import type { DecisionEntry } from '../../src/wire/envelope.ts';
import { encode } from '../../src/wire/messagepack.ts';
import { encodeRecord } from '../../src/wire/record.ts';
import { declaration, declarationInput, neutralFacts } from '../helpers/declaration.ts';

export interface DecidedLike {
  readonly id: string;
  readonly version?: number;
  readonly submitter?: string;
  readonly receivedAt: number;
  readonly corridor?: Corridor;
  readonly draw?: number;
  readonly restored?: boolean;
  readonly trader?: string;
  readonly totalKzt?: number;
  readonly items?: readonly { hsCode: string; origin: string; kzt: number; netMassKg: number }[];
  readonly patch?: Partial<DeclarationInput>;
}

const ITEM = { hsCode: '6109100000', origin: 'CN', kzt: 1000, netMassKg: 10 };

/** A decided entry, with a record as an engine makes it. */
export function decided(like: DecidedLike): DecisionEntry {
  const { id, version = 1, submitter = 'local', receivedAt, corridor = 'green', restored = false } = like;
  const items = (like.items ?? [ITEM]).map(({ hsCode, origin, kzt, netMassKg }, index) => ({
    no: index + 1,
    hsCode,
    description: 'Goods',
    originCountry: origin,
    grossMassKg: netMassKg + 1,
    netMassKg,
    invoicePrice: { amount: String(kzt), currency: 'KZT' },
    customsValue: { amount: String(kzt), currency: 'KZT' },
  }));
  const total = { amount: String(like.totalKzt ?? 1000), currency: 'KZT' };
  const { parties } = declarationInput();
  const normal = declaration({
    id,
    version,
    invoiceTotal: total,
    customsValueTotal: total,
    items,
    parties: (parties ?? []).map((party) => (like.trader === undefined ? party : { ...party, id: like.trader })),
    ...like.patch,
  });
  const facts = neutralFacts(normal, { receivedAt, draw: { value: like.draw ?? 0.5, keyId: 'k' } });
  const bytes = encode(normal);
  const decision: Decision = {
    declarationId: id,
    version,
    corridor,
    released: isReleased(corridor),
    score: 0,
    expectedDamageTiyn: 0,
    reasons: [],
    measures: corridor === 'green' ? [] : [{ code: 'documentary_check', instructions: 'Check.' }],
    policyVersion: 'test',
    compilerVersion: 'test',
    decidedAt: receivedAt + 5,
  };
  return {
    submitter,
    id,
    version,
    trace: '',
    outcome: 'decided',
    receivedAt,
    hash: createHash('sha256').update(bytes).digest(),
    record: encodeRecord(submitter, bytes, facts, decision),
    restored,
  };
}

export function withdrawn(id: string, version: number, receivedAt: number, submitter = 'local'): DecisionEntry {
  const record = Buffer.from('sent in error');
  const hash = createHash('sha256').update(record).digest();
  return { submitter, id, version, trace: '', outcome: 'withdrawn', receivedAt, hash, record, restored: false };
}
