import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';

/**
 * The read models' LMDB environment. Nothing in it is synced: it is made from the streams, and made again where it
 * cannot be trusted. A process that dies harms nothing, since the pages are the kernel's by then; a machine that dies
 * may leave a torn file. Hence a mark beside it: which boot wrote last, and whether that was closed and synced.
 */
export interface ModelsStore {
  readonly root: RootDatabase<Uint8Array, string>;
  /** `role\nid` → party, with the changes of its category. */
  readonly parties: Database<Uint8Array, string>;
  /** `submitter\nid` → its versions, each with what it adds to the statistics. */
  readonly status: Database<Uint8Array, string>;
  /** (MRN, rank, event time, submitter, id) → a transit declaration that claims the MRN: the first of them counts. */
  readonly transit: Database<Uint8Array, TransitKey>;
  /** `trader id\nHS6` → withdrawn goods. */
  readonly withdrawn: Database<Uint8Array, string>;
  /** Trader id → day buckets. */
  readonly traders: Database<Uint8Array, string>;
  /** (trader id, event time, submitter, id): its declarations in the order they came. */
  readonly firsts: Database<Uint8Array, FirstKey>;
  /** (HS code, origin, month) → sketch, but for the latest month. */
  readonly sketches: Database<Uint8Array, [string, string, number]>;
  /** `HS code\norigin` → summary, and the latest month's sketch. */
  readonly summaries: Database<Uint8Array, string>;
  /** Running number → declarations in the order they were applied: see `Retention`. */
  readonly queue: Database<Uint8Array, number>;
  /** `position:STREAM`. */
  readonly meta: Database<Uint8Array, string>;
}

export type TransitKey = [mrn: string, rank: number, receivedAt: number, submitter: string, id: string];
export type FirstKey = [traderId: string, eventAt: number, submitter: string, id: string];

/** Counts up where rows change: read models of another layout are made anew. */
const LAYOUT = 5;
/** Address space, not memory or disk. */
const MAP_BYTES = 64 * 1024 ** 3;

/**
 * Deletes read models that a machine left behind when it went down, and those of another layout. To be called once, before any thread opens them.
 * Returns whether they were deleted.
 */
export function prepareModels(dir: string): boolean {
  mkdirSync(dir, { recursive: true });
  if (isTrusted(dir)) return false;
  for (const file of ['data.mdb', 'lock.mdb']) rmSync(join(dir, file), { force: true });
  mark(dir, false);
  return true;
}

/** @throws where a machine left the folder behind when it went down: see `prepareModels`. */
export function openModelsStore(dir: string): ModelsStore {
  mkdirSync(dir, { recursive: true });
  if (!isTrusted(dir))
    throw new Error(`${dir} was not closed before the machine went down, or has another layout: it must be made anew`);
  // Never read-only for LMDB: within a process all threads share the environment that was opened first.
  const root = open<Uint8Array, string>({
    path: dir,
    maxDbs: 16,
    maxReaders: 256,
    mapSize: MAP_BYTES,
    encoding: 'binary',
    noSync: true,
    noSubdir: false,
  });
  const table = <K extends string | number | (string | number)[]>(name: string): Database<Uint8Array, K> =>
    root.openDB<Uint8Array, K>({ name, encoding: 'binary' });
  return {
    root,
    parties: table('parties'),
    status: table('status'),
    transit: table('transit'),
    withdrawn: table('withdrawn'),
    traders: table('traders'),
    firsts: table('firsts'),
    sketches: table('sketches'),
    summaries: table('summaries'),
    queue: table('queue'),
    meta: table('meta'),
  };
}

/** For the one writer: from now on, only what `closeForWriting` has synced outlives a reboot. */
export function openForWriting(dir: string): ModelsStore {
  const store = openModelsStore(dir);
  mark(dir, false);
  return store;
}

export async function closeForWriting(dir: string, store: ModelsStore): Promise<void> {
  await store.root.close();
  syncFile(join(dir, 'data.mdb'));
  mark(dir, true);
}

interface Mark {
  readonly layout: number;
  readonly boot: string;
  readonly clean: boolean;
}

function isTrusted(dir: string): boolean {
  if (!existsSync(join(dir, 'data.mdb'))) return true;
  try {
    const { layout, boot, clean } = JSON.parse(readFileSync(join(dir, 'mark.json'), 'utf8')) as Mark;
    return layout === LAYOUT && (clean || boot === bootId());
  } catch {
    return false;
  }
}

function mark(dir: string, clean: boolean): void {
  const aside = join(dir, `mark.${process.pid}`);
  writeFileSync(aside, JSON.stringify({ layout: LAYOUT, boot: bootId(), clean } satisfies Mark));
  syncFile(aside);
  renameSync(aside, join(dir, 'mark.json'));
}

function syncFile(path: string): void {
  const file = openSync(path, 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Where the system does not tell, no boot is like another, and only what was closed is trusted. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return `${process.pid} ${performance.timeOrigin}`;
  }
}
