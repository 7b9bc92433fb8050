import { copyFileSync, mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAudit } from '../../src/access/audit.ts';
import { verifyAudit } from '../../src/access/audit-verify.ts';
import {
  type Commit,
  countOf,
  DIGEST_BYTES,
  decodeCommit,
  digestOf,
  encodeCommit,
  hashOf,
  makeCommit,
  sealOf,
} from '../../src/state/chain.ts';
import {
  type ChainStore,
  encodeHead,
  openChainStore,
  readCommit,
  readEntry,
  readHead,
} from '../../src/state/chain-store.ts';
import { type ChainProblem, unknowable, type Verification } from '../../src/state/chain-verify.ts';
import { openLedger } from '../../src/state/ledger.ts';
import { openLedgerKey } from '../../src/state/ledger-key.ts';
import { verifyLedger } from '../../src/state/verify.ts';
import type { ChainName, HeadEntry } from '../../src/wire/envelope.ts';
import { auditEvent } from '../access/events.ts';
import { ledgerEntry } from './entries.ts';

/** Ways to tamper with a chain, each found with its place, in every chain alike. */
const SIZES = [1, 3, 2, 4, 1, 2, 3, 2];
const COMMITS = SIZES.length;
const ENTRIES = SIZES.reduce((sum, size) => sum + size, 0);
/** Commits whose heads have left the machine. */
const PUBLISHED = [2, 5, 6];

interface Kind {
  readonly name: ChainName;
  append(dir: string, ids: readonly string[][], keyFile: string): Promise<HeadEntry[]>;
  verify(dir: string, heads: readonly HeadEntry[], keyFile: string): Verification;
}

const KINDS: readonly Kind[] = [
  {
    name: 'ledger',
    async append(dir, ids, keyFile) {
      const ledger = openLedger(dir, { keyFile });
      const heads = await appendAll(
        ids,
        (id) => ledger.append(ledgerEntry(id)),
        () => ledger.signedHead(),
      );
      await ledger.close();
      return heads;
    },
    verify: verifyLedger,
  },
  {
    name: 'audit',
    async append(dir, ids, keyFile) {
      const audit = openAudit(dir, { keyFile });
      const heads = await appendAll(
        ids,
        (id) => audit.append(auditEvent(id)),
        () => audit.signedHead(),
      );
      await audit.close();
      return heads;
    },
    verify: verifyAudit,
  },
];

async function appendAll(
  ids: readonly string[][],
  append: (id: string) => Promise<unknown>,
  head: () => HeadEntry,
): Promise<HeadEntry[]> {
  const heads: HeadEntry[] = [];
  for (const commit of ids) {
    await Promise.all(commit.map(append));
    heads.push(head());
  }
  return heads;
}

const idsOf = (prefix: string) =>
  SIZES.map((size, c) => Array.from({ length: size }, (_, n) => `${prefix}${c + 1}-${n}`));

