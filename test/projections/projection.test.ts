import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ProjectionListener, startProjection } from '../../src/projections/projection.ts';
import { openLedger } from '../../src/state/ledger.ts';
import { openModels } from '../../src/state/models.ts';
import { connectStream, type StreamConnection } from '../../src/stream/connection.ts';
import { publishDecisions } from '../../src/stream/decisions.ts';
import { ensureTopology } from '../../src/stream/topology.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { freePort, type NatsServer, startNats } from '../helpers/nats.ts';
import { decided } from './entries.ts';

const T0 = Date.parse('2026-03-15T10:00:00Z');

let nats: NatsServer;
let conn: StreamConnection;

beforeAll(async () => {
  nats = await startNats();
  conn = await connectStream({ url: nats.url, name: 'test' });
  await ensureTopology(conn);
});

afterAll(async () => {
  await conn?.close();
  await nats?.close();
});

function listener(heard: string[]): ProjectionListener {
  return {
    applied: (stream, sequence) => heard.push(`${stream} ${sequence}`),
    fault: (message) => heard.push(message),
    died: (error) => heard.push(error.message),
  };
}

it('follows the streams in a thread of its own, says how far it is, and ends when told to', async () => {
  const modelsDir = join(await temporaryFolder(), 'models');
  const heard: string[] = [];
  const data = {
    modelsDir,
    ledgerDir: null,
    broker: { url: nats.url },
    brokerRole: 'projection' as const,
    name: 'projection',
  };
  const projection = await startProjection(data, listener(heard));
  const models = openModels(modelsDir);
  const { sequence } = await publishDecisions(conn, 'here', [decided({ id: 'A', receivedAt: T0, corridor: 'red' })]);
  await projection.caughtUp();
  models.refresh();
  expect(models.status('local', 'A')?.versions).toMatchObject([{ corridor: 'red', sequence }]);
  expect(heard).toContain(`DECISIONS ${sequence}`);
  await models.close();
  await projection.stop();
  expect(heard.filter((line) => !/^(DECISIONS|PARTIES) \d+$/.test(line))).toEqual([]);
});

it('takes into empty read models what the ledger of its process holds', async () => {
  const folder = await temporaryFolder();
  const [modelsDir, ledgerDir] = [join(folder, 'models'), join(folder, 'ledger')];
  const ledger = openLedger(ledgerDir);
  const { submitter, id, version, outcome, receivedAt, hash, record } = decided({ id: 'OLD', receivedAt: T0 });
  await ledger.append({ identity: { submitter, id, version }, outcome, receivedAt, hash, record });
  const data = {
    modelsDir,
    ledgerDir,
    broker: { url: nats.url },
    brokerRole: 'projection' as const,
    name: 'projection',
  };
  const projection = await startProjection(data, listener([]));
  await projection.caughtUp();
  const models = openModels(modelsDir);
  expect(models.status('local', 'OLD')?.versions).toHaveLength(1);
  await ledger.append({ identity: { submitter, id, version: 2 }, outcome, receivedAt, hash, record });
  await models.close();
  await projection.stop();
  await ledger.close();
});

it('ends when told to also while the broker has never been there', async () => {
  const modelsDir = join(await temporaryFolder(), 'models');
  const broker = { url: `nats://127.0.0.1:${await freePort()}` };
  const heard: string[] = [];
  const data = { modelsDir, ledgerDir: null, broker, brokerRole: 'projection' as const, name: 'p' };
  const projection = await startProjection(data, listener(heard));
  await projection.stop();
  expect(heard).toEqual([]);
});
