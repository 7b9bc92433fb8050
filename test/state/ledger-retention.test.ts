import { copyFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { backUpChain } from '../../src/state/chain-store.ts';
import { encodeCheckpoint, signCheckpoint } from '../../src/state/checkpoint.ts';
import { type Ledger, type LedgerEntry, openLedger } from '../../src/state/ledger.ts';
import { archiveLedger, verifyArchive, verifyArchives } from '../../src/state/ledger-archive.ts';
import { keyFileOf, openLedgerKey } from '../../src/state/ledger-key.ts';
import { pruneLedger } from '../../src/state/ledger-prune.ts';
import { type LedgerStore, openLedgerStore, readCheckpoint } from '../../src/state/ledger-store.ts';
import { verifyLedger } from '../../src/state/verify.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { declarationEntry, ledgerEntry } from './entries.ts';

const DAY_MS = 86_400_000;
const START = Date.UTC(2020, 0, 1);
const day = (n: number) => START + n * DAY_MS;

const on = (n: number, id: string, version = 1): LedgerEntry => ({ ...ledgerEntry(id, version), receivedAt: day(n) });

async function folder(): Promise<{ dir: string; archive: { folder: string } }> {
  const root = await temporaryFolder();
  return { dir: join(root, 'ledger'), archive: { folder: join(root, 'archive') } };
}

/** Three entries a day, each day one commit; a policy comes with day 1. */
async function days(ledger: Ledger, from: number, to: number): Promise<void> {
  for (let n = from; n <= to; n++) {
    const appended: Promise<unknown>[] = [0, 1, 2].map((i) => ledger.append(on(n, `D${n}-${i}`)));
    if (n === 1) appended.push(ledger.putPolicy('p-1', Buffer.from('the first policy')));
    await Promise.all(appended);
  }
}

/** A closed ledger of ten days of which four have left, with their archive. */
async function pruned(): Promise<{ dir: string; file: string }> {
  const { dir, archive } = await folder();
  const ledger = openLedger(dir);
  await days(ledger, 1, 10);
  const { archive: file } = await pruneLedger(ledger, dir, { before: day(5), archive });
  await ledger.close();
  if (file === null) throw new Error('nothing left');
  return { dir, file };
}

/** What `verify` says of a copy that was changed. */
async function tampered(dir: string, change: (store: LedgerStore) => void): Promise<string[]> {
  const copy = join(await temporaryFolder(), 'ledger');
  mkdirSync(copy);
  copyFileSync(join(dir, 'data.mdb'), join(copy, 'data.mdb'));
  const store = openLedgerStore(copy, false);
  // What the callback returns, lmdb would wait for with the transaction open.
  store.root.transactionSync(() => {
    change(store);
  });
  await store.root.close();
  const { problems } = verifyLedger(copy, [], keyFileOf(dir));
  return problems.map(({ commit, entry, message }) => `${commit} ${entry ?? ''} ${message}`);
}

it('lets whole commits of before a day leave, and goes on', async () => {
  const { dir, archive } = await folder();
  let ledger = openLedger(dir);
  await days(ledger, 1, 10);
  await ledger.keepPending(declarationEntry('waits'));
  expect(await pruneLedger(ledger, dir, { before: day(5), archive })).toMatchObject({ commits: 4 });
  expect(await pruneLedger(ledger, dir, { before: day(5), archive })).toEqual({ commits: 0, archive: null });
  for (let open = 0; open < 2; open++) {
    expect(ledger.get({ submitter: 'local', id: 'D4-2', version: 1 })).toBeNull();
    expect(ledger.find('D4-2')).toEqual([]);
    expect(ledger.get({ submitter: 'local', id: 'D5-0', version: 1 })).toEqual(on(5, 'D5-0'));
    expect([...ledger.entries()].map(({ entry }) => entry.identity.id)[0]).toBe('D5-0');
    expect([...ledger.pending()].map(({ id }) => id)).toEqual(['waits']);
    expect(Buffer.from(ledger.policy('p-1') ?? []).toString()).toBe('the first policy');
    await days(ledger, 11 + open, 11 + open);
    await ledger.close();
    expect(verifyLedger(dir)).toMatchObject({ ok: true, start: 4 });
    ledger = openLedger(dir);
  }
  await ledger.close();
});

it('knows the identities of what has left: none of them is taken again', async () => {
  const { dir, archive } = await folder();
  const ledger = openLedger(dir);
  await ledger.append(on(1, 'A'));
  await ledger.append(on(2, 'A', 2));
  await ledger.append(on(8, 'A', 3));
  await ledger.append(on(3, 'B'));
  await ledger.append(on(9, 'C'));
  await pruneLedger(ledger, dir, { before: day(5), archive });
  expect(ledger.past.version('local', 'A')).toBe(2);
  expect(ledger.past.version('local', 'B')).toBe(0);
  expect(ledger.latestVersion('local', 'A')).toBe(3);
  await pruneLedger(ledger, dir, { before: day(9), archive });
  expect(ledger.past.version('local', 'A')).toBe(3);
  expect(ledger.past.version('local', 'B')).toBe(1);
  expect(ledger.past.version('somebody', 'B')).toBe(0);
  expect(ledger.latestVersion('local', 'A')).toBe(0);
  const { commit } = ledger.head();
  await ledger.append(on(10, 'B'));
  await ledger.append(on(10, 'A', 2));
  expect(ledger.head().commit).toBe(commit);
  await ledger.append(on(10, 'B', 2));
  expect(ledger.head().commit).toBe(commit + 1);
  await ledger.close();
  expect(verifyLedger(dir).problems).toEqual([]);
});

it('a commit leaves as a whole or not at all, and policies alone stay where they are', async () => {
  const { dir, archive } = await folder();
  const ledger = openLedger(dir);
  await ledger.putPolicy('p-0', Buffer.from('x'));
  await Promise.all([ledger.append(on(1, 'A')), ledger.append(on(8, 'B'))]);
  await ledger.append(on(2, 'C'));
  await ledger.append(on(9, 'D'));
  expect(await pruneLedger(ledger, dir, { before: day(5), archive })).toEqual({ commits: 0, archive: null });
  expect(await pruneLedger(ledger, dir, { before: day(9), archive })).toMatchObject({ commits: 3 });
  expect([...ledger.entries()].map(({ entry }) => entry.identity.id)).toEqual(['D']);
  expect(ledger.policies()).toEqual(['p-0']);
  await ledger.close();
});

it('appends go on while thousands leave, and none of either is lost', async () => {
  const { dir, archive } = await folder();
  const ledger = openLedger(dir);
  await Promise.all(Array.from({ length: 3000 }, (_, n) => ledger.append(on(1, `old-${n}`))));
  await ledger.append(on(9, 'new'));
  let going = true;
  let appended = 0;
  const appending = (async () => {
    while (going) await ledger.append(on(9, `new-${appended++}`));
  })();
  await pruneLedger(ledger, dir, { before: day(5), archive });
  going = false;
  await appending;
  const kept = [...ledger.entries()].map(({ entry }) => entry.identity.id);
  expect(kept).toEqual(['new', ...Array.from({ length: appended }, (_, n) => `new-${n}`)]);
  expect(appended).toBeGreaterThan(10);
  await ledger.close();
  expect(verifyLedger(dir).problems).toEqual([]);
});

it('stops between slices as whole as before, and goes on from there', async () => {
  const { dir, archive } = await folder();
  const ledger = openLedger(dir);
  for (let n = 0; n < 6; n++) {
    await Promise.all(Array.from({ length: 200 }, (_, i) => ledger.append(on(1, `S${n}-${i}`))));
  }
  await ledger.append(on(9, 'last'));
  let slices = 0;
  await pruneLedger(ledger, dir, { before: day(5), archive, stopped: () => ++slices === 2 });
  expect(ledger.past.start().commit).toBeGreaterThan(0);
  expect([...ledger.entries()].length).toBeGreaterThan(1);
  await ledger.close();
  expect(verifyLedger(dir).problems).toEqual([]);
  const again = openLedger(dir);
  await pruneLedger(again, dir, { before: day(5), archive });
  expect([...again.entries()].map(({ entry }) => entry.identity.id)).toEqual(['last']);
  await again.close();
  expect(verifyLedger(dir).problems).toEqual([]);
});

it('the file stops growing when as much leaves as comes', async () => {
  const { dir, archive } = await folder();
  const ledger = openLedger(dir);
  const sizes: number[] = [];
  for (let n = 1; n <= 12; n++) {
    for (let part = 0; part < 4; part++) {
      const entries = Array.from({ length: 250 }, (_, i) => ({
        ...ledgerEntry(`G${n}-${part}-${i}`, 1, 'local', 3000),
        receivedAt: day(n),
      }));
      await Promise.all(entries.map((entry) => ledger.append(entry)));
    }
    await pruneLedger(ledger, dir, { before: day(n - 1), archive });
    sizes.push(statSync(join(dir, 'data.mdb')).size);
  }
  expect(sizes.at(-1)).toBeLessThanOrEqual((sizes[5] ?? 0) * 1.1);
  await ledger.close();
  const copy = join(dirname(dir), 'copy', 'ledger');
  await backUpChain(dir, 'ledger', copy);
  expect(statSync(join(copy, 'data.mdb')).size).toBeLessThan(sizes.at(-1) ?? 0);
  expect(verifyLedger(copy, [], join(dirname(dir), 'keys/ledger.json')).problems).toEqual([]);
}, 30_000);

it('tampering with the start is found', async () => {
  const { dir } = await pruned();
  const stranger = openLedgerKey(join(dirname(dir), 'stranger.json'));
  const checkpointOf = (store: LedgerStore) => {
    const checkpoint = readCheckpoint(store);
    if (checkpoint === null) throw new Error('no checkpoint');
    return checkpoint;
  };

  // Its time is changed.
  const unsigned = await tampered(dir, (store) => {
    store.meta.put('checkpoint', encodeCheckpoint({ ...checkpointOf(store), at: 0 }));
  });
  expect(unsigned).toEqual(['4  is where the ledger begins, with a signature that does not fit']);
  // More is cut off, under a signature of one's own.
  const forged = await tampered(dir, (store) => {
    const { commit, next, departed } = checkpointOf(store);
    const moved = { commit: commit + 1, hash: Buffer.alloc(32, 7), next: next + 3, at: 1, departed };
    store.meta.put('checkpoint', encodeCheckpoint(signCheckpoint(moved, stranger)));
  });
  expect(forged.join()).toMatch(/signature that does not fit.*5 {2}stands before the start.*6 {2}does not follow/);
  // The checkpoint itself is gone: as if the first commits had been cut off.
  const removed = await tampered(dir, (store) => store.meta.remove('checkpoint'));
  expect(removed.join()).toContain('1  is missing, and all up to 4');
  // The first commit that is left goes too.
  const dropped = await tampered(dir, (store) => store.commits.remove(5));
  expect(dropped.join()).toContain('5  is missing');
  // A decision that has left is forgotten, so that its id could be used again.
  const forgotten = await tampered(dir, (store) => {
    const [key] = [...store.departed.getKeys({ limit: 1 })];
    if (key !== undefined) store.departed.remove(key);
  });
  expect(forgotten).toEqual(['0  identities that left the ledger are not those that its checkpoint counts']);
  // An entry in place of one that has left.
  const stray = await tampered(dir, (store) => store.entries.put(2, Buffer.from('x')));
  expect(stray).toEqual(['11 2 belongs to no commit']);
  // A bit of what is left.
  const flipped = await tampered(dir, (store) => {
    const bytes = Buffer.from(store.entries.get(17) ?? []);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    store.entries.put(17, bytes);
  });
  expect(flipped.join()).toContain('17 is not what was committed');
  expect(verifyLedger(dir).problems).toEqual([]);
  rmSync(join(dirname(dir), 'keys'), { recursive: true });
  expect(verifyLedger(dir).problems.map(({ message }) => message)).toEqual([
    'the key file is missing: seals cannot be checked',
  ]);
});

it('heads that were published hold the start to their word', async () => {
  const { dir, archive } = await folder();
  const ledger = openLedger(dir);
  const heads = [];
  for (let n = 1; n <= 6; n++) {
    await days(ledger, n, n);
    heads.push(ledger.signedHead());
  }
  await pruneLedger(ledger, dir, { before: day(4), archive });
  await ledger.close();
  expect(verifyLedger(dir, heads).problems).toEqual([]);
  const key = openLedgerKey(join(dirname(dir), 'keys/ledger.json'));
  const rewritten = heads.map((head) => (head.commit === 3 ? key.signHead(3, Buffer.alloc(32, 1)) : head));
  expect(verifyLedger(dir, rewritten).problems).toEqual([
    { commit: 3, message: 'its hash is not the one that was signed and published' },
  ]);
});

it('an archive is checked by itself, and against the ledger that it left', async () => {
  const { dir, file } = await pruned();
  expect(await verifyArchive(file, null)).toMatchObject({ problems: [], entries: 13, last: { commit: 4 } });
  expect(await verifyArchives(dir, [file])).toEqual([]);
  await expect(verifyArchive(`${file}.gone`, null)).rejects.toMatchObject({ code: 'ENOENT' });

  const ledger = openLedger(dir);
  const second = await pruneLedger(ledger, dir, { before: day(8), archive: { folder: dirname(file) } });
  await ledger.close();
  expect(await verifyArchives(dir, [file, second.archive ?? ''])).toEqual([]);
  expect(await verifyArchives(dir, [second.archive ?? ''])).toEqual([]);
  expect(await verifyArchives(dir, [file])).toEqual(['the ledger does not follow the last archive']);
  expect((await verifyArchives(dir, [second.archive ?? '', file])).join()).toContain(
    'does not follow the archive before',
  );
  expect(await verifyArchives((await pruned()).dir, [file])).toEqual([`${file}: another ledger signed it`]);
});

it('every change of an archive is found', async () => {
  const { file } = await pruned();
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const problemsOf = async (changed: readonly string[]): Promise<readonly string[]> => {
    writeFileSync(file, `${changed.join('\n')}\n`);
    return (await verifyArchive(file, null)).problems;
  };
  for (let at = 0; at < lines.length; at++) {
    expect(await problemsOf(lines.filter((_, index) => index !== at))).not.toEqual([]);
    // A base64 character in the middle of the line's last value.
    const one = lines[at] ?? '';
    const middle = one.lastIndexOf('"', one.length - 4) - 6;
    const flipped = one.slice(0, middle) + (one[middle] === 'A' ? 'B' : 'A') + one.slice(middle + 1);
    expect(await problemsOf(lines.with(at, flipped)), one).not.toEqual([]);
  }
  expect(await problemsOf([...lines, lines[2] ?? ''])).toEqual(['something stands behind its end']);
  expect(await problemsOf(lines)).toEqual([]);
});

it('nothing leaves without an archive that stands and holds it', async () => {
  const { dir, archive } = await folder();
  const ledger = openLedger(dir);
  await days(ledger, 1, 10);
  const file = join(archive.folder, 'a.ndjson');
  await archiveLedger(dir, file, 3);
  expect(await pruneLedger(ledger, dir, { before: day(8), archive: file })).toEqual({ commits: 3, archive: file });
  await expect(pruneLedger(ledger, dir, { before: day(8), archive: file })).rejects.toThrow(/not of what is to leave/);
  const broken = join(archive.folder, 'b.ndjson');
  await archiveLedger(dir, broken, 6);
  writeFileSync(broken, readFileSync(broken, 'utf8').slice(0, -200));
  await expect(pruneLedger(ledger, dir, { before: day(8), archive: broken })).rejects.toThrow(/does not stand/);
  expect(ledger.past.start().commit).toBe(3);
  await expect(archiveLedger(dir, file, 2)).rejects.toThrow(/nothing to archive/);
  await ledger.close();
});
