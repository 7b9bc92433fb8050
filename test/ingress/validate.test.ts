import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CorridorError, type RequestFault } from '../../src/errors.ts';
import { explain, type SchemaNode } from '../../src/ingress/explain.ts';
import { DeclarationSchema } from '../../src/ingress/schema.ts';
import { acceptDeclaration, acceptWithdrawal } from '../../src/ingress/validate.ts';
import { FAULTS_MAX } from '../../src/limits.ts';
import { declaration, declarationInput } from '../helpers/declaration.ts';

function faultsOf(value: unknown): readonly RequestFault[] {
  try {
    acceptDeclaration(value);
    return [];
  } catch (error) {
    if (error instanceof CorridorError) return error.faults;
    throw error;
  }
}

describe('a declaration', () => {
  it('passes where it is valid, and ends in normal form', () => {
    expect(acceptDeclaration(declarationInput()).declaration).toEqual(declaration());
  });

  it('may say null for what it leaves out', () => {
    const input = declarationInput({ regNo: null, transport: null, transit: null, incoterms: null });
    expect(faultsOf(input)).toEqual([]);
  });

  it('is told everything that is wrong with it, at once', () => {
    const input = declarationInput();
    const [item] = input.items;
    const faults = faultsOf({
      ...input,
      regime: 'smuggling',
      lodgedAt: '2026-02-31T25:00:00Z',
      dispatchCountry: 'china',
      __unknown: 1,
      parties: [{ role: 'importer', country: 'KZ' }],
      items: [
        { ...item, hsCode: 61, grossMassKg: -1 },
        { ...item, no: 2, valuationMethod: 7 },
        { ...item, no: 2, customsValue: { amount: '12', currency: 'EUR' } },
      ],
    });
    expect(faults).toEqual(
      expect.arrayContaining([
        { pointer: '/regime', message: 'must be one of import, export, transit' },
        { pointer: '/lodgedAt', message: 'must be an ISO 8601 date, or date and time with its offset' },
        { pointer: '/dispatchCountry', message: 'must be an ISO 3166-1 alpha-2 country code' },
        { pointer: '/__unknown', message: 'is not a field that is known here' },
        { pointer: '/parties/0/id', message: 'is required: 1 to 64 letters or digits (also . _ / - inside)' },
        { pointer: '/items/0/hsCode', message: 'must be a string: 6 to 10 digits' },
        { pointer: '/items/0/grossMassKg', message: 'must be between 0 and 1000000000' },
        { pointer: '/items/1/valuationMethod', message: 'must be between 1 and 6' },
        { pointer: '/items/2/no', message: 'item number 2 stands twice' },
        { pointer: '/items/2/customsValue/kzt', message: 'is needed: no rate for EUR is given' },
      ]),
    );
    expect(faults).toHaveLength(10);
  });

  it('is not told of faults that only follow from others', () => {
    expect(faultsOf({ ...declarationInput(), currency: 'dollar' })).toEqual([
      { pointer: '/currency', message: 'must be an ISO 4217 currency code' },
    ]);
  });

  it('is told where it is no object at all', () => {
    for (const value of [null, 1, 'x', [], [declarationInput()]]) expect(faultsOf(value)).toHaveLength(1);
  });

  it('gets a bounded answer, soon, however hostile it is', () => {
    const items = Array.from({ length: 500 }, () => ({ duties: Array.from({ length: 300 }, () => ({})) }));
    expect(faultsOf({ ...declarationInput(), items })).toHaveLength(FAULTS_MAX);
    const keys = Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`k${i}`, 1]));
    expect(faultsOf(keys)).toHaveLength(FAULTS_MAX);
  });

  it('cannot bring keys of the prototype', () => {
    const text = JSON.stringify(declarationInput()).replace('{', '{"__proto__":{"polluted":1},"constructor":{},');
    expect(faultsOf(JSON.parse(text)).map(({ pointer }) => pointer)).toEqual(['/__proto__', '/constructor']);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('that is refused is explained, and only then', () => {
    const ajv = new Ajv({ allowUnionTypes: true });
    const isValid = ajv.compile(DeclarationSchema);
    const junk = fc.oneof(fc.jsonValue(), fc.double(), fc.string(), fc.constant('KZ'), fc.constant('12'));
    fc.assert(
      fc.property(fc.nat(), junk, fc.boolean(), (at, replacement, remove) => {
        const value = mutate(declarationInput(), at, replacement, remove);
        const { faults, repaired } = explain(DeclarationSchema as SchemaNode, value);
        expect(faults.length === 0).toBe(isValid(value));
        expect(isValid(repaired)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

/** Replaces or removes the n-th node of a value. */
function mutate(value: unknown, at: number, replacement: unknown, remove: boolean): unknown {
  const copy = structuredClone(value);
  const places: { holder: Record<string, unknown>; key: string }[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const key of Object.keys(node)) {
      places.push({ holder: node as Record<string, unknown>, key });
      visit((node as Record<string, unknown>)[key]);
    }
  };
  visit(copy);
  const place = places[at % places.length];
  if (place === undefined) return copy;
  if (remove && !Array.isArray(place.holder)) delete place.holder[place.key];
  else place.holder[place.key] = replacement;
  return copy;
}

describe('a withdrawal', () => {
  it('needs a reason and nothing else', () => {
    expect(acceptWithdrawal({ reason: ' lodged twice ' })).toEqual({ reason: 'lodged twice' });
    expect(() => acceptWithdrawal({ reason: '' })).toThrow(CorridorError);
    expect(() => acceptWithdrawal({ reason: 'x', by: 'me' })).toThrow(CorridorError);
  });
});
