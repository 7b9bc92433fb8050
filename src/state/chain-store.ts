import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { type Database, open, type RootDatabase } from 'lmdb';
import type { ChainName } from '../wire/envelope.ts';
import { decode, encode } from '../wire/messagepack.ts';
import { type Commit, decodeCommit, GENESIS, sameBytes } from './chain.ts';

/**
 * The LMDB environment of a chain and the tables that every chain has. Values are plain bytes (own encodings), so that
 * nothing stands between what was hashed and what is stored.
 *
 * `overlappingSync: false` is what makes a commit durable before anybody, readers included, can see it: LMDB writes
 * the pages, calls fdatasync, writes the meta page through a descriptor opened for synchronous writes, and only then
 * does the promise of the write resolve. With overlapping sync a commit is visible before its sync, and a reader
 * could answer from what a power cut then takes back. Latency was the same here (0.49 against 0.54 ms p50).
 */
export interface ChainStore {
  readonly name: ChainName;
  readonly root: RootDatabase<Uint8Array, string>;
  /** Entry number → entry. */
  readonly entries: Database<Uint8Array, number>;
  /** Commit number → commit. */
  readonly commits: Database<Uint8Array, number>;
  /** `head`, and what else the chain keeps of itself. */
  readonly meta: Database<Uint8Array, string>;
}

/** What `meta` says of the chain's end: a row of its own, so that a chain cut short contradicts it. */
export interface StoredHead {
  readonly number: number;
  readonly hash: Uint8Array;
  /** Number that the next entry gets. */
  readonly next: number;
}

/** Address space, not memory or disk: large enough that the file need not be mapped anew as it grows. */
const MAP_BYTES = 64 * 1024 ** 3;

/**
 * @param readOnly The caller will not write. LMDB is opened for writing all the same where the folder allows it:
 * the threads of a process share the environment that was opened first, and one of them may be the writer.
 * @throws where the folder holds no chain and `readOnly` is set.
 */
export function openChainStore(dir: string, name: ChainName, readOnly: boolean): ChainStore {
  if (readOnly && !chainExists(dir)) throw new Error(`there is no ${name} in ${dir}`);
  const root = open<Uint8Array, string>({
    path: dir,
    maxDbs: 16,
    mapSize: MAP_BYTES,
    encoding: 'binary',
    overlappingSync: false,
    noSubdir: false,
    readOnly: readOnly && !isWritable(dir),
  });
  return {
    name,
    root,
    entries: openTable<number>(root, 'entries'),
    commits: openTable<number>(root, 'commits'),
    meta: openTable<string>(root, 'meta'),
  };
}

export function openTable<K extends string | number | (string | number)[]>(
  root: RootDatabase<Uint8Array, string>,
  name: string,
): Database<Uint8Array, K> {
  const database = root.openDB<Uint8Array, K>({ name, encoding: 'binary' }) as Database<Uint8Array, K> | undefined;
  if (database === undefined) throw new Error(`the store has no table ${name}`);
  return database;
}

export function chainExists(dir: string): boolean {
  return existsSync(`${dir}/data.mdb`);
}

/** A compacted copy, as of now, of the chain in `dir`; also beside a running service. `target` must not be there. */
export async function backUpChain(dir: string, name: ChainName, target: string): Promise<void> {
  const { root } = openChainStore(dir, name, true);
  try {
    mkdirSync(target, { recursive: true, mode: 0o700 });
    await root.backup(target, true);
  } finally {
    await root.close();
  }
}

function isWritable(dir: string): boolean {
  try {
    accessSync(`${dir}/data.mdb`, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** What the head says; the empty chain's head where nothing has been written. @throws where it cannot be read. */
export function readHead(store: ChainStore): StoredHead {
  const bytes = store.meta.get('head');
  if (bytes === undefined) return { number: 0, hash: GENESIS, next: 1 };
  const [number, hash, next] = decode(bytes) as [number, Uint8Array, number];
  const fits = Number.isSafeInteger(number) && Number.isSafeInteger(next) && hash instanceof Uint8Array;
  if (!fits) throw new Error(`the head of the ${store.name} cannot be read`);
  return { number, hash, next };
}

/** @throws where the last commit is not the one that the head names: nothing may be built on such a chain. */
export function checkedHead(store: ChainStore): StoredHead {
  const head = readHead(store);
  const last = lastCommit(store);
  const fits = last === null ? head.number === 0 : last.number === head.number && sameBytes(last.hash, head.hash);
  if (!fits) throw new Error(`the ${store.name} is damaged at commit ${head.number}: run "corridor verify"`);
  return head;
}

function lastCommit(store: ChainStore): Commit | null {
  for (const { value } of store.commits.getRange({ reverse: true, limit: 1 })) return decodeCommit(value);
  return null;
}

export function encodeHead({ number, hash, next }: StoredHead): Uint8Array {
  return encode([number, hash, next]);
}

export function readEntry(store: ChainStore, number: number): Uint8Array {
  const bytes = store.entries.get(number);
  if (bytes === undefined) throw new Error(`the ${store.name} has lost entry ${number}: run "corridor verify"`);
  return bytes;
}

export function readCommit(store: ChainStore, number: number): Commit {
  const bytes = store.commits.get(number);
  if (bytes === undefined) throw new Error(`the ${store.name} has lost commit ${number}: run "corridor verify"`);
  return decodeCommit(bytes);
}
