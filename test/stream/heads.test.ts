import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openAudit } from '../../src/access/audit.ts';
import { keepHeads } from '../../src/ingress/keeping.ts';
import { createLog } from '../../src/observe/log.ts';
import { openLedger } from '../../src/state/ledger.ts';
import { connectStream } from '../../src/stream/connection.ts';
import { isLate, readHeads } from '../../src/stream/heads.ts';
import { publish } from '../../src/stream/publish.ts';
import { ensureTopology } from '../../src/stream/topology.ts';
import { seal } from '../../src/wire/envelope.ts';
import { auditEvent } from '../access/events.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { startNats } from '../helpers/nats.ts';
import { ledgerEntry } from '../state/entries.ts';

it('heads of ledger and audit leave apart, and are read back with their chain and their ingress', async () => {
  const folder = await temporaryFolder();
  const nats = await startNats();
  onTestFinished(() => nats.close());
  const conn = await connectStream({ url: nats.url, name: 'test' });
  onTestFinished(() => conn.close());
  await ensureTopology(conn);
  expect(await readHeads(conn)).toEqual([]);

  const [ledger, audit] = [openLedger(join(folder, 'ledger')), openAudit(join(folder, 'audit'))];
  await ledger.append(ledgerEntry('a'));
  for (const target of ['a', 'b', 'c']) await audit.append(auditEvent(target));
  const log = createLog('silent');
  const kept = [keepHeads(conn, 'post', 'ledger', ledger, log), keepHeads(conn, 'post', 'audit', audit, log)];
  for (const one of kept) await one.stop();
  await publish(conn, 'heads.other.2026-01-01T00', Buffer.from('no head'));

  const found = await readHeads(conn);
  expect(found.map(({ chain, ingress, head }) => [chain, ingress, head.commit])).toEqual([
    ['ledger', 'post', 1],
    ['audit', 'post', 3],
  ]);
  expect(found.some(isLate)).toBe(false);
  expect(Buffer.from(found[1]?.head.signature ?? [])).toEqual(Buffer.from(audit.signedHead().signature));

  // Whoever has the machine may publish a head for an hour that is over, but the broker knows when.
  await publish(conn, 'heads.post.audit.2026-01-01T00', seal('heads.signed', 'test', 0, '', audit.signedHead()));
  expect((await readHeads(conn)).filter(isLate)).toMatchObject([{ chain: 'audit', hour: '2026-01-01T00' }]);
  await Promise.all([ledger.close(), audit.close()]);
});
