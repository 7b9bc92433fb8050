import type { Item } from '../../src/core/declaration.ts';
import type { PolicyBundle } from '../../src/profiles/bundle.ts';
import type { Case } from './cases.ts';

/**
 * Profiles as experts write them about goods, makers and traders. Selective: whatever their number, the same ones, so
 * the same number a item, are about something that the mix declares; the others wait for goods that do not come.
 */

/** Profiles about something that is declared, in a set that holds more than the shipped ones. */
const DECLARED = 60;

type Subject = 'goods' | 'maker' | 'trader';
const SUBJECTS: readonly Subject[] = ['goods', 'goods', 'goods', 'maker', 'trader'];
const COUNTRIES = ['CN', 'DE', 'TR', 'RU', 'UZ', 'IT', 'KR', 'US'];

/** Bundle of the shipped policy, where given, and so many profiles beside it that it holds `size` in all. */
export function selectiveBundle(size: number, shipped: PolicyBundle | null, cases: readonly Case[]): PolicyBundle {
  const files: Record<string, string> = {
    ...(shipped?.files ?? { 'policy.yaml': 'label: bench\nrandom: { lanes: [] }\n' }),
  };
  const added = size - Object.keys(files).filter((name) => name.startsWith('profiles/')).length;
  if (added !== 0 && added < DECLARED)
    throw new RangeError(`a set of ${size} has no room for ${DECLARED} profiles about declared goods`);
  const declared = valuesOf(cases);
  for (let i = 0; i < added; i++) {
    // Spread over the whole set, so that they do not lie side by side in memory.
    const id = `B-${String((i * 7919) % added).padStart(6, '0')}-${i}`;
    const subject = SUBJECTS[i % SUBJECTS.length] as Subject;
    const value = i < DECLARED ? (declared[subject][i % declared[subject].length] as string) : unheardOf(subject, i);
    files[`profiles/${id}.yaml`] = JSON.stringify(profile(id, whenOf(subject, value, i), hitOf(subject, value, i)));
  }
  return { files };
}

function valuesOf(cases: readonly Case[]): Readonly<Record<Subject, readonly string[]>> {
  const items = cases.flatMap(({ declaration }) => declaration.items);
  const distinct = (read: (item: Item) => string | null): string[] => [
    ...new Set(items.map(read).filter((value) => value !== null)),
  ];
  const traders = cases.map(({ facts }) => facts.trader.id).filter((id) => id !== null);
  return {
    goods: distinct(({ hsCode }) => hsCode.slice(0, 6)),
    maker: distinct(({ manufacturer }) => manufacturer),
    trader: [...new Set(traders)],
  };
}

/** A value of which the mix holds none: no tariff has a chapter above 97. */
function unheardOf(subject: Subject, i: number): string {
  if (subject === 'goods') return String(9_800_000_000 + i * 997);
  return subject === 'maker' ? `Maker ${i}` : `7${String(i).padStart(11, '0')}`;
}

function whenOf(subject: Subject, value: string, i: number): string {
  const country = COUNTRIES[i % COUNTRIES.length] as string;
  const other = COUNTRIES[(i * 3 + 1) % COUNTRIES.length] as string;
  const level = 200 + ((i * 37) % 400);
  if (subject === 'maker') return `item.manufacturer == "${value}" && item.netMassKg > ${level}.0`;
  if (subject === 'trader') return `trader.id == "${value}" && item.customsValue / item.netMassKg < ${level}.0`;
  return i % 2 === 0
    ? `item.hsCode.startsWith("${value}") && item.originCountry == "${country}" && item.customsValue / item.netMassKg < ${level}.0`
    : `item.hsCode.startsWith("${value}") && item.originCountry in ["${country}", "${other}"] && declaration.regime == "import" && item.netMassKg > ${level}.0`;
}

/** What the neutral declaration of a profile's tests, which it does not hit, needs to be hit. */
function hitOf(subject: Subject, value: string, i: number): object {
  const cheap = { customsValue: { amount: '1000', currency: 'KZT' } };
  const heavy = { netMassKg: 1000, grossMassKg: 1100 };
  if (subject === 'trader') return { parties: [{ id: value }], items: [cheap] };
  if (subject === 'maker') return { items: [{ manufacturer: value, ...heavy }] };
  const goods = { hsCode: value.padEnd(10, '0'), originCountry: COUNTRIES[i % COUNTRIES.length] };
  return { items: [{ ...goods, ...(i % 2 === 0 ? cheap : heavy) }] };
}

function profile(id: string, when: string, hit: object): object {
  return {
    id,
    title: `Bench ${id}`,
    target: 'undervaluation',
    corridor: 'yellow',
    measures: [{ code: 'documentary_check', instructions: 'Check.' }],
    weight: 0.1,
    when,
    tests: [
      { name: 'hits', declaration: hit, hits: true },
      { name: 'does not', hits: false },
    ],
  };
}
