import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Audit, openAudit } from '../../src/access/audit.ts';
import { type ChangesListener, recordChanges } from '../../src/access/changes.ts';
import { publishPolicy } from '../../src/engine/policies.ts';
import { publishParties } from '../../src/parties/publish.ts';
import { type PolicyBundle, readBundle } from '../../src/profiles/bundle.ts';
import { connectStream, type StreamConnection } from '../../src/stream/connection.ts';
import { publish } from '../../src/stream/publish.ts';
import { ensureTopology } from '../../src/stream/topology.ts';
import type { PartyEntry } from '../../src/wire/envelope.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { type NatsServer, startNats } from '../helpers/nats.ts';
import { until } from '../helpers/until.ts';

let nats: NatsServer;
let conn: StreamConnection;
const unreadable: string[] = [];
const listener: ChangesListener = {
  unreadable: (stream, sequence) => void unreadable.push(`${stream} ${sequence}`),
  failed: () => undefined,
};

beforeEach(async () => {
  nats = await startNats();
  conn = await connectStream({ url: nats.url, name: 'expert@here' });
  await ensureTopology(conn);
  unreadable.length = 0;
});
afterEach(async () => {
  await conn.close();
  await nats.close();
});

const party = (id: string): PartyEntry => {
  return { role: 'importer', id, category: 'high', authorisedOperator: false, openViolations: 0, arrearsTiyn: 0 };
};

const withFiles = ({ files }: PolicyBundle, more: Record<string, string>): PolicyBundle => ({
  files: { ...files, ...more },
});

/** What the audit tells after everything in the streams has been recorded. */
async function recorded(dir: string, whileOpen: (audit: Audit) => Promise<void> = async () => {}): Promise<string[]> {
  const audit = openAudit(dir);
  const changes = recordChanges(conn, audit, listener);
  await changes.caughtUp();
  await whileOpen(audit);
  await changes.caughtUp();
  await changes.stop();
  const told = [...audit.entries()]
    .flat()
    .map(({ event: { action, target, subject, detail, count } }) =>
      [action, target, subject, ...Object.values(detail), count].join(' '),
    );
  await audit.close();
  return told.sort();
}

it('records each policy with the lists that it changes, and each message of categories, once across restarts', async () => {
  const dir = join(await temporaryFolder(), 'audit');
  const bundle = withFiles(await readBundle(resolve('test/helpers/policy')), { 'lists/a.csv': 'x\n1\n' });
  const files = Object.keys(bundle.files).length;
  const lists = Object.keys(bundle.files).filter((name) => name.startsWith('lists/'));
  const { version: one } = await publishPolicy(conn, bundle);
  await publishParties(conn, [party('111111111111'), party('222222222222')]);
  const first = [
    'category.changed importer expert@here 2',
    ...lists.map((name) => `list.changed ${name.slice('lists/'.length)} expert@here ${one} 1`),
    `policy.activated ${one} expert@here ${files} ${lists.length} 1`,
  ];
  expect(await recorded(dir)).toEqual(first.sort());
  expect(await recorded(dir)).toEqual(first);

  const { version: two } = await publishPolicy(
    conn,
    withFiles(bundle, { 'lists/a.csv': 'x\n2\n', 'lists/b.csv': 'x\n' }),
  );
  const second = [
    ...first,
    `list.changed a.csv expert@here ${two} 1`,
    `list.changed b.csv expert@here ${two} 1`,
    `policy.activated ${two} expert@here 2 2 1`,
  ];
  expect(await recorded(dir)).toEqual(second.sort());
  await nats.restart();
  await until(() => conn.connected());
  expect(await recorded(dir)).toEqual(second);
});

it('holds nothing but names and numbers of what changed', async () => {
  const dir = join(await temporaryFolder(), 'audit');
  await publishParties(conn, [party('333333333333')]);
  const told = (await recorded(dir)).join('\n');
  expect(told).not.toContain('333333333333');
  expect(told).not.toContain('high');
});

it('records what comes after a stream was rolled back, and nothing twice', async () => {
  const dir = join(await temporaryFolder(), 'audit');
  await publishParties(conn, [party('1')]);
  const copy = await nats.copyStore();
  await publishParties(conn, [party('2'), party('3')]);
  const before = ['category.changed importer expert@here 1', 'category.changed importer expert@here 2'];
  const after = await recorded(dir, async () => {
    await nats.rollBack(copy);
    await until(() => conn.connected());
    await publishParties(conn, [party('4'), party('5'), party('6')]);
    await publishParties(conn, [party('7')]);
  });
  expect(after).toEqual([...before, 'category.changed importer expert@here 3', before[0]].sort());
  expect(await recorded(dir)).toEqual(after);
});

it('passes over what cannot be read, once', async () => {
  const dir = join(await temporaryFolder(), 'audit');
  await publish(conn, 'parties.importer', Buffer.from('no envelope'));
  await publishParties(conn, [party('1')]);
  expect(await recorded(dir)).toEqual(['category.changed importer expert@here 1']);
  expect(unreadable).toEqual(['PARTIES 1']);
  await recorded(dir);
  expect(unreadable).toEqual(['PARTIES 1']);
});
