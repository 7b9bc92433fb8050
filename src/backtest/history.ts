import type { Ledger, LedgerEntry } from '../state/ledger.ts';
import { decisionOf, declarationOf, factsOf, openRecord } from '../wire/record.ts';
import type { HistoryRow } from './segment.ts';

type Readable = Pick<Ledger, 'entries' | 'head'>;

/** What a decided entry of the ledger was made of; null for a withdrawal and for what was set aside. */
export function rowOf({ identity, outcome, record }: LedgerEntry): HistoryRow | null {
  if (outcome !== 'decided') return null;
  const parts = openRecord(record);
  const { corridor, policyVersion, reasons: all } = decisionOf(parts);
  const reasons = all.map(({ kind, code, settled }) => ({ kind, code, settled }));
  const { submitter } = identity;
  return { declaration: declarationOf(parts), facts: factsOf(parts), submitter, corridor, policyVersion, reasons };
}

/** The newest decisions, the oldest of them first. A commit may hold one of them or hundreds. */
export function newestRows(ledger: Readable, count: number): HistoryRow[] {
  const { commit: last } = ledger.head();
  for (let commits = Math.max(64, Math.ceil(count / 64)); ; commits *= 4) {
    const from = Math.max(1, last - commits + 1);
    const entries = [...ledger.entries(from)].map(({ entry }) => entry).filter(({ outcome }) => outcome === 'decided');
    if (entries.length < count && from > 1) continue;
    return entries.slice(-count).map((entry) => rowOf(entry) as HistoryRow);
  }
}
