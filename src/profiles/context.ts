import {
  type Declaration,
  type Item,
  PARTY_ROLES,
  type Party,
  type PartyRole,
  traderIndex,
} from '../core/declaration.ts';
import type { Category, Facts, PartyFacts, TraderFacts, WindowFacts } from '../core/facts.ts';
import { fail } from './cel/errors.ts';
import { instant, type Timestamp } from './cel/time.ts';
import type { ListValue } from './list-file.ts';
import type { RuleList } from './lists.ts';

/** What an expression sees of one party: its facts with what the declaration says of it. */
export class PartyView {
  role: PartyRole = 'importer';
  id = '';
  name: string | null = null;
  country = '';
  category: Category = 'medium';
  known = false;
  authorisedOperator = false;
  openViolations = 0;
  arrearsTiyn = 0;

  set(party: Party, facts: PartyFacts | undefined): void {
    this.role = party.role;
    this.id = party.id;
    this.name = party.name;
    this.country = party.country;
    this.category = facts?.category ?? 'medium';
    this.known = facts?.known ?? false;
    this.authorisedOperator = facts?.authorisedOperator ?? false;
    this.openViolations = facts?.openViolations ?? 0;
    this.arrearsTiyn = facts?.arrearsTiyn ?? 0;
  }
}

const NOTHING: WindowFacts = Object.freeze({ count: 0, valueTiyn: 0 });

/** What an expression sees of the trader: the facts of its party with its history. */
export class TraderView {
  id: string | null = null;
  category: Category = 'medium';
  known = false;
  authorisedOperator = false;
  openViolations = 0;
  arrearsTiyn = 0;
  firstSeenAt: number | null = null;
  d1 = NOTHING;
  d7 = NOTHING;
  d30 = NOTHING;
  d90 = NOTHING;

  set(party: PartyFacts | undefined, history: TraderFacts): void {
    this.id = history.id ?? party?.id ?? null;
    this.category = party?.category ?? 'medium';
    this.known = party?.known ?? false;
    this.authorisedOperator = party?.authorisedOperator ?? false;
    this.openViolations = party?.openViolations ?? 0;
    this.arrearsTiyn = party?.arrearsTiyn ?? 0;
    this.firstSeenAt = history.firstSeenAt;
    this.d1 = history.d1;
    this.d7 = history.d7;
    this.d30 = history.d30;
    this.d90 = history.d90;
  }
}

/** Values per kg of goods of which nothing is known. */
export interface QuantileView {
  readonly n: number;
  readonly p05: number | null;
  readonly p25: number | null;
  readonly p50: number | null;
  readonly p75: number | null;
  readonly p95: number | null;
}
const UNKNOWN: QuantileView = Object.freeze({ n: 0, p05: null, p25: null, p50: null, p75: null, p95: null });

/**
 * Everything that compiled expressions read besides the declaration and the item, and the functions that they call.
 * One per profile set, filled anew for each declaration, so that evaluation makes no objects.
 */
export class MatchContext {
  declaration!: Declaration;
  facts!: Facts;
  item: Item | null = null;
  itemIndex = -1;
  receivedAt = 0;
  /** Counts the declarations: what was computed of an earlier one no longer holds. */
  epoch = 0;
  readonly trader = new TraderView();
  /** The first party of each role; null where the declaration names none. */
  readonly parties = Object.fromEntries(PARTY_ROLES.map((role) => [role, null])) as Record<PartyRole, PartyView | null>;
  private readonly views = Object.fromEntries(PARTY_ROLES.map((role) => [role, new PartyView()])) as Record<
    PartyRole,
    PartyView
  >;
  /** The roles that are not null. */
  private readonly named: PartyRole[] = [];

  begin(declaration: Declaration, facts: Facts): void {
    this.epoch++;
    this.declaration = declaration;
    this.facts = facts;
    this.item = null;
    this.itemIndex = -1;
    this.receivedAt = facts.receivedAt;
    this.trader.set(facts.parties[traderIndex(declaration)], facts.trader);
    for (let role = this.named.pop(); role !== undefined; role = this.named.pop()) this.parties[role] = null;
    for (let i = 0; i < declaration.parties.length; i++) {
      const party = declaration.parties[i] as Party;
      if (this.parties[party.role] !== null) continue;
      const view = this.views[party.role];
      view.set(party, facts.parties[i]);
      this.parties[party.role] = view;
      this.named.push(party.role);
    }
  }

  onItem(index: number): Item {
    const item = this.declaration.items[index] as Item;
    this.item = item;
    this.itemIndex = index;
    return item;
  }

  valuePerKg(item: Item): QuantileView {
    const index = item === this.item ? this.itemIndex : this.declaration.items.indexOf(item);
    return this.facts.items[index]?.valuePerKg ?? UNKNOWN;
  }

  /** Whether a document of this code is named that is not expired at event time. */
  hasDocument(code: string): boolean {
    const { documents } = this.declaration;
    for (let i = 0; i < documents.length; i++) {
      const document = documents[i];
      if (document?.code !== code) continue;
      if (document.validUntil === null || document.validUntil >= this.receivedAt) return true;
    }
    return false;
  }

  /** Duties of this kind on the item, in tiyn. */
  duty(item: Item, kind: string): number {
    let sum = 0;
    for (let i = 0; i < item.duties.length; i++) {
      const duty = item.duties[i];
      if (duty?.kind === kind) sum += duty.amount.tiyn;
    }
    return sum;
  }

  /** All duties of all items, in tiyn. */
  totalDuties(): number {
    let sum = 0;
    for (const { duties } of this.declaration.items) for (const { amount } of duties) sum += amount.tiyn;
    return sum;
  }

  /** Of money in tiyn, or of doubles. @throws where the sum is beyond what a double holds. */
  sum(values: readonly number[]): number {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[i] as number;
    return Number.isFinite(sum) ? sum : fail('the sum is not a finite number');
  }

  sumOfInts(values: readonly number[]): number {
    const sum = this.sum(values);
    return Number.isSafeInteger(sum) ? sum : fail('the sum is out of range: ±(2^53 - 1)');
  }

  /** A date of a list, absent where its cell is empty. */
  timestamp(value: ListValue): Timestamp | null {
    return typeof value === 'number' ? instant(value) : null;
  }

  mentions(text: string, list: RuleList): boolean {
    return list.hasPhrase(this.receivedAt, text);
  }
}
