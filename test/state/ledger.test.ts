import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Ledger, openLedger } from '../../src/state/ledger.ts';
import { isSigned } from '../../src/state/ledger-key.ts';
import { verifyLedger } from '../../src/state/verify.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { declarationEntry, ledgerEntry } from './entries.ts';

async function withLedger<T>(use: (ledger: Ledger, dir: string) => Promise<T>): Promise<T> {
  const dir = join(await temporaryFolder(), 'ledger');
  const ledger = openLedger(dir);
  try {
    return await use(ledger, dir);
  } finally {
    await ledger.close();
  }
}

it('gives back what was appended, byte for byte, also after it was closed', async () => {
  const entry = ledgerEntry('A');
  const dir = await withLedger(async (ledger, at) => {
    await ledger.append(entry);
    expect(ledger.get(entry.identity)).toEqual(entry);
    expect(ledger.get({ ...entry.identity, version: 2 })).toBeNull();
    return at;
  });
  const again = openLedger(dir);
  expect(again.get(entry.identity)).toEqual(entry);
  await again.close();
});

it('keeps the first entry of an identity, also when two are appended at once', async () => {
  await withLedger(async (ledger) => {
    const first = ledgerEntry('A');
    const second = { ...first, record: Buffer.from('another') };
    await Promise.all([ledger.append(first), ledger.append(second)]);
    await ledger.append(second);
    expect(ledger.get(first.identity)).toEqual(first);
    expect([...ledger.entries()]).toHaveLength(1);
  });
});

it('puts what waits into one commit, and a lone entry into one of its own at once', async () => {
  await withLedger(async (ledger) => {
    await ledger.append(ledgerEntry('alone'));
    expect(ledger.head().commit).toBe(1);
    await Promise.all(Array.from({ length: 200 }, (_, n) => ledger.append(ledgerEntry(`M${n}`))));
    expect(ledger.head().commit).toBe(2);
    expect([...ledger.entries(2)].map(({ entry }) => entry.identity.id)).toEqual(
      Array.from({ length: 200 }, (_, n) => `M${n}`),
    );
  });
});

it('lists versions in order, of one submitter and of all', async () => {
  await withLedger(async (ledger) => {
    const entries = [ledgerEntry('A', 10), ledgerEntry('A', 2), ledgerEntry('A', 1), ledgerEntry('AB', 3)];
    for (const entry of [...entries, ledgerEntry('A', 1, 'other')]) await ledger.append(entry);
    expect(ledger.versions('local', 'A').map(({ identity }) => identity.version)).toEqual([1, 2, 10]);
    expect(ledger.latestVersion('local', 'A')).toBe(10);
    expect(ledger.latestVersion('local', 'none')).toBe(0);
    expect(ledger.find('A').map(({ identity }) => `${identity.submitter} ${identity.version}`)).toEqual([
      'local 1',
      'local 2',
      'local 10',
      'other 1',
    ]);
  });
});

it('keeps a pending declaration until its decision is appended', async () => {
  await withLedger(async (ledger) => {
    const [a, b] = [declarationEntry('A'), declarationEntry('B')];
    await Promise.all([ledger.keepPending(a), ledger.keepPending(b)]);
    expect([...ledger.pending()]).toEqual([a, b]);
    await ledger.append(ledgerEntry('A'));
    expect([...ledger.pending()]).toEqual([b]);
    await ledger.keepPending(a);
    await Promise.all([ledger.append(ledgerEntry('B')), ledger.keepPending(b)]);
    expect([...ledger.pending()]).toEqual([]);
  });
});

it('stores a position with the commit that holds all before it, never earlier', async () => {
  const dir = await withLedger(async (ledger, at) => {
    expect(ledger.position()).toBeNull();
    const appended = ledger.append(ledgerEntry('A'));
    ledger.setPosition({ created: 'c', sequence: 5 });
    await appended;
    ledger.setPosition({ created: 'c', sequence: 9 });
    const beside = openLedger(at, { readOnly: true });
    expect(beside.position()).toMatchObject({ created: 'c', sequence: 5 });
    return at;
  });
  const again = openLedger(dir);
  expect(again.position()).toMatchObject({ created: 'c', sequence: 9 });
  await again.close();
});

it('keeps policies by version', async () => {
  await withLedger(async (ledger, dir) => {
    await ledger.putPolicy('v1', Buffer.from('one'));
    await ledger.putPolicy('v1', Buffer.from('changed'));
    await ledger.putPolicy('v2', Buffer.from('two'));
    expect(ledger.policies()).toEqual(['v1', 'v2']);
    expect(Buffer.from(ledger.policy('v1') ?? []).toString()).toBe('one');
    expect(ledger.policy('v3')).toBeNull();
    expect(verifyLedger(dir)).toMatchObject({ ok: true, commits: 2, entries: 2 });
  });
});

it('signs its head with a key that only its owner may read', async () => {
  await withLedger(async (ledger, dir) => {
    await ledger.append(ledgerEntry('A'));
    const head = ledger.signedHead();
    expect(head).toMatchObject({ commit: 1, hash: ledger.head().hash });
    expect(isSigned(head)).toBe(true);
    expect(isSigned({ ...head, commit: 2 })).toBe(false);
    expect((await stat(join(dir, '..', 'keys', 'ledger.json'))).mode & 0o777).toBe(0o600);
  });
});

it('refuses a second opener, and takes over a lock that a dead process left', async () => {
  await withLedger(async (_, dir) => {
    expect(() => openLedger(dir)).toThrow(/already open/);
  });
});

it('accepts nothing once it is closed', async () => {
  const ledger = await withLedger(async (open) => open);
  await expect(ledger.append(ledgerEntry('A'))).rejects.toMatchObject({ code: 'not_ready' });
});
