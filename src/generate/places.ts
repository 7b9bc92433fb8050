import type { Random } from './random.ts';

/**
 * Where declarations are lodged. The posts are real; their five-digit codes have the form that the State Revenue
 * Committee uses, but are not taken from its register: an office list is configuration of whoever runs this.
 */
export interface Office {
  readonly code: string;
  readonly name: string;
  readonly kind: 'road' | 'rail' | 'air' | 'sea' | 'inland';
  /** Countries whose goods come in here, for a border post. */
  readonly towards: readonly string[];
  readonly weight: number;
}

const EAST = ['CN', 'KR', 'JP', 'TW', 'VN', 'TH', 'MY', 'ID', 'HK', 'PH', 'MN', 'NZ'];
const SOUTH = ['UZ', 'TJ', 'KG', 'AF', 'IN', 'PK', 'LK', 'BD'];
const CASPIAN = ['AZ', 'GE', 'TR', 'IR', 'TM', 'AE', 'EG', 'AM', 'UA', 'GR', 'BG', 'MD', 'IQ'];

const OFFICES: readonly Office[] = [
  { code: '55302', name: 'Nur Zholy', kind: 'road', towards: EAST, weight: 9 },
  { code: '55303', name: 'Khorgos', kind: 'rail', towards: EAST, weight: 6 },
  { code: '55305', name: 'Altynkol', kind: 'rail', towards: EAST, weight: 5 },
  { code: '55309', name: 'Kalzhat', kind: 'road', towards: EAST, weight: 2 },
  { code: '55310', name: 'Dostyk', kind: 'rail', towards: EAST, weight: 6 },
  { code: '57302', name: 'Bakhty', kind: 'road', towards: EAST, weight: 2 },
  { code: '57303', name: 'Maikapshagay', kind: 'road', towards: EAST, weight: 2 },
  { code: '58301', name: 'Konysbaev', kind: 'road', towards: SOUTH, weight: 5 },
  { code: '58302', name: 'Kazygurt', kind: 'road', towards: SOUTH, weight: 3 },
  { code: '58304', name: 'Saryagash', kind: 'rail', towards: SOUTH, weight: 5 },
  { code: '54305', name: 'Kordai', kind: 'road', towards: ['KG'], weight: 2 },
  { code: '51303', name: 'Aktau seaport', kind: 'sea', towards: CASPIAN, weight: 4 },
  { code: '51304', name: 'Kuryk port', kind: 'sea', towards: CASPIAN, weight: 3 },
  { code: '51306', name: 'Bolashak', kind: 'rail', towards: ['TM', 'IR', 'AE', 'AF'], weight: 2 },
  { code: '55501', name: 'Almaty airport', kind: 'air', towards: [], weight: 6 },
  { code: '50501', name: 'Astana airport', kind: 'air', towards: [], weight: 3 },
  { code: '55401', name: 'Almaty customs clearance centre', kind: 'inland', towards: [], weight: 16 },
  { code: '55402', name: 'Zhetysu', kind: 'inland', towards: [], weight: 6 },
  { code: '50401', name: 'Astana customs clearance centre', kind: 'inland', towards: [], weight: 9 },
  { code: '58401', name: 'Shymkent', kind: 'inland', towards: [], weight: 5 },
  { code: '50601', name: 'Karaganda', kind: 'inland', towards: [], weight: 4 },
  { code: '50602', name: 'Kostanay', kind: 'inland', towards: [], weight: 3 },
  { code: '50603', name: 'Pavlodar', kind: 'inland', towards: [], weight: 3 },
  { code: '50604', name: 'Ust-Kamenogorsk', kind: 'inland', towards: [], weight: 3 },
  { code: '50605', name: 'Aktobe', kind: 'inland', towards: [], weight: 3 },
  { code: '50606', name: 'Uralsk', kind: 'inland', towards: [], weight: 2 },
  { code: '50607', name: 'Atyrau', kind: 'inland', towards: [], weight: 4 },
  { code: '50608', name: 'Petropavlovsk', kind: 'inland', towards: [], weight: 2 },
];

export const INLAND = OFFICES.filter(({ kind }) => kind === 'inland');
const BORDER = OFFICES.filter(({ kind }) => kind !== 'inland' && kind !== 'air');
const AIRPORTS = OFFICES.filter(({ kind }) => kind === 'air');