describe.each(KINDS)('a tampered $name', (kind) => {
  let root: string;
  let dir: string;
  let keyFile: string;
  let heads: HeadEntry[];
  let published: HeadEntry[];
  let copies = 0;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'corridor-chain-'));
    dir = join(root, kind.name);
    keyFile = join(root, 'keys', 'ledger.json');
    heads = await kind.append(dir, idsOf('C'), keyFile);
    published = heads.filter(({ commit }) => PUBLISHED.includes(commit));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  const sealKey = () => openLedgerKey(keyFile, kind.name).sealKey;

  /** What verification says of a copy that was changed so. */
  async function tampered(change: (store: ChainStore) => void, against = published): Promise<Verification> {
    const copy = join(root, `copy-${++copies}`);
    mkdirSync(copy);
    copyFileSync(join(dir, 'data.mdb'), join(copy, 'data.mdb'));
    const store = openChainStore(copy, kind.name, false);
    store.root.transactionSync(() => {
      change(store);
    });
    await store.root.close();
    const result = kind.verify(copy, against, keyFile);
    await rm(copy, { recursive: true, force: true });
    return result;
  }

  const always = <T>(arbitrary: fc.Arbitrary<T>, property: (value: T) => Promise<void>) =>
    fc.assert(fc.asyncProperty(arbitrary, property), { numRuns: 60 });

  const commits = fc.integer({ min: 1, max: COMMITS });
  const entries = fc.integer({ min: 1, max: ENTRIES });
  const pairOf = (one: fc.Arbitrary<number>) => fc.tuple(one, one).filter(([a, b]) => a !== b);
  const flip = fc.record({ at: fc.nat(), mask: fc.integer({ min: 1, max: 255 }) });

  it('stands as it was, and says what cannot be known', async () => {
    const whole = await tampered(() => undefined);
    expect(whole).toEqual({ ok: true, start: 0, commits: COMMITS, entries: ENTRIES, published: 6, problems: [] });
    const rewritten = 'whoever holds machine and key could have rewritten them';
    expect(unknowable(whole)).toBe(`commits 7 to 8 are sealed but their head has not left this machine: ${rewritten}`);
    expect(unknowable(await tampered(() => undefined, heads))).toBeNull();
    const alone = unknowable(await tampered(() => undefined, []));
    expect(alone).toBe(`no head that left this machine is at hand: commits 1 to 8 are sealed, but ${rewritten}`);
    const nothing: Verification = { ok: true, start: 0, commits: 0, entries: 0, published: null, problems: [] };
    expect(unknowable(nothing)).toMatch(/there may have been commits that are gone$/);
  });

  it('names the entry in which a byte was flipped', () =>
    always(fc.tuple(entries, flip), async ([entry, how]) => {
      const { problems } = await tampered(({ entries: rows }) => rows.put(entry, flipped(rows.get(entry), how)));
      expect(problems).toEqual([{ ...placeOf(entry), message: 'is not what was committed' }]);
    }));

  it('names the commit in which a byte was flipped', () =>
    always(fc.tuple(commits, flip), async ([commit, how]) => {
      const { problems } = await tampered(({ commits: rows }) => rows.put(commit, flipped(rows.get(commit), how)));
      expect(problems[0]).toMatchObject({ commit });
    }));

  it('finds a flipped byte of the head', () =>
    always(flip, async (how) => {
      const { problems } = await tampered(({ meta }) => meta.put('head', flipped(meta.get('head'), how)));
      expect(problems).toHaveLength(1);
      expect(problems[0]?.message).toMatch(/head|cut off|appended/);
    }));

  it('names an entry, or a commit, that was dropped', async () => {
    await always(entries, async (entry) => {
      const { problems } = await tampered(({ entries: rows }) => void rows.remove(entry));
      expect(problems).toEqual([{ ...placeOf(entry), message: 'is missing' }]);
    });
    await always(commits, async (commit) => {
      const { problems } = await tampered(({ commits: rows }) => void rows.remove(commit));
      expect(problems.some((one) => one.commit === commit && one.message.includes('is missing'))).toBe(true);
    });
  });

  it('names both of two entries, and of two commits, that were swapped', async () => {
    await always(pairOf(entries), async ([a, b]) => {
      const { problems } = await tampered(({ entries: rows }) => swap(rows, a, b));
      const places = [a, b].sort((x, y) => x - y).map(placeOf);
      expect(problems).toEqual(places.map((place) => ({ ...place, message: 'is not what was committed' })));
    });
    await always(pairOf(commits), async ([a, b]) => {
      const { problems } = await tampered(({ commits: rows }) => swap(rows, a, b));
      expect(problems).toContainEqual({ commit: a, message: `is commit ${b} in its place` });
      expect(problems).toContainEqual({ commit: b, message: `is commit ${a} in its place` });
    });
  });

  it('names what is cut off up to the last head that left, though the stored head was patched', () =>
    always(fc.integer({ min: 0, max: COMMITS - 1 }), async (left) => {
      const result = await tampered((store) => cutOff(store, left));
      const cut = PUBLISHED.filter((commit) => commit > left);
      const message = 'was signed and published, and is missing: cut off';
      expect(chainProblems(result)).toEqual(cut.map((commit) => ({ commit, message })));
      expect((await tampered((store) => store.meta.put('head', encodedHead(left)))).problems[0]).toMatchObject({
        commit: left + 1,
        message: 'stands after the end that the head names: appended',
      });
    }));

  it('names a commit that another hand appended, however well it fits', async () => {
    const { problems } = await tampered((store) => append(store, Buffer.alloc(32, 7)));
    expect(problems).toContainEqual({ commit: 9, message: expect.stringContaining('its seal is not this') });
    const unheaded = await tampered((store) => {
      const before = Buffer.from(store.meta.get('head') ?? []);
      append(store, sealKey());
      store.meta.put('head', before);
    });
    const message = 'stands after the end that the head names: appended';
    expect(unheaded.problems).toContainEqual({ commit: 9, message });
  });

  it('says of a commit sealed with the machine’s key beyond the last head that left that it cannot know', async () => {
    const result = await tampered((store) => append(store, sealKey()));
    expect(chainProblems(result)).toEqual([]);
    expect(unknowable(result)).toMatch(/^commits 7 to 9 are sealed but their head has not left/);
  });

  it('names the head against which a history rewritten with the machine’s key does not stand', () =>
    always(entries, async (entry) => {
      const { commit: from } = placeOf(entry);
      const result = await tampered((store) => rewrite(store, entry, sealKey()));
      const held = PUBLISHED.filter((commit) => commit >= from);
      const message = 'its hash is not the one that was signed and published';
      expect(chainProblems(result)).toEqual(held.map((commit) => ({ commit, message })));
      if (held.length === 0) expect(unknowable(result)).toContain(`commits 7 to 8`);
      const forged = await tampered((store) => rewrite(store, entry, Buffer.alloc(32)));
      expect(forged.problems.map(({ commit }) => commit)).toContain(from);
    }));

  it('does not stand when it was built anew, with the machine’s key or with another', async () => {
    const anew = join(root, 'anew', kind.name);
    mkdirSync(anew, { recursive: true });
    await kind.append(anew, idsOf('F'), keyFile);
    expect(kind.verify(anew, [], keyFile).ok).toBe(true);
    const message = 'its hash is not the one that was signed and published';
    expect(kind.verify(anew, published, keyFile).problems).toEqual(PUBLISHED.map((commit) => ({ commit, message })));

    const foreign = join(root, 'foreign', kind.name);
    mkdirSync(foreign, { recursive: true });
    const otherKey = join(root, 'foreign', 'keys', 'ledger.json');
    await kind.append(foreign, idsOf('F'), otherKey);
    const another = 'a head was published for it that is signed with another key than this machine’s';
    expect(kind.verify(foreign, published, otherKey).problems).toEqual(
      PUBLISHED.map((commit) => ({ commit, message: another })),
    );
    const withOwn = kind.verify(foreign, [], keyFile).problems.map(({ commit }) => commit);
    expect(withOwn).toEqual(SIZES.map((_, index) => index + 1));
  });

  it('does not take a head of another chain for its own', async () => {
    const other = kind.name === 'audit' ? 'ledger' : 'audit';
    const { commit, hash } = published[0] as HeadEntry;
    const foreign = openLedgerKey(keyFile, other).signHead(commit, hash);
    const { problems } = await tampered(() => undefined, [foreign]);
    expect(problems).toEqual([{ commit, message: 'a published head names it with a signature that does not fit' }]);
  });

  function encodedHead(number: number): Uint8Array {
    const { hash } = heads[number - 1] ?? { hash: Buffer.alloc(DIGEST_BYTES) };
    return encodeHead({ number, hash, next: firstOf(number + 1) });
  }

  function cutOff(store: ChainStore, left: number): void {
    for (let commit = left + 1; commit <= COMMITS; commit++) store.commits.remove(commit);
    for (let entry = firstOf(left + 1); entry <= ENTRIES; entry++) store.entries.remove(entry);
    store.meta.put('head', encodedHead(left));
  }

  /** What is found in the chain itself: rows beside it are tampered with elsewhere. */
  function chainProblems({ problems }: Verification): ChainProblem[] {
    return problems.filter(({ message }) => !/ row|rows /.test(message));
  }
});

