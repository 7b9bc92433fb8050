import type { Environment, Variable } from '../../../src/profiles/cel/api.ts';
import {
  BOOL,
  DOUBLE,
  field,
  INT,
  listOf,
  MONEY,
  objectOf,
  STRING,
  TIMESTAMP,
} from '../../../src/profiles/cel/types.ts';
import type { Random } from './random.ts';

/** A small declaration with everything that profile mode adds: money, absence, instants, functions of the environment. */

export interface Money {
  readonly amount: string;
  readonly currency: string;
  readonly tiyn: number;
}

export interface Item {
  readonly no: number;
  readonly hsCode: string;
  readonly brand: string | null;
  readonly netMassKg: number;
  readonly suppQuantity: number | null;
  readonly customsValue: Money;
  readonly checked: boolean | null;
}

export interface Declaration {
  readonly lodgedAt: number;
  readonly total: Money;
  readonly items: readonly Item[];
  readonly transit: Transit | null;
}

interface Transit {
  readonly timeLimit: number;
  readonly seals: readonly string[];
  readonly guarantee: { readonly amount: Money } | null;
}

const ITEM = objectOf('item', {
  no: field(INT, 'no'),
  hsCode: field(STRING, 'hsCode'),
  brand: field(STRING, 'brand', { optional: true }),
  netMassKg: field(DOUBLE, 'netMassKg'),
  suppQuantity: field(DOUBLE, 'suppQuantity', { optional: true }),
  customsValue: field(MONEY, 'customsValue'),
  checked: field(BOOL, 'checked', { optional: true }),
});

const TRANSIT = objectOf('transit', {
  timeLimit: field(TIMESTAMP, 'timeLimit'),
  seals: field(listOf(STRING), 'seals'),
  guarantee: field(objectOf('guarantee', { amount: field(MONEY, 'amount') }), 'guarantee', { optional: true }),
});

const DECLARATION = objectOf('declaration', {
  lodgedAt: field(TIMESTAMP, 'lodgedAt'),
  total: field(MONEY, 'total'),
  items: field(listOf(ITEM), 'items'),
  transit: field(TRANSIT, 'transit', { optional: true }),
});

/** What the environment's functions do, for the compiled code and the reference alike. */
export const FUNCTIONS = {
  median: (item: Item): number | null => (item.netMassKg > 2 ? item.netMassKg / 4 : null),
  isNamed: (name: string): boolean => name.length > 2,
  orElse: (value: number | null): number => value ?? -1,
};

const variables = new Map<string, Variable>([
  ['item', { type: ITEM, js: 'item' }],
  ['declaration', { type: DECLARATION, js: 'd' }],
  ['now', { type: TIMESTAMP, js: 'now', access: 'instant' }],
  ['arrears', { type: MONEY, js: 'arrears', access: 'plain' }],
]);

export const ENVIRONMENT: Environment = {
  variables,
  functions: [
    {
      name: 'stats.median',
      params: [ITEM],
      result: DOUBLE,
      optional: true,
      fails: false,
      emit: ([item]) => `f.median(${item})`,
    },
    { name: 'isNamed', params: [STRING], result: BOOL, fails: false, emit: ([name]) => `f.isNamed(${name})` },
    {
      name: 'orElse',
      params: [DOUBLE],
      result: DOUBLE,
      acceptsAbsent: true,
      fails: false,
      emit: ([x]) => `f.orElse(${x})`,
    },
  ],
};

/** Names of the compiled function's parameters: see `argumentsOf`. */
export const PARAMETERS = ['item', 'd', 'now', 'arrears', 'f'];

export interface World {
  readonly item: Item;
  readonly declaration: Declaration;
  readonly now: number;
  readonly arrears: number;
}

export function argumentsOf({ item, declaration, now, arrears }: World): unknown[] {
  return [item, declaration, now, arrears, FUNCTIONS];
}

export function money(tiyn: number): Money {
  return { amount: (tiyn / 100).toFixed(2), currency: 'KZT', tiyn };
}

export function world(random: Random): World {
  const items = Array.from({ length: random.int(0, 3) }, (_, index) => itemOf(random, index + 1));
  const guarantee = random.chance(0.5) ? { amount: money(random.int(0, 500)) } : null;
  const seals = random.pick([[], ['KZ1'], ['KZ1', 'RU2']]);
  return {
    item: items[0] ?? itemOf(random, 1),
    declaration: {
      lodgedAt: 1_767_225_600_000 + random.int(-5, 5) * 3_600_000,
      total: money(random.int(0, 1000)),
      items,
      transit: random.chance(0.5) ? { timeLimit: 1_767_225_600_123, seals, guarantee } : null,
    },
    now: 1_767_225_600_000,
    arrears: random.pick([0, 1, 29, 1000]),
  };
}

function itemOf(random: Random, no: number): Item {
  return {
    no,
    hsCode: random.pick(['6403190000', '8517120000', '220300']),
    brand: random.pick([null, 'NIKE', 'Ab']),
    netMassKg: random.pick([0, 0.5, 2, 10, 1e200]),
    suppQuantity: random.pick([null, 0, 3]),
    customsValue: money(random.pick([0, 29, 100, 12_345, -50])),
    checked: random.pick([null, true, false]),
  };
}
