import { decode, encode } from '../wire/messagepack.ts';

/**
 * What DECISIONS has let go, as a ledger remembers it: when the stream no longer held messages up to `sequence`, every
 * node had taken in what stands in commits up to `commit`. Nobody needs it published again, unless the stream is
 * rolled back to a time when it still held those messages.
 */
export interface SettledMark {
  /** When the stream was created (ISO 8601). */
  readonly created: string;
  readonly sequence: number;
  readonly commit: number;
}

const MARKS_MAX = 64;

/** The last commit that a stream which begins at this sequence need not hold; 0: none. */
export function settledThrough(
  marks: readonly SettledMark[],
  { created, firstSequence }: { readonly created: string; readonly firstSequence: number },
): number {
  let commit = 0;
  for (const mark of marks) {
    if (mark.created === created && mark.sequence >= firstSequence) break;
    commit = mark.commit;
  }
  return commit;
}

/** Past MARKS_MAX every second of the older half goes: the farther back, the coarser. */
export function withMark(marks: readonly SettledMark[], mark: SettledMark): SettledMark[] {
  const all = [...marks, mark];
  return all.length <= MARKS_MAX ? all : all.filter((_, index) => index >= MARKS_MAX / 2 || index % 2 === 0);
}

export function encodeMarks(marks: readonly SettledMark[]): Uint8Array {
  return encode(marks.map(({ created, sequence, commit }) => [created, sequence, commit]));
}

export function decodeMarks(bytes: Uint8Array): SettledMark[] {
  const rows = decode(bytes) as [string, number, number][];
  return rows.map(([created, sequence, commit]) => ({ created, sequence, commit }));
}
