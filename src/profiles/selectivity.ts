import { type Item, PARTY_ROLES } from '../core/declaration.ts';
import type { Requirement } from './atoms-of-profile.ts';
import type { Candidates } from './candidates.ts';
import type { MatchContext } from './context.ts';
import { descend, HsTrie } from './hs-trie.ts';
import type { Level } from './profile-file.ts';

/**
 * Which profiles could match, without asking each of them.
 *
 *   profile ──its most selective requirement──► entry of one index: value of a path, or HS prefix
 *   declaration, item ──their values──► a few look-ups ──► numbers of the profiles that could match
 *
 * A profile without requirement is always a candidate. The cost grows with the candidates and the paths in use, not
 * with the profiles; a look-up makes no objects.
 */

type Value = string | number | boolean | null;

interface Path {
  /** Share of declarations, or of items, that one value selects: a guess that only ranks requirements. */
  readonly share: number;
  /** `item` is null for paths of the declaration. */
  read(x: MatchContext, item: Item | null): Value;
}

const perItem = (share: number, read: (item: Item) => Value): Path => ({
  share,
  read: (_, item) => (item === null ? null : read(item)),
});
const perDeclaration = (share: number, read: (x: MatchContext) => Value): Path => ({ share, read });

const HS_PATH = 'item.hsCode';

const ITEM_PATHS: Readonly<Record<string, Path>> = {
  'item.brand': perItem(0.001, (item) => item.brand),
  'item.manufacturer': perItem(0.001, (item) => item.manufacturer),
  'item.originCountry': perItem(0.03, (item) => item.originCountry),
  'item.preference': perItem(0.05, (item) => item.preference),
  'item.suppUnit': perItem(0.2, (item) => item.suppUnit),
  'item.valuationMethod': perItem(0.2, (item) => item.valuationMethod),
};

const DECLARATION_PATHS: Readonly<Record<string, Path>> = {
  'declaration.office': perDeclaration(0.03, (x) => x.declaration.office),
  'declaration.regime': perDeclaration(0.5, (x) => x.declaration.regime),
  'declaration.procedure': perDeclaration(0.3, (x) => x.declaration.procedure),
  'declaration.previousProcedure': perDeclaration(0.2, (x) => x.declaration.previousProcedure),
  'declaration.dispatchCountry': perDeclaration(0.03, (x) => x.declaration.dispatchCountry),
  'declaration.destinationCountry': perDeclaration(0.3, (x) => x.declaration.destinationCountry),
  'declaration.tradingCountry': perDeclaration(0.03, (x) => x.declaration.tradingCountry),
  'declaration.currency': perDeclaration(0.2, (x) => x.declaration.currency),
  'declaration.incoterms': perDeclaration(0.2, (x) => x.declaration.incoterms),
  'declaration.transport.modeAtBorder': perDeclaration(0.3, (x) => x.declaration.transport?.modeAtBorder ?? null),
  'declaration.transit.documentType': perDeclaration(0.3, (x) => x.declaration.transit?.documentType ?? null),
  'trader.id': perDeclaration(0.0001, (x) => x.trader.id),
  'trader.category': perDeclaration(0.4, (x) => x.trader.category),
  ...Object.fromEntries(
    PARTY_ROLES.flatMap((role) => [
      [`parties.${role}.id`, perDeclaration(0.0001, (x) => x.parties[role]?.id ?? null)],
      [`parties.${role}.country`, perDeclaration(0.1, (x) => x.parties[role]?.country ?? null)],
      [`parties.${role}.category`, perDeclaration(0.4, (x) => x.parties[role]?.category ?? null)],
    ]),
  ),
};

/** What a profile is entered under; an empty list of requirements makes it a candidate always. */
export interface Entry {
  readonly level: Level;
  readonly requirements: readonly Requirement[];
}

/** Profiles found by the same values: those that ask one list, or those that name one literal. */
interface Group {
  readonly path: string;
  readonly values: readonly Value[];
  readonly members: number[];
}

interface Lookup {
  readonly path: Path;
  readonly postings: Map<Value, Int32Array[]>;
}

/** The index over the profiles of one level. */
class LevelIndex {
  readonly always: Int32Array;
  readonly byDeclaration: readonly Lookup[];
  readonly byItem: readonly Lookup[];
  readonly byHs = new HsTrie<Int32Array[]>();

  constructor(always: readonly number[], groups: Iterable<Group>) {
    this.always = Int32Array.from(always);
    const lookups = new Map<string, Lookup>();
    for (const { path, values, members } of groups) {
      const posting = Int32Array.from(members);
      for (const value of values) this.enter(lookups, path, value, posting);
    }
    this.byDeclaration = [...lookups].filter(([path]) => path in DECLARATION_PATHS).map(([, lookup]) => lookup);
    this.byItem = [...lookups].filter(([path]) => path in ITEM_PATHS).map(([, lookup]) => lookup);
  }

