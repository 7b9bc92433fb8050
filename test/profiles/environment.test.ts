import { describe, expect, it } from 'vitest';
import type { Declaration, Item, Money, Transit } from '../../src/core/declaration.ts';
import type { Type } from '../../src/profiles/cel/api.ts';
import { check } from '../../src/profiles/cel/check.ts';
import { BOOL } from '../../src/profiles/cel/types.ts';
import { MatchContext, PartyView, TraderView } from '../../src/profiles/context.ts';
import { profileEnvironment } from '../../src/profiles/environment.ts';
import { DECLARATION, PARTIES, TRADER } from '../../src/profiles/environment-types.ts';

const money: Money = { amount: '12.50', currency: 'KZT', tiyn: 1250 };

/** A declaration in which nothing is absent: a field added to core does not compile until it stands here. */
const FULL: Declaration = {
  id: 'D-1',
  version: 1,
  regNo: '55301/020326/0000001',
  regime: 'transit',
  procedure: '80',
  previousProcedure: '00',
  office: '55301',
  lodgedAt: 1,
  currency: 'KZT',
  exchangeRate: 1,
  invoiceTotal: money,
  customsValueTotal: money,
  dispatchCountry: 'CN',
  destinationCountry: 'UZ',
  tradingCountry: 'CN',
  incoterms: 'CIP',
  transactionNature: '010',
  transport: {
    modeAtBorder: '30',
    modeInland: '30',
    means: [{ id: '123ABC02', nationality: 'KZ' }],
    containers: ['MSKU1234567'],
  },
  parties: [{ role: 'principal', id: '1', name: 'P', country: 'KZ' }],
  items: [
    {
      no: 1,
      hsCode: '0901210009',
      description: 'coffee',
      brand: 'B',
      manufacturer: 'M',
      originCountry: 'BR',
      preference: 'PP',
      grossMassKg: 2,
      netMassKg: 1,
      suppQuantity: 1,
      suppUnit: 'pcs',
      packages: [{ kind: 'CT', count: 1, marks: 'none' }],
      invoicePrice: money,
      customsValue: money,
      statisticalValueUsd: 1,
      valuationMethod: 1,
      duties: [{ kind: 'vat', rate: 12, amount: money }],
      previousDocuments: [{ code: '01', number: '1' }],
    },
  ],
  documents: [{ code: '04021', number: '1', issuedAt: 1, validUntil: 2 }],
  transit: {
    mrn: 'M',
    officeOfDeparture: '55301',
    officesOfTransit: ['55302'],
    officeOfDestination: '55303',
    itinerary: ['KZ'],
    seals: ['S'],
    timeLimit: 3,
    guarantee: { type: '1', reference: 'G', amount: money },
    documentType: 'T1',
  },
};

/** The same with everything absent that core lets be absent. */
const [FULL_ITEM] = FULL.items;
const SPARSE: Declaration = {
  ...FULL,
  regNo: null,
  previousProcedure: null,
  tradingCountry: null,
  incoterms: null,
  transactionNature: null,
  transport: {
    modeAtBorder: '30',
    modeInland: null,
    means: [{ id: '123ABC02', nationality: null }],
    containers: ['MSKU1234567'],
  },
  parties: [{ role: 'principal', id: '1', name: null, country: 'KZ' }],
  items: [
    {
      ...(FULL_ITEM as Item),
      brand: null,
      manufacturer: null,
      preference: null,
      suppQuantity: null,
      suppUnit: null,
      packages: [{ kind: 'CT', count: 1, marks: null }],
      statisticalValueUsd: null,
      duties: [{ kind: 'vat', rate: null, amount: money }],
    },
  ],
  documents: [{ code: '04021', number: '1', issuedAt: null, validUntil: null }],
  transit: { ...(FULL.transit as Transit), guarantee: null },
};
/** Fields that are objects when present: absent in a sample, their own fields could not be compared. */
const OPTIONAL_OBJECTS = ['transport', 'transit'];

/** Optional fields that are present, and absent ones that are not optional. */
function absences(path: string, type: Type, value: unknown): string[] {
  if (type.kind === 'list') return (value as unknown[]).flatMap((each) => absences(`${path}[]`, type.element, each));
  if (type.kind !== 'object') return [];
  return [...type.fields.values()].flatMap(({ property, optional, type: inner }) => {
    const held = (value as Record<string, unknown>)[property];
    const at = `${path}.${property}`;
    if (held === null) return optional ? [] : [`${at} may be absent`];
    return [
      ...(optional && !OPTIONAL_OBJECTS.includes(property) ? [`${at} is always there`] : []),
      ...absences(at, inner, held),
    ];
  });
}

/** Where a value and the type that expressions see of it disagree. */
function differences(path: string, type: Type, value: unknown): string[] {
  if (type.kind === 'list') return (value as unknown[]).flatMap((each) => differences(`${path}[]`, type.element, each));
  if (type.kind === 'object') {
    const properties = Object.keys(value as object);
    const declared = [...type.fields.values()];
    const unseen = properties.filter((property) => !declared.some((field) => field.property === property));
    return [
      ...unseen.map((property) => `${path}.${property} cannot be seen`),
      ...declared.flatMap((field) =>
        properties.includes(field.property)
          ? differences(`${path}.${field.property}`, field.type, (value as Record<string, unknown>)[field.property])
          : [`${path}.${field.property} does not exist`],
      ),
    ];
  }
  const kinds: Record<string, boolean> = {
    string: typeof value === 'string',
    bool: typeof value === 'boolean',
    int: Number.isInteger(value),
    double: typeof value === 'number',
    timestamp: typeof value === 'number',
    money: typeof value === 'number' || typeof (value as Money).tiyn === 'number',
  };
  return kinds[type.kind] === true ? [] : [`${path} is no ${type.kind}`];
}

describe('the environment of profiles', () => {
  it('agrees with the declaration field by field', () => {
    expect(differences('declaration', DECLARATION, FULL)).toEqual([]);
  });

  it('lets be absent what core lets be absent, and nothing else', () => {
    expect(absences('declaration', DECLARATION, SPARSE)).toEqual([]);
  });

  it('agrees with what is kept of trader and parties field by field', () => {
    const trader = Object.assign(new TraderView(), { id: '1', firstSeenAt: 1 });
    expect(differences('trader', TRADER, trader)).toEqual([]);
    const view = Object.assign(new PartyView(), { name: 'P' });
    const parties = Object.fromEntries(Object.keys(new MatchContext().parties).map((role) => [role, view]));
    expect(differences('parties', PARTIES, parties)).toEqual([]);
  });

  it.each([
    ['item.netMassKg > 1', 'declaration', "unknown name 'item'"],
    ['item.netMasKg > 1', 'item', 'netMassKg'],
    ['listed("goods", item.hsCode)', 'item', 'no list is called goods'],
    ['trader.categroy == "high"', 'item', 'category'],
  ] as const)('refuses %s at %s level and says what is wrong', (text, level, message) => {
    const environment = profileEnvironment(level, new Map(), new MatchContext());
    const { problems } = check(text, environment, { mode: 'profile', expected: BOOL });
    expect(problems[0]?.message).toContain(message);
  });
});
