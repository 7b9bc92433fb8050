import type { Random } from './random.ts';

/** Numbers and names as they are made out, all invented. */

/** The check digit of a BIN or IIN: mod 11 with weights 1…11, then 3…11,1,2; null where there is none. */
export function checkDigit(eleven: string): number | null {
  for (const shift of [0, 2]) {
    let sum = 0;
    for (let place = 0; place < 11; place++) sum += Number(eleven[place]) * (((place + shift) % 11) + 1);
    if (sum % 11 < 10) return sum % 11;
  }
  return null;
}

function checked(random: Random, head: string): string {
  for (;;) {
    const eleven = head + random.digits(11 - head.length);
    const digit = checkDigit(eleven);
    if (digit !== null) return eleven + digit;
  }
}

/** Business identification number: year and month of registration, kind of entity (4: resident), head office. */
export function bin(random: Random): string {
  const year = String(random.integer(1, 25)).padStart(2, '0');
  return checked(random, `${year}${String(random.integer(1, 12)).padStart(2, '0')}40`);
}

/** Individual identification number of a sole trader: birth date, century and sex. */
export function iin(random: Random): string {
  const [year, month, day] = [random.integer(55, 99), random.integer(1, 12), random.integer(1, 28)];
  const date = [year, month, day].map((part) => String(part).padStart(2, '0')).join('');
  return checked(random, `${date}${random.integer(3, 4)}`);
}

const FIRST = [
  'Altyn',
  'Saryarka',
  'Tengri',
  'Zhetysu',
  'Ak Bulak',
  'Nomad',
  'Steppe',
  'Alatau',
  'Kokshe',
  'Samruk',
  'Asyl',
  'Bereke',
  'Dala',
  'Yrys',
  'Kyran',
  'Meruert',
  'Nur',
  'Orda',
  'Sunkar',
  'Turan',
  'Ulytau',
  'Shanyrak',
  'Eurasia',
  'Baiterek',
  'Aray',
  'Kazyna',
  'Tulpar',
  'Zhibek',
  'Arman',
  'Akzhol',
  'Ertis',
  'Silk Way',
  'Dostar',
  'Almaly',
  'Caspi',
  'Inju',
  'Kainar',
];
const SECOND = [
  'Trade',
  'Import',
  'Group',
  'Service',
  'Market',
  'Invest',
  'Stroy',
  'Tekhnika',
  'Pharm',
  'Agro',
  'Food',
  'Textile',
  'Electro',
  'Metall',
  'Auto',
  'Distribution',
  'Commerce',
  'Supply',
  'Holding',
  'Partner',
  'Mebel',
  'Impex',
  'Asia',
];
const SURNAMES = [
  'Akhmetov',
  'Omarov',
  'Kim',
  'Ibraev',
  'Suleimenov',
  'Ivanov',
  'Tsoi',
  'Nurpeisov',
  'Zhumabaev',
  'Sadykova',
  'Abenova',
  'Serikbay',
  'Petrenko',
  'Kaliyev',
  'Yusupov',
  'Dauletova',
  'Mukhamedzhanov',
  'Kenzhebek',
  'Lee',
  'Rakhimova',
];

export function companyName(random: Random): string {
  return `TOO ${random.pick(FIRST)} ${random.pick(SECOND)}${random.chance(0.35) ? ` ${random.integer(2, 99)}` : ''}`;
}

export function soleTraderName(random: Random): string {
  return `IP ${random.pick(SURNAMES)} ${String.fromCharCode(65 + random.below(26))}.`;
}

