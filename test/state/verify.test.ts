import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { decodeCommit, encodeCommit, hashOf, makeCommit } from '../../src/state/chain.ts';
import { encodeHead, readHead } from '../../src/state/chain-store.ts';
import { openLedger } from '../../src/state/ledger.ts';
import { type LedgerStore, openLedgerStore } from '../../src/state/ledger-store.ts';
import { verifyLedger } from '../../src/state/verify.ts';
import type { HeadEntry } from '../../src/wire/envelope.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { ledgerEntry } from './entries.ts';

const PER_COMMIT = 3;
const COMMITS = 5;

/** Five commits of three entries each: entry 7 is the first of commit 3. */
async function fiveCommits(): Promise<{ dir: string; heads: HeadEntry[] }> {
  const dir = join(await temporaryFolder(), 'ledger');
  const ledger = openLedger(dir);
  const heads: HeadEntry[] = [];
  for (let commit = 0; commit < COMMITS; commit++) {
    const entries = Array.from({ length: PER_COMMIT }, (_, n) => ledgerEntry(`C${commit + 1}-${n}`));
    await Promise.all(entries.map((entry) => ledger.append(entry)));
    heads.push(ledger.signedHead());
  }
  await ledger.close();
  return { dir, heads };
}

async function tamper(dir: string, change: (store: LedgerStore) => void): Promise<void> {
  const store = openLedgerStore(dir, false);
  store.root.transactionSync(() => change(store));
  await store.root.close();
}

/** Puts commits from `number` on in order again, hashes and all but the seals. */
function rehash(store: LedgerStore, number: number): void {
  let { hash } = decodeCommit(need(store.commits.get(number - 1)));
  const head = readHead(store);
  for (let at = number; at <= head.number; at++) {
    const commit = decodeCommit(need(store.commits.get(at)));
    const next = hashOf(hash, at, commit.first, commit.digests);
    store.commits.put(at, encodeCommit({ ...commit, previous: hash, hash: next }));
    hash = next;
  }
  store.meta.put('head', encodeHead({ ...head, hash }));
}

function need<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('missing');
  return value;
}

it('finds nothing wrong with a ledger that nobody touched, with or without published heads', async () => {
  const { dir, heads } = await fiveCommits();
  const whole = { ok: true, start: 0, commits: 5, entries: 15, problems: [] };
  expect(verifyLedger(dir)).toEqual({ ...whole, published: null });
  expect(verifyLedger(dir, heads)).toEqual({ ...whole, published: 5 });
});

it('names the commit and the entry of a flipped bit, wherever it is', async () => {
  for (const offset of [3, 100, 250]) {
    const { dir } = await fiveCommits();
    await tamper(dir, ({ entries }) => {
      const bytes = Buffer.from(need(entries.get(8)));
      bytes[offset] = need(bytes[offset]) ^ 1;
      entries.put(8, bytes);
    });
    expect(verifyLedger(dir).problems).toEqual([{ commit: 3, entry: 8, message: 'is not what was committed' }]);
  }
});

it('names an entry that was dropped', async () => {
  const { dir } = await fiveCommits();
  await tamper(dir, ({ entries }) => void entries.remove(9));
  expect(verifyLedger(dir).problems).toEqual([{ commit: 3, entry: 9, message: 'is missing' }]);
});

it('names a commit that was dropped', async () => {
  const { dir } = await fiveCommits();
  await tamper(dir, ({ commits }) => void commits.remove(2));
  expect(verifyLedger(dir).problems).toContainEqual({ commit: 2, message: 'is missing' });
});

it('names both of two entries, and of two commits, that were swapped', async () => {
  const entries = await fiveCommits();
  await tamper(entries.dir, (store) => {
    const [a, b] = [need(store.entries.get(4)), need(store.entries.get(11))].map((bytes) => Uint8Array.from(bytes));
    store.entries.put(4, need(b));
    store.entries.put(11, need(a));
  });
  expect(verifyLedger(entries.dir).problems.map(({ commit, entry }) => [commit, entry])).toEqual([
    [2, 4],
    [4, 11],
  ]);
  const commits = await fiveCommits();
  await tamper(commits.dir, (store) => {
    const [a, b] = [need(store.commits.get(2)), need(store.commits.get(3))].map((bytes) => Uint8Array.from(bytes));
    store.commits.put(2, need(b));
    store.commits.put(3, need(a));
  });
  const { problems } = verifyLedger(commits.dir);
  expect(problems).toContainEqual({ commit: 2, message: 'is commit 3 in its place' });
  expect(problems).toContainEqual({ commit: 3, message: 'is commit 2 in its place' });
});

