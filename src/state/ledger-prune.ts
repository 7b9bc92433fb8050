import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LEDGER_SLICE_PAUSE_MS } from '../limits.ts';
import { decodeCommit, sameBytes } from './chain.ts';
import { CHAIN_START } from './checkpoint.ts';
import type { Ledger } from './ledger.ts';
import { archiveLedger, verifyArchive } from './ledger-archive.ts';
import { lastCommitBefore } from './ledger-retention.ts';
import { openLedgerStore, readCheckpoint } from './ledger-store.ts';

export interface PruneOptions {
  /** Epoch milliseconds: decisions received before it leave. */
  readonly before: number;
  /** An archive of what leaves: made where it is not there, verified in any case. */
  readonly archive: string | { readonly folder: string };
  /** Asked between slices: true ends it there, as whole as before. */
  readonly stopped?: () => boolean;
}

export interface Pruned {
  /** Commits that left. */
  readonly commits: number;
  /** Null where nothing had to leave. */
  readonly archive: string | null;
}

/**
 * Lets whole commits leave the ledger in `dir` from its start on, once an archive of them has been verified; a slice at
 * a time, with pauses for those who append.
 * @throws where the archive does not stand, or does not hold all that is to leave.
 */
export async function pruneLedger(ledger: Ledger, dir: string, options: PruneOptions): Promise<Pruned> {
  const first = ledger.past.start().commit + 1;
  const through = await lastToLeave(dir, options.before);
  if (through < first) return { commits: 0, archive: null };
  const { archive } = options;
  const file = typeof archive === 'string' ? archive : join(archive.folder, `ledger-${first}-${through}.ndjson`);
  if (!existsSync(file)) await archiveLedger(dir, file, through);
  const held = await mustHold(file, ledger, dir);
  while ((await ledger.past.dropSlice(Math.min(through, held))) && options.stopped?.() !== true) {
    await delay(LEDGER_SLICE_PAUSE_MS);
  }
  return { commits: ledger.past.start().commit + 1 - first, archive: file };
}

/** The last commit whose decisions were all received before this time, like those of all before it. */
export async function lastToLeave(dir: string, before: number): Promise<number> {
  const store = openLedgerStore(dir, true);
  try {
    return await lastCommitBefore(store, readCheckpoint(store) ?? CHAIN_START, before);
  } finally {
    await store.root.close();
  }
}

/** The last commit that the archive holds, of this ledger's chain and from its start on. */
async function mustHold(file: string, ledger: Ledger, dir: string): Promise<number> {
  const { problems, follows, last } = await verifyArchive(file, ledger.signedHead().publicKey);
  if (problems.length > 0) throw new Error(`the archive ${file} does not stand: ${problems[0]}`);
  const start = ledger.past.start();
  const store = openLedgerStore(dir, true);
  try {
    const row = store.commits.get(last.commit);
    const fits = row !== undefined && sameBytes(decodeCommit(row).hash, last.hash);
    if (!fits || follows.commit > start.commit) throw new Error(`the archive ${file} is not of what is to leave`);
  } finally {
    await store.root.close();
  }
  return last.commit;
}
