import type { InheritedFacts } from '../core/facts.ts';
import type { Ledger, LedgerEntry } from '../state/ledger.ts';
import type { Models } from '../state/models.ts';
import type { DecisionEntry, Outcome } from '../wire/envelope.ts';
import { type Identity, identityKey } from '../wire/identity.ts';
import type { Replies } from './replies.ts';
import { type Standing, standingOf } from './standing.ts';

/** One version of a declaration, as far as this ingress knows: from its ledger, else from the read model. */
export interface KnownVersion extends Standing {
  readonly version: number;
  readonly outcome: Outcome;
  readonly receivedAt: number;
}

/** What is known of declarations decided here or at another ingress. */
export interface Known {
  /** Ascending, without gaps. */
  versions(submitter: string, id: string): KnownVersion[];
  /** Place in DECISIONS of a decision that was made at another ingress; null where none is known. */
  elsewhere(identity: Identity): number | null;
  /** That decision, kept in our ledger before it is answered; null where the stream has it no more. */
  fetch(identity: Identity, sequence: number): Promise<LedgerEntry | null>;
  withdrawnLike(traderId: string, hs6: readonly string[], at: number): InheritedFacts | null;
}

export interface KnownDeps {
  readonly ledger: Pick<Ledger, 'append' | 'get' | 'latestVersion' | 'versions'>;
  readonly models: Pick<Models, 'refresh' | 'status' | 'withdrawnLike'>;
  readonly replies: Pick<Replies, 'decidedElsewhere'>;
  readonly fetchDecision: (sequence: number, identity: Identity) => Promise<DecisionEntry | null>;
}

export function createKnown({ ledger, models, replies, fetchDecision }: KnownDeps): Known {
  return {
    versions(submitter, id) {
      const merged = new Map<number, KnownVersion>();
      for (const version of models.status(submitter, id)?.versions ?? []) merged.set(version.version, version);
      // Reading records costs something: most ids are new.
      if (ledger.latestVersion(submitter, id) > 0) {
        for (const entry of ledger.versions(submitter, id)) merged.set(entry.identity.version, knownVersion(entry));
      }
      return [...merged.values()].sort((a, b) => a.version - b.version);
    },
    elsewhere(identity) {
      models.refresh();
      const seen = replies.decidedElsewhere(identityKey(identity));
      if (seen !== null) return seen;
      const status = models.status(identity.submitter, identity.id);
      return status?.versions.find(({ version }) => version === identity.version)?.sequence ?? null;
    },
    async fetch(identity, sequence) {
      const entry = await fetchDecision(sequence, identity);
      if (entry === null) return null;
      const { submitter, id, version, outcome, receivedAt, hash, record } = entry;
      return ledger.append({ identity: { submitter, id, version }, outcome, receivedAt, hash, record });
    },
    withdrawnLike: (traderId, hs6, at) => models.withdrawnLike(traderId, hs6, at),
  };
}

function knownVersion(entry: LedgerEntry): KnownVersion {
  const { identity, outcome, receivedAt } = entry;
  return { version: identity.version, outcome, receivedAt, ...standingOf(entry) };
}
