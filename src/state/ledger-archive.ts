import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ARCHIVE_LINE_BYTES_MAX } from '../limits.ts';
import { splitLines } from '../lines.ts';
import type { HeadEntry } from '../wire/envelope.ts';
import { type Commit, countOf, DIGEST_BYTES, decodeCommit, digestOf, hashOf, sameBytes } from './chain.ts';
import { readCommit, readEntry, readHead } from './chain-store.ts';
import { CHAIN_START, type ChainStart } from './checkpoint.ts';
import { isSigned, keyFileOf, readLedgerKey } from './ledger-key.ts';
import { type LedgerStore, openLedgerStore, readCheckpoint } from './ledger-store.ts';

/**
 * A part of a ledger's chain in a file that can be checked without the ledger. Lines of JSON, bytes in base64:
 *
 *   {"archive":"corridor ledger","v":1,"follows":{"commit","hash","next"}}   the commit that the first one follows
 *   {"commit","first","digests","previous","hash"}                           then its entries, a line each:
 *   {"entry","bytes"}
 *   …
 *   {"head":{"commit","hash","signature","publicKey"}}                       the last commit, signed by the ledger
 */
export interface ArchiveSpan {
  /** The commit that the first one follows. */
  readonly follows: ChainStart;
  readonly last: { readonly commit: number; readonly hash: Uint8Array };
  readonly entries: number;
}

export interface ArchiveCheck extends ArchiveSpan {
  /** Empty where it stands. */
  readonly problems: readonly string[];
}

const KIND = 'corridor ledger';
const WRITE_BYTES = 1024 * 1024;
const PROBLEMS_MAX = 100;

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const bytesOf = (value: unknown) => Buffer.from(String(value), 'base64');

/**
 * Writes what the ledger in `dir` holds, up to a commit; also beside a running service. The file is whole or not there.
 * @throws where there is nothing to write, or no key to sign it with.
 */
export async function archiveLedger(dir: string, file: string, through: number): Promise<ArchiveSpan> {
  const store = openLedgerStore(dir, true);
  const aside = `${file}.${process.pid}`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const target = await open(aside, 'w', 0o600);
    const span = await writeSpan(store, target, through, keyFileOf(dir))
      .then(async (written) => {
        await target.sync();
        return written;
      })
      .finally(() => target.close());
    await rename(aside, file);
    await syncFolder(dirname(file));
    return span;
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  } finally {
    await store.root.close();
  }
}

/** Makes a new name in it durable. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}

async function writeSpan(
  store: LedgerStore,
  target: FileHandle,
  through: number,
  keyFile: string,
): Promise<ArchiveSpan> {
  const follows = readCheckpoint(store) ?? CHAIN_START;
  const end = Math.min(through, readHead(store).number);
  if (end <= follows.commit) throw new Error('there is nothing to archive');
  const { commit: after, hash: afterHash, next } = follows;
  let waiting = line({ archive: KIND, v: 1, follows: { commit: after, hash: text(afterHash), next } });
  let last: Commit | null = null;
  for (let number = after + 1; number <= end; number++) {
    last = readCommit(store, number);
    waiting += line(commitFields(last));
    for (const entry of entryNumbersOf(last)) {
      waiting += line({ entry, bytes: text(readEntry(store, entry)) });
      if (waiting.length < WRITE_BYTES) continue;
      await target.write(waiting);
      waiting = '';
    }
  }
  if (last === null) throw new Error('there is nothing to archive');
  const { hash, signature, publicKey } = readLedgerKey(keyFile).signHead(last.number, last.hash);
  const head = { commit: last.number, hash: text(hash), signature: text(signature), publicKey: text(publicKey) };
  await target.write(waiting + line({ head }));
  return { follows, last: { commit: last.number, hash }, entries: last.first + countOf(last) - next };
}

const line = (value: object) => `${JSON.stringify(value)}\n`;

function commitFields({ number, first, digests, previous, hash }: Commit): object {
  return {
    commit: number,
    first,
    digests: text(digests),
    previous: text(previous),
    hash: text(hash),
  };
}

function entryNumbersOf(commit: Commit): number[] {
  return Array.from({ length: countOf(commit) }, (_, index) => commit.first + index);
}

/**
 * Checks an archive by itself: every entry against its digest, every commit against the one before, the end against
 * its signature.
 * @param publicKey Whose signature is expected; null: whoever signed it.
 */
export async function verifyArchive(file: string, publicKey: Uint8Array | null): Promise<ArchiveCheck> {
  const check = new ArchiveReader();
  for await (const { bytes } of splitLines(createReadStream(file), ARCHIVE_LINE_BYTES_MAX)) {
    check.line(bytes === null ? '' : bytes.toString('utf8'));
  }
  return check.end(publicKey);
}

class ArchiveReader {
  readonly #problems: string[] = [];
  #follows: ChainStart | null = null;
  #commit = 0;
  #hash: Uint8Array = CHAIN_START.hash;
  #next = 1;
  /** Digests of entries that the last commit names and that have not come yet. */
  #expected: Uint8Array[] = [];
  #head: HeadEntry | null = null;