export function heaviest(random: Random, offices: readonly Office[]): Office {
  let at = random.unit() * offices.reduce((sum, { weight }) => sum + weight, 0);
  for (const office of offices) {
    at -= office.weight;
    if (at < 0) return office;
  }
  return offices[0] as Office;
}

/** Modes of transport, EAEU classifier: 10 sea, 20 rail, 30 road, 40 air, 50 post and express. */
export type Mode = '10' | '20' | '30' | '40' | '50';

/** The post through which goods of this country pass in this mode. */
export function borderOffice(random: Random, country: string, mode: Mode): Office {
  if (mode === '40' || mode === '50') return heaviest(random, AIRPORTS);
  const kind = mode === '20' ? 'rail' : mode === '10' ? 'sea' : 'road';
  const facing = BORDER.filter(({ towards }) => towards.includes(country));
  const fitting = facing.filter((office) => office.kind === kind);
  if (fitting.length > 0) return heaviest(random, fitting);
  // Europe and the Americas come over Russia, without a border inside the Union: cleared inland.
  return heaviest(random, facing.length > 0 ? facing : INLAND);
}

/** How goods from a country usually travel; dear goods fly. */
export function usualMode(random: Random, country: string, usdPerKg: number, lineKg: number): Mode {
  if (usdPerKg > 60 && lineKg < 1500 && random.chance(0.6)) return random.chance(0.2) ? '50' : '40';
  if (CASPIAN.includes(country)) return random.chance(0.35) ? '10' : '30';
  if (EAST.includes(country)) return random.chance(lineKg > 10_000 ? 0.75 : 0.4) ? '20' : '30';
  return random.chance(lineKg > 15_000 ? 0.55 : 0.15) ? '20' : '30';
}

/** Freight to the border in percent of the price of the goods, median by mode. */
export const FREIGHT_PERCENT: Readonly<Record<Mode, number>> = { '10': 4.5, '20': 4, '30': 5.5, '40': 7, '50': 9 };

/** Document that travels with the goods, by mode. */
export const WAYBILL: Readonly<Record<Mode, string>> = {
  '10': '02011',
  '20': '02013',
  '30': '02015',
  '40': '02017',
  '50': '02017',
};

const CURRENCIES: Readonly<Record<string, readonly string[]>> = {
  CN: ['CNY', 'USD', 'USD'],
  TR: ['USD', 'EUR', 'TRY'],
  RU: ['RUB'],
  KG: ['USD', 'RUB'],
  UZ: ['USD', 'USD', 'UZS'],
  JP: ['JPY', 'USD'],
  KR: ['KRW', 'USD', 'USD'],
  GB: ['GBP', 'USD'],
  AE: ['USD', 'AED'],
  TJ: ['USD', 'RUB'],
};
const EURO = ['AT', 'BE', 'BG', 'CZ', 'DE', 'ES', 'FI', 'FR', 'GR', 'IE', 'IT', 'LV', 'NL', 'PL', 'PT', 'SI'];

export function usualCurrency(random: Random, country: string): string {
  const known = CURRENCIES[country];
  if (known !== undefined) return random.pick(known);
  return EURO.includes(country) && random.chance(0.85) ? 'EUR' : 'USD';
}

/** Countries that transit crosses Kazakhstan between. */
export const TRANSIT_ROUTES: readonly (readonly [from: string, to: string, weight: number])[] = [
  ['CN', 'UZ', 10],
  ['CN', 'KG', 7],
  ['CN', 'TJ', 4],
  ['CN', 'RU', 6],
  ['CN', 'AZ', 2],
  ['CN', 'GE', 2],
  ['CN', 'TR', 3],
  ['CN', 'DE', 3],
  ['CN', 'PL', 3],
  ['CN', 'AF', 2],
  ['CN', 'TM', 2],
  ['TR', 'KG', 3],
  ['TR', 'UZ', 2],
  ['DE', 'UZ', 2],
  ['PL', 'KG', 1.5],
  ['UZ', 'CN', 2],
  ['IR', 'RU', 1],
  ['AE', 'KG', 1.5],
  ['KR', 'UZ', 2],
  ['DE', 'CN', 1.5],
];
