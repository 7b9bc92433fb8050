import { readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { rowsOf } from '../../src/backtest/segment.ts';
import { segmentsOfLedger } from '../../src/backtest/segment-files.ts';
import { type Ledger, openLedger } from '../../src/state/ledger.ts';
import type { PlacedEntry } from '../../src/state/ledger-entry.ts';
import { declaration } from '../helpers/declaration.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { entryOf, recordOf } from '../ingress/record.ts';

let ledger: Ledger;
let dir: string;
let appended = 0;

beforeEach(async () => {
  const folder = await temporaryFolder();
  ledger = openLedger(join(folder, 'ledger'));
  dir = join(folder, 'history');
  appended = 0;
});
afterEach(() => ledger.close());

async function append(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const of = declaration({ id: `D-${String(++appended).padStart(3, '0')}` });
    const finding = { corridor: 'red', decision: {}, facts: {}, category: 'medium' } as const;
    await ledger.append(entryOf(of, 'decided', recordOf('local', of, finding)));
  }
}

function ids(from: Pick<Ledger, 'entries' | 'head'> = ledger, size = 10): string[] {
  return [...segmentsOfLedger(from, dir, size)].flatMap((part) => {
    const bytes = part instanceof Uint8Array ? part : readBytes(part.file);
    return [...rowsOf(bytes)].map(({ declaration }) => declaration.id);
  });
}

const readBytes = (file: string) => readFileSync(file);
const numbered = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => `D-${String(from + i).padStart(3, '0')}`);

it('gives everything once, in its order, however often and however much is new', async () => {
  expect(ids()).toEqual([]);
  for (const more of [3, 9, 25, 1]) {
    await append(more);
    expect(ids()).toEqual(numbered(1, appended));
    expect(ids()).toEqual(numbered(1, appended));
  }
  expect(readdirSync(dir).length).toBeGreaterThan(1);
});

it('lets go of what the ledger has let go', async () => {
  await append(35);
  ids();
  const kept = [...ledger.entries()].filter(({ entry }) => entry.identity.id > 'D-020');
  const pruned = { head: () => ledger.head(), entries: (from = 1) => later(kept, from) };
  expect(ids(pruned)).toEqual(numbered(21, 35));
  expect(ids(pruned)).toEqual(numbered(21, 35));
});

function* later(entries: readonly PlacedEntry[], from: number): Iterable<PlacedEntry> {
  for (const each of entries) if (each.commit >= from) yield each;
}

it('does not take what was half written', async () => {
  await append(25);
  ids();
  const [first = ''] = readdirSync(dir);
  renameSync(join(dir, first), join(dir, `${first}.new`));
  expect(ids()).toEqual(numbered(1, 25));
});
