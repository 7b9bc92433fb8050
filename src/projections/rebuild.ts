import { rmSync } from 'node:fs';
import type { Database, Key } from 'lmdb';
import { decodeStatus, type KnownVersion, readCursor, type StatusVersion } from '../state/models.ts';
import { closeForWriting, openForWriting, openModelsStore, prepareModels } from '../state/models-store.ts';
import type { DecisionEntry, PartyEntry } from '../wire/envelope.ts';
import { createProjector, type ProjectedMessage } from './projector.ts';

/** What read models are made from: messages of either stream, and entries of a ledger that the stream has let go. */
export type SourceMessage =
  | { readonly stream: 'LEDGER'; readonly entries: readonly DecisionEntry[] }
  | ({ readonly stream: 'DECISIONS' } & ProjectedMessage<DecisionEntry>)
  | ({ readonly stream: 'PARTIES' } & ProjectedMessage<PartyEntry>);

/** Messages applied in one transaction. */
const BATCH_MESSAGES = 256;

/**
 * Deletes the read models in `dir` and makes them anew: the same values as following the streams gave. Entries of a
 * ledger go first, for what is older than the stream keeps. Nothing else may have them open.
 * @returns how many messages were applied.
 */
export async function rebuildModels(
  dir: string,
  source: Iterable<SourceMessage> | AsyncIterable<SourceMessage>,
): Promise<number> {
  rmSync(dir, { recursive: true, force: true });
  prepareModels(dir);
  const store = openForWriting(dir);
  const projector = createProjector(store);
  let batch: SourceMessage[] = [];
  let applied = 0;
  const flush = (): void => {
    projector.kept(batch.flatMap((message) => (message.stream === 'LEDGER' ? message.entries : [])));
    projector.decisions(batch.filter((message) => message.stream === 'DECISIONS'));
    projector.parties(batch.filter((message) => message.stream === 'PARTIES'));
    applied += batch.length;
    batch = [];
  };
  try {
    for await (const message of source) {
      batch.push(message);
      if (batch.length >= BATCH_MESSAGES) flush();
    }
    flush();
  } finally {
    await closeForWriting(dir, store);
  }
  return applied;
}

/**
 * Every value of the read models, a line each, in a fixed order: equal models give equal lines. How a value came about
 * (sequence, restored or not, how often the stream began anew) is left out.
 */
export function* dumpModels(dir: string): Iterable<string> {
  const store = openModelsStore(dir);
  try {
    for (const { key, value } of store.status.getRange({})) {
      yield line('status', key, decodeStatus(value).map(withoutProvenance));
    }
    for (const stream of ['DECISIONS', 'PARTIES']) yield line('position', stream, readCursor(store, stream).position);
    const { parties, contributions, transit, withdrawn, traders, firsts, sketches, summaries } = store;
    const tables: [string, Database<Uint8Array, Key>][] = Object.entries({
      parties,
      contributions,
      transit,
      withdrawn,
      traders,
      firsts,
      sketches,
      summaries,
    }) as never;
    for (const [name, table] of tables) {
      for (const { key, value } of table.getRange({})) yield line(name, key, Buffer.from(value).toString('hex'));
    }
  } finally {
    void store.root.close();
  }
}

function withoutProvenance({ version }: KnownVersion): Omit<StatusVersion, 'sequence' | 'restored'> {
  const { sequence: _, restored: __, ...value } = version;
  return value;
}

function line(table: string, key: unknown, value: unknown): string {
  return `${table} ${JSON.stringify(key)} ${JSON.stringify(value)}`;
}

/** The first `limit` lines that only one of the two has, marked − (first) and + (second); empty where they are equal. */
export function compareModels(first: string, second: string, limit = 20): string[] {
  const a = dumpModels(first)[Symbol.iterator]();
  const b = dumpModels(second)[Symbol.iterator]();
  const differences: string[] = [];
  while (differences.length < limit) {
    const [x, y] = [a.next(), b.next()];
    if (x.done === true && y.done === true) break;
    if (x.value === y.value) continue;
    if (x.done !== true) differences.push(`- ${x.value}`);
    if (y.done !== true) differences.push(`+ ${y.value}`);
  }
  a.return?.();
  b.return?.();
  return differences;
}