it('finds a chain that was cut off: by its head, and by published heads where the head was cut too', async () => {
  const { dir, heads } = await fiveCommits();
  await tamper(dir, (store) => {
    for (const number of [4, 5]) store.commits.remove(number);
    for (let entry = 10; entry <= 15; entry++) {
      store.entries.remove(entry);
      store.identities.remove([`C${Math.ceil(entry / 3)}-${(entry - 1) % 3}`, 'local', 1]);
    }
  });
  expect(verifyLedger(dir).problems).toEqual([
    { commit: 4, message: 'is missing, and all up to 5: the ledger is cut off' },
  ]);
  expect(() => openLedger(dir)).toThrow(/damaged at commit 5/);
  await tamper(dir, (store) => {
    const { hash } = decodeCommit(need(store.commits.get(3)));
    store.meta.put('head', encodeHead({ number: 3, hash, next: 10 }));
  });
  expect(verifyLedger(dir).ok).toBe(true);
  expect(verifyLedger(dir, heads).problems.map(({ commit, message }) => `${commit} ${message}`)).toEqual([
    '4 was signed and published, and is missing: cut off',
    '5 was signed and published, and is missing: cut off',
  ]);
});

it('finds a commit that was appended by another hand, however well it fits', async () => {
  const { dir } = await fiveCommits();
  await tamper(dir, (store) => {
    const head = readHead(store);
    const bytes = Uint8Array.from(need(store.entries.get(1)));
    const commit = makeCommit(head, [bytes], Buffer.alloc(32));
    store.entries.put(16, bytes);
    store.commits.put(6, encodeCommit(commit));
    store.meta.put('head', encodeHead({ number: 6, hash: commit.hash, next: 17 }));
  });
  expect(verifyLedger(dir).problems).toContainEqual({
    commit: 6,
    message: 'its seal is not this ledger’s: the ledger did not write it',
  });
});

it('finds an entry that no commit covers, and rows that lead elsewhere', async () => {
  const stray = await fiveCommits();
  await tamper(stray.dir, (store) => void store.entries.put(99, Buffer.from('x')));
  expect(verifyLedger(stray.dir).problems).toEqual([{ commit: 5, entry: 99, message: 'belongs to no commit' }]);
  const hidden = await fiveCommits();
  await tamper(hidden.dir, ({ identities }) => void identities.remove(['C2-0', 'local', 1]));
  expect(verifyLedger(hidden.dir).problems).toEqual([{ commit: 2, entry: 4, message: 'its identity row is wrong' }]);
});

it('finds a history that was rewritten from some commit on, by its seals', async () => {
  const { dir } = await fiveCommits();
  await tamper(dir, (store) => {
    const commit = decodeCommit(need(store.commits.get(3)));
    const digests = Buffer.from(commit.digests);
    digests.fill(7, 0, 32);
    store.commits.put(3, encodeCommit({ ...commit, digests }));
    rehash(store, 3);
  });
  const { problems } = verifyLedger(dir);
  expect(problems).toContainEqual({ commit: 3, entry: 7, message: 'is not what was committed' });
  for (const commit of [3, 4, 5]) {
    expect(problems.filter(({ message }) => message.startsWith('its seal')).map((it) => it.commit)).toContain(commit);
  }
});

it('finds a history that was rewritten with the ledger’s own key, by published heads', async () => {
  const { dir, heads } = await fiveCommits();
  const keys = readFileSync(join(dirname(dir), 'keys', 'ledger.json'), 'utf8');
  rmSync(dir, { recursive: true });
  const forged = openLedger(dir);
  for (let commit = 1; commit <= COMMITS; commit++) {
    await Promise.all(Array.from({ length: PER_COMMIT }, (_, n) => forged.append(ledgerEntry(`F${commit}-${n}`))));
  }
  await forged.close();
  expect(readFileSync(join(dirname(dir), 'keys', 'ledger.json'), 'utf8')).toBe(keys);
  expect(verifyLedger(dir).ok).toBe(true);
  expect(verifyLedger(dir, heads.slice(2, 3)).problems).toEqual([
    { commit: 3, message: 'its hash is not the one that was signed and published' },
  ]);
});

it('does not take a published head on trust, and says when seals cannot be checked', async () => {
  const { dir, heads } = await fiveCommits();
  const forged = { ...need(heads[4]), hash: Buffer.alloc(32) };
  expect(verifyLedger(dir, [forged]).problems).toEqual([
    { commit: 5, message: 'a published head names it with a signature that does not fit' },
  ]);
  rmSync(join(dirname(dir), 'keys'), { recursive: true });
  expect(verifyLedger(dir).problems).toEqual([
    { commit: 0, message: 'the key file is missing: seals cannot be checked' },
  ]);
});
