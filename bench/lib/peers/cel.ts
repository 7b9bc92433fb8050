import { type CelInput, CelScalar, celEnv, celFunc, celList, listType, parse, plan } from '@bufbuild/cel';
import { strings } from '@bufbuild/cel/ext';
import type { Declaration, Item } from '../../../src/core/declaration.ts';
import type { RuleList } from '../../../src/profiles/lists.ts';
import type { Case } from '../cases.ts';
import type { PeerPolicy } from './conditions.ts';
import type { Peer } from './peer.ts';

/**
 * The same CEL texts, planned once. Lists are ours, asked through functions; statistics, duties and their totals stand
 * in the values handed over. An expression in error (a field that is absent) does not hit, as in profile mode.
 */
export const cel: Peer = {
  name: '@bufbuild/cel plan()',
  profilesMax: 10_000,
  load({ profiles, lists }: PeerPolicy) {
    const clock = { at: 0 };
    const env = celEnv({ funcs: [...strings, ...functionsOf(lists, clock)] });
    const planned = profiles.map(({ id, level, text }) => ({ id, level, run: plan(env, parse(forCel(text))) }));
    const ofDeclaration = planned.filter(({ level }) => level === 'declaration');
    const ofItem = planned.filter(({ level }) => level === 'item');
    return {
      prepare: bindingsOf,
      evaluate(prepared) {
        const { at, whole, items } = prepared as Bindings;
        clock.at = at;
        const hits: string[] = [];
        for (const { id, run } of ofDeclaration) if (run(whole) === true) hits.push(`${id}:`);
        for (const [index, bindings] of items.entries()) {
          for (const { id, run } of ofItem) if (run(bindings) === true) hits.push(`${id}:${index}`);
        }
        return hits;
      },
    };
  },
};

/** Functions of ours, in terms of what CEL knows. */
function forCel(text: string): string {
  return text
    .replace(/([\w.]+) in list\("(\w+)"\)/g, 'listed("$2", $1)')
    .replace(/stats\.valuePerKg\((\w+)\)/g, '$1.valuePerKg')
    .replace(/duty\((\w+), "(\w+)"\)/g, '$1.duty.$2')
    .replace(/totalDuties\(\)/g, 'declaration.totalDuties')
    .replace(
      /hasDocument\(("\w+")\)/g,
      'declaration.documents.exists(d, d.code == $1 && (!has(d.validUntil) || d.validUntil >= now))',
    );
}

function functionsOf(lists: ReadonlyMap<string, RuleList>, clock: { readonly at: number }) {
  const { STRING, DYN, BOOL, DOUBLE } = CelScalar;
  const list = (name: string): RuleList => lists.get(name) as RuleList;
  /** Absent values are in no list. */
  const keys = (values: readonly unknown[]): [string, string, string, string] | null =>
    values.every((value) => typeof value === 'string')
      ? ([...values, '', '', ''].slice(0, 4) as [string, string, string, string])
      : null;
  const listed = (name: string, ...values: unknown[]): boolean => {
    const found = keys(values);
    return found !== null && list(name).has(clock.at, ...found);
  };
  const lookup = (name: string, column: string, ...values: unknown[]): CelInput => {
    const found = keys(values);
    const index = list(name).columns.findIndex((each) => each.name === column);
    return found === null ? null : list(name).lookup(index, clock.at, ...found);
  };
  const sum = (values: Iterable<unknown>): number =>
    [...values].reduce<number>((total, value) => total + Number(value), 0);
  return [
    celFunc('mentions', [STRING, STRING], BOOL, (text, name) => list(name).hasPhrase(clock.at, text)),
    celFunc('listed', [STRING, DYN], BOOL, listed),
    celFunc('listed', [STRING, DYN, DYN], BOOL, listed),
    celFunc('listed', [STRING, DYN, DYN, DYN], BOOL, listed),
    celFunc('lookup', [STRING, STRING, DYN], DYN, lookup),
    celFunc('lookup', [STRING, STRING, DYN, DYN], DYN, lookup),
    celFunc('sum', [listType(DYN)], DOUBLE, sum),
  ];
}

interface Bindings {
  readonly at: number;
  readonly whole: Record<string, CelInput>;
  readonly items: readonly Record<string, CelInput>[];
}

function bindingsOf({ declaration, facts }: Case): Bindings {
  const valueOfItem = (item: Item, index: number): CelInput => ({
    ...plainOf(item),
    duty: Object.fromEntries(
      ['fee', 'vat', 'excise', 'anti_dumping', 'import_duty'].map((kind) => [kind, duty(item, kind)]),
    ),
    valuePerKg: { n: 0, ...plainOf(facts.items[index]?.valuePerKg ?? {}) },
  });
  const items = declaration.items.map(valueOfItem);
  const parties = declaration.parties.map((party, index) => ({
    ...plainOf(facts.parties[index] ?? {}),
    ...plainOf(party),
  }));
  const first = (role: string) => parties[declaration.parties.findIndex((party) => party.role === role)];
  const roles = [...new Set(declaration.parties.map(({ role }) => role))];
  const trader = facts.parties.find(({ id }) => id === facts.trader.id);
  const whole: Record<string, CelInput> = {
    declaration: {
      ...plainOf(declaration),
      items: celList(items),
      parties: celList(parties),
      totalDuties: totalOf(declaration),
    },
    trader: { category: 'medium', known: false, openViolations: 0, ...plainOf(trader ?? {}), ...plainOf(facts.trader) },
    parties: Object.fromEntries(roles.map((role) => [role, first(role) ?? null])),
    now: instant(facts.receivedAt),
  };
  return { at: facts.receivedAt, whole, items: items.map((item) => ({ ...whole, item })) };
}

function duty({ duties }: Item, of: string): number {
  return duties.reduce((sum, { kind, amount }) => (kind === of ? sum + amount.tiyn : sum), 0) / 100;
}

function totalOf({ items }: Declaration): number {
  return items.reduce((sum, { duties }) => sum + duties.reduce((of, { amount }) => of + amount.tiyn, 0), 0) / 100;
}

const INSTANTS = new Set(['lodgedAt', 'issuedAt', 'validUntil', 'timeLimit', 'firstSeenAt']);
const timestamp = plan(celEnv(), parse('timestamp(at)'));

function instant(ms: number): CelInput {
  return timestamp({ at: new Date(ms).toISOString() }) as CelInput;
}

/** Money as a number of KZT, instants as timestamps; what is absent is left out. */
function plainOf(value: object): Record<string, CelInput> {
  const entries = Object.entries(value).filter(([, each]) => each !== null);
  return Object.fromEntries(
    entries.map(([name, each]) => {
      if (INSTANTS.has(name)) return [name, instant(each as number)];
      return name.endsWith('Tiyn') ? [name.slice(0, -4), (each as number) / 100] : [name, inputOf(each)];
    }),
  );
}

function inputOf(value: unknown): CelInput {
  if (Array.isArray(value)) return celList(value.map(inputOf));
  if (typeof value !== 'object' || value === null) return value as CelInput;
  return 'tiyn' in value ? (value.tiyn as number) / 100 : plainOf(value);
}