const ABROAD: Readonly<Record<string, readonly [places: readonly string[], forms: readonly string[]]>> = {
  CN: [
    [
      'Yiwu',
      'Guangzhou',
      'Urumqi',
      'Ningbo',
      'Shandong',
      'Zhejiang',
      'Shenzhen',
      'Foshan',
      'Hebei',
      'Xinjiang',
      'Qingdao',
    ],
    [
      'Trading Co Ltd',
      'Import and Export Co Ltd',
      'Industry Co Ltd',
      'Technology Co Ltd',
      'International Trade Co Ltd',
    ],
  ],
  TR: [
    ['Istanbul', 'Bursa', 'Gaziantep', 'Izmir', 'Konya', 'Denizli'],
    ['Dis Ticaret AS', 'Sanayi ve Ticaret Ltd Sti'],
  ],
  DE: [
    ['Hamburg', 'Stuttgart', 'Nordrhein', 'Leipzig', 'Hessen'],
    ['Handels GmbH', 'Technik GmbH', 'AG'],
  ],
  UZ: [
    ['Tashkent', 'Samarkand', 'Fergana', 'Andijan'],
    ['Savdo MChJ', 'Export MChJ'],
  ],
};
const ANYWHERE: readonly [readonly string[], readonly string[]] = [
  ['Global', 'Continental', 'United', 'Prime', 'Delta', 'Orient', 'Central', 'Royal'],
  ['Trading Ltd', 'Export SA', 'Industries Ltd', 'Supply LLC', 'Company Ltd'],
];
const MIDDLE = [
  'Hongda',
  'Yongsheng',
  'Baolin',
  'Sunrise',
  'Ada',
  'Yildiz',
  'Nova',
  'Longxin',
  'Mega',
  'Kaya',
  'Wanli',
  'Best',
];

export interface ForeignParty {
  readonly id: string;
  readonly name: string;
  readonly country: string;
}

export function foreignParty(random: Random, country: string): ForeignParty {
  const [places, forms] = ABROAD[country] ?? ANYWHERE;
  const name = `${random.pick(places)} ${random.pick(MIDDLE)} ${random.pick(forms)}`;
  return { id: `${country}-${random.digits(8)}`, name, country };
}

/** Number plate of a lorry, a wagon, a ship's or flight's name: what carries the goods at the border. */
export function meansOf(random: Random, mode: string, country: string): { id: string; nationality: string } {
  if (mode === '20') return { id: random.digits(8), nationality: country === 'CN' ? 'KZ' : country };
  if (mode === '10') return { id: `MV CASPIAN ${random.integer(1, 40)}`, nationality: 'KZ' };
  if (mode === '40' || mode === '50') return { id: `KC${random.integer(100, 999)}`, nationality: 'KZ' };
  const nationality = random.chance(0.5) ? 'KZ' : (['CN', 'TR', 'UZ', 'KG', 'PL', 'LT'][random.below(6)] ?? 'KZ');
  return {
    id: `${random.digits(3)}${letters(random, 3)}${String(random.integer(1, 20)).padStart(2, '0')}`,
    nationality,
  };
}

export function letters(random: Random, length: number): string {
  let text = '';
  while (text.length < length) text += 'ABCDEFGHJKLMNPRSTUVXYZ'[random.below(22)];
  return text;
}

/** Container number with the check digit of ISO 6346. */
export function container(random: Random): string {
  const head = `${random.pick(['TEMU', 'CXDU', 'MSKU', 'TKRU', 'CAIU', 'SEGU'])}${random.digits(6)}`;
  let sum = 0;
  for (let place = 0; place < head.length; place++) sum += letterValue(head.charCodeAt(place)) * 2 ** place;
  return `${head}${(sum % 11) % 10}`;
}

/** Digits count as themselves, letters from 10 up, leaving out the multiples of 11. */
function letterValue(code: number): number {
  if (code < 65) return code - 48;
  const value = code - 55;
  return value + Math.floor((value - 1) / 10);
}

/** Movement reference number: year, country, 13 characters, check digit (ISO 6346 as in the Common Transit Convention). */
export function mrn(year: number, office: string, serial: string): string {
  const head = `${String(year % 100).padStart(2, '0')}KZ${office}${serial.padStart(8, '0')}`;
  let sum = 0;
  for (let place = 0; place < head.length; place++) sum += letterValue(head.charCodeAt(place)) * 2 ** place;
  return `${head}${(sum % 11) % 10}`;
}
