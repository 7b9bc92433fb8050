import type { Declaration } from '../../src/core/declaration.ts';
import type { Category, Facts } from '../../src/core/facts.ts';
import { type DeclarationInput, normalise } from '../../src/core/normalise.ts';

/** A small, valid import declaration as a client sends it. */
export function declarationInput(patch: Partial<DeclarationInput> = {}): DeclarationInput {
  return {
    id: 'D-1',
    version: 1,
    regime: 'import',
    procedure: '40',
    office: '55302',
    lodgedAt: '2026-03-02T08:15:00Z',
    currency: 'USD',
    exchangeRate: '500',
    invoiceTotal: { amount: '1000.00', currency: 'USD' },
    customsValueTotal: { amount: '1000.00', currency: 'USD' },
    dispatchCountry: 'CN',
    destinationCountry: 'KZ',
    transport: { modeAtBorder: '30', means: [{ id: '123ABC02', nationality: 'KZ' }] },
    parties: [
      { role: 'importer', id: '123456789012', name: 'Importer LLP', country: 'KZ' },
      { role: 'declarant', id: '210987654321', name: 'Declarant LLP', country: 'KZ' },
    ],
    items: [
      {
        no: 1,
        hsCode: '6109100000',
        description: 'T-shirts of cotton, knitted',
        originCountry: 'CN',
        grossMassKg: 110,
        netMassKg: 100,
        invoicePrice: { amount: '1000.00', currency: 'USD' },
        customsValue: { amount: '1000.00', currency: 'USD' },
        duties: [{ kind: 'import_duty', rate: 10, amount: { amount: '50000', currency: 'KZT' } }],
      },
    ],
    documents: [{ code: '04021', number: 'INV-1', issuedAt: '2026-02-20' }],
    ...patch,
  };
}

/** The same in normal form. @throws where the patch makes it invalid. */
export function declaration(patch: Partial<DeclarationInput> = {}): Declaration {
  const { declaration: normal, faults } = normalise(declarationInput(patch));
  if (normal === null) throw new Error(`not valid: ${JSON.stringify(faults)}`);
  return normal;
}

/** Facts that say nothing: unknown parties, no statistics, a draw that selects nobody. */
export function neutralFacts(of: Declaration, patch: Partial<Facts> = {}, category: Category = 'medium'): Facts {
  const none = { count: 0, valueTiyn: 0 };
  return {
    receivedAt: of.lodgedAt,
    decidedAt: of.lodgedAt + 5,
    draw: { value: 0.999999, keyId: 'test' },
    parties: of.parties.map(({ role, id }) => ({
      role,
      id,
      category,
      known: category !== 'medium',
      authorisedOperator: false,
      openViolations: 0,
      arrearsTiyn: 0,
    })),
    trader: { id: of.parties[0]?.id ?? null, firstSeenAt: null, d1: none, d7: none, d30: none, d90: none },
    items: of.items.map(() => ({ valuePerKg: null })),
    previous: null,
    inherited: null,
    models: [],
    suspended: [],
    ...patch,
  };
}
