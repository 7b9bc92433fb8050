import { WITHDRAWAL_MEMORY_DAYS } from '../limits.ts';
import { isWithinDays } from '../state/calendar.ts';
import { type KnownVersion, type TransitModel, transitKey } from '../state/models.ts';
import { decodeWithdrawn, encodeWithdrawn, type WithdrawnGoods } from '../state/models-rows.ts';
import type { ModelsStore } from '../state/models-store.ts';
import { encode } from '../wire/messagepack.ts';
import { type Contribution, decodeContribution } from './contribution.ts';
import { Statistics } from './statistics.ts';

/**
 * What a whole declaration, with all its versions, does to the other read models. It follows from its versions alone:
 * the latest decided one counts, at the event time of the first, so that an amendment replaces and never adds; if the
 * last one is a withdrawal, nothing counts any more, and like goods inherit from it.
 */
export interface Effect {
  readonly submitter: string;
  readonly id: string;
  readonly eventAt: number;
  /** Null unless the declaration is withdrawn. */
  readonly withdrawnAt: number | null;
  readonly contribution: Contribution;
  /** The contribution as stored, to tell whether anything has changed. */
  readonly bytes: Uint8Array;
}

interface Named {
  readonly submitter: string;
  readonly id: string;
}

/** A version's contribution with its stored form. */
export interface Stored {
  readonly contribution: Contribution;
  readonly bytes: Uint8Array;
}

export class Effects {
  readonly #store: ModelsStore;
  readonly #statistics: Statistics;

  constructor(store: ModelsStore) {
    this.#store = store;
    this.#statistics = new Statistics(store);
  }

  /**
   * Null where no version is decided.
   * @param fresh The contribution of a version that has just come: it need not be decoded.
   */
  of({ submitter, id }: Named, versions: readonly KnownVersion[], fresh: Stored | null = null): Effect | null {
    const first = versions[0];
    const last = versions.at(-1);
    const counting = versions.findLast(({ version }) => version.outcome === 'decided');
    const bytes = counting?.contribution ?? null;
    if (first === undefined || last === undefined || bytes === null) return null;
    const withdrawnAt = last.version.outcome === 'withdrawn' ? last.version.receivedAt : null;
    const contribution = fresh?.bytes === bytes ? fresh.contribution : decodeContribution(bytes);
    return { submitter, id, eventAt: first.version.receivedAt, withdrawnAt, contribution, bytes };
  }

  /** Takes away what the declaration did before and does what it does now. */
  replace(before: Effect | null, after: Effect | null): void {
    if (before !== null && after !== null && isSame(before, after)) return;
    if (before !== null) this.#change(before, -1);
    if (after !== null) this.#change(after, 1);
  }

  /**
   * Drops the rows of a declaration that is forgotten, and those of a trader or of goods that nothing later was
   * counted for. What it adds to other rows stays there until it falls out of their windows.
   */
  forget({ submitter, id }: Named, versions: readonly KnownVersion[], lastAt: number): void {
    const eventAt = versions[0]?.version.receivedAt ?? lastAt;
    const effect = this.of({ submitter, id }, versions);
    if (effect !== null && effect.withdrawnAt !== null) this.#remember(effect, effect.withdrawnAt, -1);
    if (effect?.contribution.transit) this.#claim(effect, effect.contribution.transit, -1);
    for (const { contribution } of versions) {
      if (contribution === null) continue;
      const { traderId, items } = decodeContribution(contribution);
      if (traderId !== null) this.#statistics.forgetDeclaration({ traderId, submitter, id, eventAt }, lastAt);
      for (const [hsCode, origin, bucket] of items) {
        if (bucket !== null) this.#statistics.forgetValue(hsCode, origin, lastAt);
      }
    }
  }

  flush(): void {
    this.#statistics.flush();
  }

  /** The transaction was given up. */
  clear(): void {
    this.#statistics.clear();
  }

  #change(effect: Effect, by: 1 | -1): void {
    if (effect.withdrawnAt === null) this.#count(effect, by);
    else this.#remember(effect, effect.withdrawnAt, by);
    if (effect.contribution.transit !== null) this.#claim(effect, effect.contribution.transit, by);
  }

  #count({ submitter, id, eventAt, contribution }: Effect, by: 1 | -1): void {
    const { traderId, valueTiyn, items } = contribution;
    if (traderId !== null) {
      this.#statistics.countDeclaration({ traderId, submitter, id, eventAt, valueTiyn }, by);
    }
    for (const [hsCode, origin, bucket] of items) {
      if (bucket !== null) this.#statistics.countValue(hsCode, origin, bucket, eventAt, by);
    }
  }

  /** Withdrawn goods, by trader and six-digit code. */
  #remember({ submitter, id, contribution }: Effect, withdrawnAt: number, by: 1 | -1): void {
    const { traderId, items, corridor, draw } = contribution;
    if (traderId === null) return;
    const goods: WithdrawnGoods = { submitter, declarationId: id, corridor, draw, withdrawnAt };
    for (const code of new Set(items.map(([hsCode]) => hsCode.slice(0, 6)))) {
      const key = `${traderId}\n${code}`;
      const row = this.#store.withdrawn.get(key);
      const kept = (row === undefined ? [] : decodeWithdrawn(row)).filter(
        (other) => other.submitter !== submitter || other.declarationId !== id,
      );
      if (by === 1) kept.push(goods);
      const latest = Math.max(...kept.map((other) => other.withdrawnAt));
      const fresh = kept.filter((other) => isWithinDays(latest, other.withdrawnAt, WITHDRAWAL_MEMORY_DAYS * 2));
      fresh.sort((a, b) => a.withdrawnAt - b.withdrawnAt || compare(keyOf(a), keyOf(b)));
      if (fresh.length === 0) this.#store.withdrawn.remove(key);
      else this.#store.withdrawn.put(key, encodeWithdrawn(fresh));
    }
  }

  #claim({ withdrawnAt }: Effect, transit: TransitModel, by: 1 | -1): void {
    const claim: TransitModel = { ...transit, withdrawn: withdrawnAt !== null };
    if (by === 1) this.#store.transit.put(transitKey(claim), encode(claim));
    else this.#store.transit.remove(transitKey(claim));
  }
}

function isSame(a: Effect, b: Effect): boolean {
  return a.eventAt === b.eventAt && a.withdrawnAt === b.withdrawnAt && Buffer.compare(a.bytes, b.bytes) === 0;
}

function keyOf({ submitter, declarationId }: { submitter: string; declarationId: string }): string {
  return `${submitter}\n${declarationId}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
