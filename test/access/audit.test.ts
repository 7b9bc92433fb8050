import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Audit, type AuditFilter, LOOK_SLICE, openAudit } from '../../src/access/audit.ts';
import { decodeEvent, encodeEvent } from '../../src/access/audit-codec.ts';
import { AUDIT_ACTIONS, type AuditEvent } from '../../src/access/audit-event.ts';
import { openAuditStore } from '../../src/access/audit-store.ts';
import { verifyAudit } from '../../src/access/audit-verify.ts';
import { AUDIT_TEXT_LENGTH_MAX } from '../../src/limits.ts';
import { openLedger } from '../../src/state/ledger.ts';
import { isSigned } from '../../src/state/ledger-key.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { startAppender } from '../state/appender.ts';
import { AT, auditEvent } from './events.ts';

const HOUR_MS = 3_600_000;

async function folder(): Promise<string> {
  return join(await temporaryFolder(), 'audit');
}

const events = (audit: Audit, from?: number, to?: number) =>
  [...audit.entries(from, to)].flat().map(({ event }) => event);

const text = fc.string({ unit: 'binary', maxLength: AUDIT_TEXT_LENGTH_MAX });
const anyEvent: fc.Arbitrary<AuditEvent> = fc.record({
  at: fc.integer({ min: 0, max: AT * 2 }),
  action: fc.constantFrom(...AUDIT_ACTIONS),
  subject: text,
  roles: fc.array(text, { maxLength: 3 }),
  target: text,
  result: fc.constantFrom('done' as const, 'refused' as const),
  detail: fc.dictionary(fc.string({ maxLength: 9 }), fc.oneof(text, fc.integer()), {
    maxKeys: 5,
    noNullPrototype: true,
  }),
  trace: text,
  count: fc.integer({ min: 1 }),
});

it('reads an event as it was written', () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
      expect(decodeEvent(encodeEvent(event))).toEqual(event);
    }),
  );
});

it('cuts what is too long, and refuses what has no time', () => {
  const long = 'x'.repeat(5000);
  const event = decodeEvent(encodeEvent(auditEvent(long, { subject: long, detail: { id: long } })));
  expect(new Set([event.target, event.subject, event.detail.id])).toEqual(new Set([long.slice(0, 256)]));
  expect(() => encodeEvent(auditEvent('a', { at: Number.NaN }))).toThrow(RangeError);
});

it('keeps what was appended, in order, across a restart, with one commit for all that wait', async () => {
  const dir = await folder();
  const first = openAudit(dir);
  await Promise.all(['a', 'b', 'c'].map((target) => first.append(auditEvent(target))));
  await first.append(auditEvent('d'));
  expect(first.head().commit).toBe(2);
  await first.close();
  await expect(first.append(auditEvent('late'))).rejects.toMatchObject({ code: 'not_ready' });
  const second = openAudit(dir);
  expect([...second.entries()].flat().map(({ commit, number, event }) => [commit, number, event.target])).toEqual([
    [1, 1, 'a'],
    [1, 2, 'b'],
    [1, 3, 'c'],
    [2, 4, 'd'],
  ]);
  expect(second.signedHead().commit).toBe(2);
  await second.close();
  expect(verifyAudit(dir)).toMatchObject({ ok: true, commits: 2, entries: 4 });
});

it('signs with the key of the ledger beside it, but what it signs is no head of that ledger', async () => {
  const dir = await folder();
  const [audit, ledger] = [openAudit(dir), openLedger(join(dir, '../ledger'))];
  await audit.append(auditEvent('a'));
  const head = audit.signedHead();
  expect(Buffer.from(head.publicKey)).toEqual(Buffer.from(ledger.signedHead().publicKey));
  expect(isSigned(head, 'audit')).toBe(true);
  expect(isSigned(head)).toBe(false);
  await Promise.all([audit.close(), ledger.close()]);
});

it('finds what a filter asks for, the newest first, page by page, as a look at everything would', async () => {
  const dir = await folder();
  const audit = openAudit(dir);
  const all = Array.from({ length: 400 }, (_, n) =>
    auditEvent(`T${n % 7}`, {
      // Not in order: what a stream brings may be old.
      at: AT + ((n * 37) % 100) * (HOUR_MS / 10),
      subject: `S${n % 3}`,
      action: n % 2 === 0 ? 'decision.read' : 'status.read',
    }),
  );
  for (let n = 0; n < all.length; n += 50) await Promise.all(all.slice(n, n + 50).map((event) => audit.append(event)));
  const filters: AuditFilter[] = [
    {},
    { subject: 'S1' },
    { target: 'T3', action: 'status.read' },
    { from: AT + HOUR_MS, to: AT + 3 * HOUR_MS },
    { to: AT + HOUR_MS / 2, subject: 'S2' },
    { from: AT + 100 * HOUR_MS },
    { subject: 'nobody' },
  ];
  for (const filter of filters) {
    const found: AuditEvent[] = [];
    let before: number | null = null;
    do {
      const page = await audit.query(filter, before, 9);
      expect(page.events.length).toBeLessThanOrEqual(9);
      found.push(...page.events.map(({ event }) => event));
      before = page.before;
    } while (before !== null);
    const { from = 0, to = Number.POSITIVE_INFINITY, ...same } = filter;
    const expected = all.filter(
      (event) =>
        event.at >= from && event.at < to && Object.entries(same).every(([k, v]) => event[k as 'subject'] === v),
    );
    expect(found).toEqual([...expected].reverse());
    expect(events(audit, from, to === Number.POSITIVE_INFINITY ? undefined : to)).toEqual(
      all.filter(({ at }) => at >= from && at < to),
    );
  }
  await audit.close();
  expect(verifyAudit(dir).problems).toEqual([]);
});

