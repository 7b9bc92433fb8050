import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REGIMES } from '../../src/core/declaration.ts';
import { readBundle } from '../../src/profiles/bundle.ts';
import { buildPolicy } from '../../src/profiles/policy.ts';
import { declaration, declarationInput, neutralFacts } from '../helpers/declaration.ts';

const { profiles } = buildPolicy(await readBundle(join(import.meta.dirname, '..', '..', 'rules')));

const ZERO = { amount: '0', currency: 'KZT' };
const TRANSIT = {
  mrn: '26KZ55302000000001',
  officeOfDeparture: '55302',
  officeOfDestination: '55301',
  timeLimit: '2026-03-12T00:00:00Z',
  documentType: 'T1',
};

describe('the shipped profiles', () => {
  it.each(REGIMES)('never fail on a bare declaration of %s: nothing optional, zeros everywhere', (regime) => {
    const [item] = declarationInput().items;
    if (item === undefined) throw new Error('no item');
    const { no, hsCode, description, originCountry } = item;
    // Codes that the lists know, so that no comparison is left out for want of a row.
    for (const code of [hsCode, '6403990000', '4011201000', '2208308200', '8542319010', '3604100000', '980100']) {
      for (const preference of [null, 'ST1']) {
        const bare = declaration({
          regime,
          transport: null,
          documents: [],
          invoiceTotal: ZERO,
          customsValueTotal: ZERO,
          transit: regime === 'transit' ? TRANSIT : null,
          items: [
            {
              no,
              hsCode: code,
              description,
              originCountry,
              preference,
              brand: preference === null ? null : 'NIKE',
              grossMassKg: 0,
              netMassKg: 0,
              suppQuantity: 0,
              suppUnit: '715',
              invoicePrice: ZERO,
              customsValue: ZERO,
              duties: [],
            },
          ],
        });
        const prices = { n: 100, p05: 0, p25: 0, p50: 0, p75: 0, p95: 0 };
        for (const valuePerKg of [null, prices]) {
          const facts = neutralFacts(bare, { items: [{ valuePerKg }] });
          expect(profiles.match(bare, facts, new Set()).faults).toEqual([]);
          const strangers = { ...bare, parties: [] };
          expect(profiles.match(strangers, { ...facts, parties: [] }, new Set()).faults).toEqual([]);
        }
      }
    }
  });
});