function firstOf(commit: number): number {
  return 1 + SIZES.slice(0, commit - 1).reduce((sum, size) => sum + size, 0);
}

function placeOf(entry: number): { commit: number; entry: number } {
  let commit = 1;
  while (firstOf(commit + 1) <= entry) commit++;
  return { commit, entry };
}

function flipped(bytes: Uint8Array | undefined, { at, mask }: { at: number; mask: number }): Uint8Array {
  const copy = Uint8Array.from(bytes ?? []);
  const place = at % copy.length;
  copy[place] = (copy[place] as number) ^ mask;
  return copy;
}

function swap(rows: ChainStore['entries'], a: number, b: number): void {
  const [one, two] = [Uint8Array.from(rows.get(a) ?? []), Uint8Array.from(rows.get(b) ?? [])];
  rows.put(a, two);
  rows.put(b, one);
}

/** One more commit, of an entry that is there already, and the head that fits it. */
function append(store: ChainStore, sealKey: Uint8Array): void {
  const bytes = Uint8Array.from(readEntry(store, 1));
  const head = readHead(store);
  const commit = makeCommit(head, [bytes], sealKey);
  store.entries.put(commit.first, bytes);
  putCommit(store, commit);
}

/** Changes the last byte of an entry, which leaves one that can be read, and makes the chain fit it. */
function rewrite(store: ChainStore, entry: number, sealKey: Uint8Array): void {
  const { commit: from } = placeOf(entry);
  store.entries.put(entry, flipped(readEntry(store, entry), { at: readEntry(store, entry).length - 1, mask: 2 }));
  let previous: Uint8Array = Uint8Array.from(readCommit(store, from).previous);
  for (let number = from; number <= COMMITS; number++) {
    const { first, digests: before } = decodeCommit(Uint8Array.from(store.commits.get(number) ?? []));
    const count = countOf({ digests: before });
    const digests = Buffer.concat(Array.from({ length: count }, (_, n) => digestOf(readEntry(store, first + n))));
    const hash = hashOf(previous, number, first, digests);
    putCommit(store, { number, first, digests, previous, hash, seal: sealOf(hash, sealKey) });
    previous = hash;
  }
}

function putCommit(store: ChainStore, commit: Commit): void {
  store.commits.put(commit.number, encodeCommit(commit));
  store.meta.put(
    'head',
    encodeHead({ number: commit.number, hash: commit.hash, next: commit.first + countOf(commit) }),
  );
}