  line(one: string): void {
    try {
      const fields = JSON.parse(one) as Record<string, unknown>;
      if (this.#head !== null) this.#report('something stands behind its end');
      else if ('archive' in fields) this.#begin(fields);
      else if (this.#follows === null) this.#report('its beginning is missing');
      else if ('entry' in fields) this.#entry(fields);
      else if ('commit' in fields) this.#commitLine(fields);
      else this.#end(fields);
    } catch (error) {
      this.#report(`a line after commit ${this.#commit} cannot be read: ${(error as Error).message}`);
    }
  }

  end(publicKey: Uint8Array | null): ArchiveCheck {
    const head = this.#head;
    if (head === null) this.#report('it is cut off: its end is missing');
    else if (head.commit !== this.#commit || !sameBytes(head.hash, this.#hash)) this.#report('its end is another');
    else if (publicKey !== null && !sameBytes(head.publicKey, publicKey)) this.#report('another ledger signed it');
    else if (!isSigned(head)) this.#report('its signature does not fit');
    const follows = this.#follows ?? CHAIN_START;
    return {
      follows,
      last: { commit: this.#commit, hash: this.#hash },
      entries: this.#next - follows.next,
      problems: this.#problems,
    };
  }

  #begin({ archive, v, follows }: Record<string, unknown>): void {
    if (archive !== KIND || v !== 1 || this.#follows !== null) throw new Error('not an archive of this kind');
    const { commit, hash, next } = follows as { commit: number; hash: string; next: number };
    this.#follows = { commit, hash: bytesOf(hash), next };
    this.#commit = commit;
    this.#hash = this.#follows.hash;
    this.#next = next;
  }

  #commitLine({ commit, first, digests, previous, hash }: Record<string, unknown>): void {
    this.#complete();
    const number = Number(commit);
    const all = bytesOf(digests);
    if (number !== this.#commit + 1 || first !== this.#next) this.#report(`commit ${this.#commit + 1} is missing`);
    if (!sameBytes(bytesOf(previous), this.#hash)) this.#report(`commit ${number} does not follow the one before it`);
    this.#hash = bytesOf(hash);
    const covered = hashOf(bytesOf(previous), number, Number(first), all);
    if (!sameBytes(this.#hash, covered)) this.#report(`the hash of commit ${number} does not cover what it holds`);
    this.#commit = number;
    this.#next = Number(first);
    for (let at = 0; at < all.length; at += DIGEST_BYTES) this.#expected.push(all.subarray(at, at + DIGEST_BYTES));
  }

  #entry({ entry, bytes }: Record<string, unknown>): void {
    const digest = this.#expected.shift();
    const fits = entry === this.#next && digest !== undefined && sameBytes(digest, digestOf(bytesOf(bytes)));
    if (!fits) this.#report(`entry ${String(entry)} is not what was committed`);
    this.#next += 1;
  }

  #end({ head }: Record<string, unknown>): void {
    this.#complete();
    const { commit, hash, signature, publicKey } = head as Record<string, unknown>;
    this.#head = {
      commit: Number(commit),
      hash: bytesOf(hash),
      signature: bytesOf(signature),
      publicKey: bytesOf(publicKey),
    };
  }

  #complete(): void {
    if (this.#expected.length > 0) this.#report(`entries of commit ${this.#commit} are missing`);
    this.#expected = [];
  }

  #report(problem: string): void {
    if (this.#problems.length < PROBLEMS_MAX) this.#problems.push(problem);
  }
}

/**
 * Checks archives, oldest first, each against the one before, the last against the ledger in `dir`: it must lead up to
 * where the ledger begins, or into it.
 */
export async function verifyArchives(dir: string, files: readonly string[]): Promise<string[]> {
  const store = openLedgerStore(dir, true);
  try {
    const checkpoint = readCheckpoint(store);
    const problems: string[] = [];
    let before: ArchiveSpan | null = null;
    for (const file of files) {
      const check = await verifyArchive(file, checkpoint?.publicKey ?? null);
      const gap =
        before !== null && !leadsTo(before, check.follows) ? ['it does not follow the archive before it'] : [];
      problems.push(...[...check.problems, ...gap].map((problem) => `${file}: ${problem}`));
      before = check;
    }
    const start = checkpoint ?? CHAIN_START;
    if (before !== null && !leadsInto(before, start, store))
      problems.push('the ledger does not follow the last archive');
    return problems;
  } finally {
    await store.root.close();
  }
}

function leadsTo({ last }: ArchiveSpan, follows: ChainStart): boolean {
  return last.commit === follows.commit && sameBytes(last.hash, follows.hash);
}

function leadsInto(span: ArchiveSpan, start: ChainStart, store: LedgerStore): boolean {
  if (span.last.commit <= start.commit) return leadsTo(span, start);
  const row = store.commits.get(span.last.commit);
  return row !== undefined && sameBytes(decodeCommit(row).hash, span.last.hash);
}
