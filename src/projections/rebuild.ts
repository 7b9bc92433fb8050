import { rmSync } from 'node:fs';
import type { Database, Key } from 'lmdb';
import { chainExists } from '../state/chain-store.ts';
import { asRestored, type Ledger, openLedger } from '../state/ledger.ts';
import { decodeStatus, type KnownVersion, readCursor } from '../state/models.ts';
import { closeForWriting, openForWriting, openModelsStore, prepareModels } from '../state/models-store.ts';
import type { DecisionEntry } from '../wire/envelope.ts';
import { createProjector, type PartiesMessage, type ProjectedMessage, type Projector } from './projector.ts';

/** What read models are made from: messages of either stream, and entries of a ledger that the stream has let go. */
export type SourceMessage =
  | { readonly stream: 'LEDGER'; readonly entries: readonly DecisionEntry[] }
  | ({ readonly stream: 'DECISIONS' } & ProjectedMessage<DecisionEntry>)
  | ({ readonly stream: 'PARTIES' } & PartiesMessage);

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
  let applied = 0;
  await rebuildInto(dir, async (projector) => {
    let batch: SourceMessage[] = [];
    for await (const message of source) {
      batch.push(message);
      applied += 1;
      if (batch.length < BATCH_MESSAGES) continue;
      applyAll(projector, batch);
      batch = [];
    }
    applyAll(projector, batch);
  });
  return applied;
}

function applyAll(projector: Projector, batch: readonly SourceMessage[]): void {
  projector.kept(batch.flatMap((message) => (message.stream === 'LEDGER' ? message.entries : [])));
  projector.decisions(batch.filter((message) => message.stream === 'DECISIONS'));
  projector.parties(batch.filter((message) => message.stream === 'PARTIES'));
}

/** What a ledger holds, as messages for `rebuildModels`. */
export function* ledgerSource(ledger: Ledger): Iterable<SourceMessage> {
  for (const { entry } of ledger.entries()) yield { stream: 'LEDGER', entries: [asRestored(entry)] };
}

async function rebuildInto(dir: string, fill: (projector: Projector) => Promise<void>): Promise<void> {
  rmSync(dir, { recursive: true, force: true });
  prepareModels(dir);
  const store = openForWriting(dir);
  try {
    await fill(createProjector(store));
  } finally {
    await closeForWriting(dir, store);
  }
}

/** Takes what the ledger in `dir` holds into empty read models; nothing where there is no ledger. */
export async function takeKept(projector: Projector, dir: string): Promise<void> {
  if (!chainExists(dir)) return;
  const ledger = openLedger(dir, { readOnly: true });
  try {
    let entries: DecisionEntry[] = [];
    for (const message of ledgerSource(ledger)) {
      if (message.stream === 'LEDGER') entries.push(...message.entries);
      if (entries.length < BATCH_MESSAGES) continue;
      projector.kept(entries);
      entries = [];
    }
    projector.kept(entries);
  } finally {
    await ledger.close();
  }
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
    const { parties, transit, withdrawn, traders, firsts, sketches, summaries } = store;
    const tables: [string, Database<Uint8Array, Key>][] = Object.entries({
      parties,
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

function withoutProvenance({ version, contribution }: KnownVersion): unknown {
  const { sequence: _, restored: __, ...value } = version;
  return { ...value, contribution: contribution === null ? null : Buffer.from(contribution).toString('hex') };
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
