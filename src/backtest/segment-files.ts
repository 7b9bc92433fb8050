import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Ledger } from '../state/ledger.ts';
import { rowOf } from './history.ts';
import { SegmentWriter } from './segment.ts';

/** `<first commit>-<last commit>.segment`, both in 12 digits. */
const NAME = /^(\d{12})-(\d{12})\.segment$/;

export interface SegmentFile {
  readonly file: string;
  readonly firstCommit: number;
  readonly lastCommit: number;
}

export interface LedgerParts {
  readonly files: readonly string[];
  /** What is too little for a file yet. */
  readonly rest: Uint8Array | null;
  /** Whether that is all. */
  readonly complete: boolean;
}

/** As `segmentsOfLedger`, but stops after so many new files: the rest is for the next call. */
export function ledgerParts(
  ledger: Pick<Ledger, 'entries' | 'head'>,
  dir: string,
  size: number,
  newMax: number,
): LedgerParts {
  const files: string[] = [];
  const known = existsSync(dir) ? readdirSync(dir).length : 0;
  for (const part of segmentsOfLedger(ledger, dir, size)) {
    if (part instanceof Uint8Array) return { files, rest: part, complete: true };
    files.push(part.file);
    if (files.length >= known + newMax) return { files, rest: null, complete: false };
  }
  return { files, rest: null, complete: true };
}

/**
 * Brings the segments in `dir` up to the ledger: what it has let go is deleted, what is new is added. Yields every
 * segment in order; the last part, too small for a file, as bytes. Can be stopped and begun again at any place.
 */
export function* segmentsOfLedger(
  ledger: Pick<Ledger, 'entries' | 'head'>,
  dir: string,
  size: number,
): Iterable<SegmentFile | Uint8Array> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  let next = [...firstOf(ledger.entries())][0]?.commit ?? Infinity;
  for (const segment of segmentsIn(dir)) {
    // It holds what the ledger has let go, or what another one holds.
    if (segment.firstCommit < next) {
      rmSync(segment.file);
      continue;
    }
    if (segment.firstCommit > next) yield* newSegments(ledger, dir, size, next, segment.firstCommit - 1);
    yield segment;
    next = segment.lastCommit + 1;
  }
  yield* newSegments(ledger, dir, size, next, Infinity);
}

function* firstOf<T>(values: Iterable<T>): Iterable<T> {
  for (const value of values) {
    yield value;
    return;
  }
}

/** Those that are there, in their order. */
function segmentsIn(dir: string): SegmentFile[] {
  return readdirSync(dir)
    .sort()
    .flatMap((name) => {
      const [, first, last] = NAME.exec(name) ?? [];
      if (first === undefined || last === undefined) return [];
      return [{ file: join(dir, name), firstCommit: Number(first), lastCommit: Number(last) }];
    });
}

/** A segment ends with a commit, so that it is known where the next one begins. */
function* newSegments(
  ledger: Pick<Ledger, 'entries'>,
  dir: string,
  size: number,
  fromCommit: number,
  lastCommit: number,
): Iterable<SegmentFile | Uint8Array> {
  if (fromCommit > lastCommit || fromCommit === Infinity) return;
  let writer = new SegmentWriter();
  let first = fromCommit;
  let last = fromCommit;
  for (const { commit, entry } of ledger.entries(fromCommit)) {
    if (commit > lastCommit) break;
    if (commit !== last && writer.rows >= size) {
      yield written(dir, first, last, writer.take());
      writer = new SegmentWriter();
      first = commit;
    }
    last = commit;
    const row = rowOf(entry);
    if (row !== null) writer.add(row);
  }
  if (lastCommit !== Infinity) yield written(dir, first, lastCommit, writer.take());
  else if (writer.rows > 0) yield writer.take();
}

/** Whole or not at all. */
function written(dir: string, firstCommit: number, lastCommit: number, bytes: Uint8Array): SegmentFile {
  const digits = (commit: number) => String(commit).padStart(12, '0');
  const file = join(dir, `${digits(firstCommit)}-${digits(lastCommit)}.segment`);
  writeFileSync(`${file}.new`, bytes, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return { file, firstCommit, lastCommit };
}