it('finds a declaration by all of its identity or by parts of it, and refusals that name it', async () => {
  const audit = openAudit(await folder());
  const refusal = (path: string) =>
    auditEvent('declaration', { action: 'request.refused', result: 'refused', detail: { code: 'forbidden', path } });
  await audit.append(
    auditEvent('S/D-1/1'),
    auditEvent('S/D-1/2'),
    auditEvent('S/D-10/1'),
    auditEvent('R/D-1/1'),
    refusal('/v1/declarations/D-1'),
    refusal('/v1/declarations/D-1/decision'),
    refusal('/v1/declarations/D-10'),
    refusal('/v1/declarations/%D0%94%2F1'),
  );
  const found = async (target: string) =>
    (await audit.query({ target }, null, 9)).events.map(({ number }) => number).reverse();
  expect(await found('S/D-1/1')).toEqual([1]);
  expect(await found('S/D-1')).toEqual([1, 2]);
  expect(await found('D-1')).toEqual([1, 2, 4, 5, 6]);
  expect(await found('D-10')).toEqual([3, 7]);
  expect(await found('Д/1')).toEqual([8]);
  expect(await found('declaration')).toEqual([5, 6, 7, 8]);
  expect(await found('D')).toEqual([]);
  await audit.close();
});

it('keeps what a stream brought together with how far that stream has been taken in', async () => {
  const dir = await folder();
  const audit = openAudit(dir);
  expect(audit.taken('POLICY')).toBeNull();
  const position = { created: '2026-01-01T00:00:00Z', sequence: 7, storedAt: '1790000000000000000' };
  const memory = Buffer.from('remembered');
  await audit.take('POLICY', [auditEvent('p-1'), auditEvent('p-2')], { position, memory });
  await audit.take('PARTIES', [], { position: { ...position, sequence: 9 }, memory: new Uint8Array() });
  await audit.close();
  const again = openAudit(dir);
  expect(again.taken('POLICY')).toMatchObject({ position, memory });
  expect(again.taken('PARTIES')?.position.sequence).toBe(9);
  expect(events(again).map(({ target }) => target)).toEqual(['p-1', 'p-2']);
  await again.close();
});

it('verification names entries that a changed hour would hide from queries', async () => {
  const dir = await folder();
  const audit = openAudit(dir);
  for (const target of ['a', 'b']) await audit.append(auditEvent(target));
  await audit.close();
  const store = openAuditStore(dir, false);
  await store.hours.remove(Math.floor(AT / HOUR_MS));
  await store.root.close();
  expect(verifyAudit(dir).problems).toEqual([
    { commit: 1, entry: 1, message: 'its hour’s row is wrong' },
    { commit: 2, entry: 2, message: 'its hour’s row is wrong' },
  ]);
});

it('has every event it said it kept, in an unbroken chain, after kill -9 at any moment', async () => {
  const dir = await folder();
  const kept = new Set<string>();
  for (let round = 0; round < 3; round++) {
    const appender = startAppender(dir, round * 100_000, { chain: 'audit' });
    await appender.printed(60 + round * 53);
    appender.child.kill('SIGKILL');
    await appender.exited;
    for (const line of appender.lines) if (line.startsWith('kept ')) kept.add(`K${line.slice(5)}`);
    expect(verifyAudit(dir)).toMatchObject({ ok: true, problems: [] });
    const audit = openAudit(dir);
    const held = events(audit).map(({ target }) => target);
    await audit.close();
    expect(new Set(held).size).toBe(held.length);
    expect([...kept].filter((target) => !held.includes(target))).toEqual([]);
  }
  expect(kept.size).toBeGreaterThan(100);
});

it('accepts nothing after a write has failed, says so once, and loses nothing that it kept', async () => {
  const dir = await folder();
  const under = ['/bin/bash', '-c', 'ulimit -f 600 && exec "$0" "$@"'];
  const appender = startAppender(dir, 0, { chain: 'audit', count: 100_000, under });
  await appender.exited;
  const said = appender.lines.filter((line) => !line.startsWith('kept ') && !line.startsWith('stderr'));
  expect(said).toEqual(['open', expect.stringMatching(/^fault /), ...Array(8).fill('refused not_ready'), 'closed']);
  const kept = appender.lines.filter((line) => line.startsWith('kept ')).map((line) => `K${line.slice(5)}`);
  expect(verifyAudit(dir)).toMatchObject({ ok: true, problems: [] });
  const audit = openAudit(dir);
  const held = new Set(events(audit).map(({ target }) => target));
  expect(kept.filter((target) => !held.has(target))).toEqual([]);
  await audit.close();
});

it('looks at so many entries at a time, also where none of them is asked for', async () => {
  const audit = openAudit(await folder());
  const count = LOOK_SLICE * 3 + 1;
  await audit.append(...Array.from({ length: count }, (_, n) => auditEvent(`T${n}`, { at: AT + n })));
  const sizes = (from?: number, to?: number) => [...audit.entries(from, to)].map(({ length }) => length);
  expect(sizes()).toEqual([LOOK_SLICE, LOOK_SLICE, LOOK_SLICE, 1]);
  expect(sizes(AT + count - 1)).toEqual([0, 0, 0, 1]);
  expect(sizes(AT + count)).toEqual([0, 0, 0, 0]);
  await audit.close();
});