  private enter(lookups: Map<string, Lookup>, name: string, value: Value, posting: Int32Array): void {
    if (name === HS_PATH) {
      this.byHs.at(String(value), () => []).push(posting);
      return;
    }
    const path = ITEM_PATHS[name] ?? DECLARATION_PATHS[name];
    if (path === undefined) throw new Error(`no index is kept of ${name}`);
    let lookup = lookups.get(name);
    if (lookup === undefined) {
      lookup = { path, postings: new Map() };
      lookups.set(name, lookup);
    }
    const postings = lookup.postings.get(value);
    if (postings === undefined) lookup.postings.set(value, [posting]);
    else postings.push(posting);
  }

  addByDeclaration(x: MatchContext, to: Candidates): void {
    to.addAll(this.always);
    addFound(this.byDeclaration, x, null, to);
  }

  addByItem(x: MatchContext, item: Item, to: Candidates): void {
    addFound(this.byItem, x, item, to);
    if (this.byHs.isEmpty) return;
    const { hsCode } = item;
    let node = descend(this.byHs.start, hsCode, 0);
    for (let i = 1; node !== undefined; i++) {
      if (node.value !== null) for (let j = 0; j < node.value.length; j++) to.addAll(node.value[j] as Int32Array);
      node = i < hsCode.length ? descend(node, hsCode, i) : undefined;
    }
  }
}

function addFound(lookups: readonly Lookup[], x: MatchContext, item: Item | null, to: Candidates): void {
  for (let i = 0; i < lookups.length; i++) {
    const { path, postings } = lookups[i] as Lookup;
    const found = postings.get(path.read(x, item));
    if (found !== undefined) for (let j = 0; j < found.length; j++) to.addAll(found[j] as Int32Array);
  }
}

export class SelectivityIndex {
  private readonly declarationLevel: LevelIndex;
  private readonly itemLevel: LevelIndex;

  /** Profiles are known by their place in `entries`. */
  constructor(entries: readonly Entry[]) {
    this.declarationLevel = buildLevel(entries, 'declaration');
    this.itemLevel = buildLevel(entries, 'item');
  }

  /** Declaration-level profiles that could match. */
  addForDeclaration(x: MatchContext, to: Candidates): void {
    const { items } = x.declaration;
    this.declarationLevel.addByDeclaration(x, to);
    for (let i = 0; i < items.length; i++) this.declarationLevel.addByItem(x, items[i] as Item, to);
  }

  /** Item-level profiles that could match any item of this declaration. */
  addForItems(x: MatchContext, to: Candidates): void {
    this.itemLevel.addByDeclaration(x, to);
  }

  /** Item-level profiles that could match this item, beyond those of `addForItems`. */
  addForItem(x: MatchContext, item: Item, to: Candidates): void {
    this.itemLevel.addByItem(x, item, to);
  }
}

function buildLevel(entries: readonly Entry[], level: Level): LevelIndex {
  const always: number[] = [];
  const groups = new Map<string, Group>();
  for (const [member, entry] of entries.entries()) {
    if (entry.level !== level) continue;
    const chosen = mostSelective(entry.requirements);
    if (chosen === null) always.push(member);
    else enter(groups, chosen, member);
  }
  return new LevelIndex(always, groups.values());
}

function enter(groups: Map<string, Group>, { path, values, list }: Requirement, member: number): void {
  const shared = list === null ? values.map((value) => [value]) : [values];
  for (const of of shared) {
    const key = `${path}\n${list === null ? `${typeof of[0]} ${String(of[0])}` : `list ${list.name}`}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { path, values: of, members: [member] });
    else if (group.members.at(-1) !== member) group.members.push(member);
  }
}

/** The requirement that the fewest declarations or items are likely to meet; null where none can be looked up. */
export function mostSelective(requirements: readonly Requirement[]): Requirement | null {
  let best: Requirement | null = null;
  let least = 1;
  for (const requirement of requirements) {
    const share = shareOf(requirement);
    if (share >= least) continue;
    best = requirement;
    least = share;
  }
  return best;
}

/** Guessed share of items or declarations that meet a requirement; 1 where it cannot be looked up. */
function shareOf({ kind, path, values }: Requirement): number {
  if (path === HS_PATH) return shareOfHs(values);
  if (kind === 'prefix') return 1;
  const share = (ITEM_PATHS[path] ?? DECLARATION_PATHS[path])?.share ?? 1;
  return Math.min(1, share * values.length);
}

/** Two digits of an HS code select about an eighth of items, each further digit a third of that. */
function shareOfHs(values: readonly Value[]): number {
  let share = 0;
  for (const value of values) {
    if (typeof value !== 'string' || !/^\d+$/.test(value)) return 1;
    share += 0.125 * 3 ** (2 - value.length);
  }
  return Math.min(1, share);
}
