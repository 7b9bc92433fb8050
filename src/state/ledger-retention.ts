import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { LEDGER_SLICE_ENTRIES } from '../limits.ts';
import type { Identity } from '../wire/identity.ts';
import { countOf } from './chain.ts';
import { readCommit, readHead } from './chain-store.ts';
import type { ChainStart } from './checkpoint.ts';
import type { Kept } from './ledger-entry.ts';
import { decodeNumber, encodeNumber, keptOf, type LedgerStore } from './ledger-store.ts';

/** Whole commits from the chain's start that leave in one transaction. */
export interface Slice {
  /** Where the chain begins without them. */
  readonly start: ChainStart;
  readonly commits: readonly number[];
  readonly entries: readonly { readonly number: number; readonly kept: Kept }[];
  /** Declarations of it → the highest version of each that leaves, or left before. */
  readonly departed: ReadonlyMap<string, number>;
  /** How many of them had no such row. */
  readonly newlyDeparted: number;
}

/** Commits looked at before other work gets its turn. */
const LOOK_SLICE = 64;

/**
 * The last commit of the longest run from the start in which every decision was received before this time (epoch
 * milliseconds); the commit before the start where there is none. Policies alone never leave, they would only come again
 * at the end; nor does the chain's last commit, on which the next one builds.
 */
export async function lastCommitBefore(store: LedgerStore, start: ChainStart, beforeMs: number): Promise<number> {
  const end = readHead(store).number;
  let last = start.commit;
  for (let commit = start.commit + 1; commit < end; commit++) {
    if (commit % LOOK_SLICE === 0) await turn();
    const decisions = [...keptOf(store, commit)].flatMap(({ kept }) => (kept.kind === 'decision' ? [kept.entry] : []));
    if (decisions.some(({ receivedAt }) => receivedAt >= beforeMs)) break;
    if (decisions.length > 0) last = commit;
  }
  return last;
}

/** The next slice up to this commit: LEDGER_SLICE_ENTRIES at most, or one commit; null where nothing is left. */
export function readSlice(store: LedgerStore, start: ChainStart, through: number): Slice | null {
  const last = Math.min(through, readHead(store).number - 1);
  const commits: number[] = [];
  const entries: { number: number; kept: Kept }[] = [];
  let next: ChainStart = start;
  for (let number = start.commit + 1; number <= last; number++) {
    const { hash, first, digests } = readCommit(store, number);
    const count = countOf({ digests });
    if (commits.length > 0 && entries.length + count > LEDGER_SLICE_ENTRIES) break;
    commits.push(number);
    entries.push(...keptOf(store, number));
    next = { commit: number, hash, next: first + count };
  }
  if (commits.length === 0) return null;
  return { start: next, commits, entries, ...departing(store, entries) };
}

function departing(store: LedgerStore, entries: Slice['entries']): Pick<Slice, 'departed' | 'newlyDeparted'> {
  const departed = new Map<string, number>();
  let newlyDeparted = 0;
  for (const { kept } of entries) {
    if (kept.kind === 'policy') continue;
    const { submitter, id, version } = kept.entry.identity;
    const key = departedKey(submitter, id);
    const before = departed.get(key) ?? departedVersion(store, submitter, id);
    if (before === 0) newlyDeparted += 1;
    departed.set(key, Math.max(before, version));
  }
  return { departed, newlyDeparted };
}

/** Takes the slice out, all but what must stay known. Within a transaction that also stores the checkpoint. */
export function removeSlice(store: LedgerStore, { commits, entries, departed }: Slice): void {
  for (const { number, kept } of entries) {
    store.entries.remove(number);
    if (kept.kind === 'decision') removeIdentity(store, kept.entry.identity);
  }
  for (const commit of commits) store.commits.remove(commit);
  for (const [key, version] of departed) store.departed.put(key, encodeNumber(version));
}

function removeIdentity(store: LedgerStore, { submitter, id, version }: Identity): void {
  store.identities.remove([id, submitter, version]);
}

/** Highest version of a declaration whose decisions have left the ledger; 0 where none has. */
export function departedVersion(store: LedgerStore, submitter: string, id: string): number {
  const row = store.departed.get(departedKey(submitter, id));
  return row === undefined ? 0 : decodeNumber(row);
}

/** 128 bits of SHA-256: what has left is known again, not read. */
function departedKey(submitter: string, id: string): string {
  return createHash('sha256').update(`${submitter}\n${id}`).digest().subarray(0, 16).toString('base64url');
}
