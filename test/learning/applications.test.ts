import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Application, Applications } from '../../src/learning/applications.ts';
import { connectStream, type StreamConnection } from '../../src/stream/connection.ts';
import { purgeSubject } from '../../src/stream/purge.ts';
import { ensureTopology } from '../../src/stream/topology.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { type NatsServer, startNats } from '../helpers/nats.ts';
import { until } from '../helpers/until.ts';

let server: NatsServer;
let conn: StreamConnection;
let open: Applications[] = [];

beforeEach(async () => {
  server = await startNats();
  conn = await connectStream({ url: server.url, name: 'applications-test' });
  await ensureTopology(conn);
});
afterEach(async () => {
  for (const each of open) await each.stop();
  open = [];
  await conn.close();
  await server.close();
});

async function node(name: string, dataDir: string): Promise<Applications> {
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  const applications = await Applications.start({ conn, dataDir, node: name, onError, now: () => 99 });
  open.push(applications);
  return applications;
}

async function end(applications: Applications): Promise<void> {
  open = open.filter((each) => each !== applications);
  await applications.stop();
}

const trial = (patch: Partial<Application>): Application => ({
  ...{ id: 'a1', kind: 'backtest', title: 'prices', candidate: 'kz-2', base: 'kz-1', draft: null, by: 'ana' },
  ...{ node: 'one', startedAt: 1, endedAt: null, state: 'running', error: null, result: null },
  ...patch,
});

it('what a crash of its node left running says so after the start; other trials stay as they are', async () => {
  const [dirOne, dirTwo] = [await temporaryFolder(), await temporaryFolder()];
  const [one, two] = [await node('one', dirOne), await node('two', dirTwo)];
  await one.save(trial({ id: 'a1' }));
  await one.save(trial({ id: 'a2', state: 'waiting', startedAt: 2 }));
  await one.save(trial({ id: 'a3', state: 'done', startedAt: 3, endedAt: 4, result: { declarations: 5 } }));
  await two.save(trial({ id: 'b1', node: 'two', startedAt: 4 }));
  await until(() => one.list().length === 4);
  await end(one);
  const again = await node('one', dirOne);
  const states = () => again.list().map(({ id, state, endedAt }) => `${id} ${state} ${endedAt}`);
  expect(states()).toEqual(['b1 running null', 'a3 done 4', 'a2 interrupted 99', 'a1 interrupted 99']);
  await until(() => two.get('a1').state === 'interrupted');
  expect(two.get('a3').result).toEqual({ declarations: 5 });
  expect(() => two.get('a4')).toThrow('no such trial');
});

it('a node keeps trials when the stream has lost them', async () => {
  const dir = await temporaryFolder();
  const one = await node('one', dir);
  await one.save(trial({ state: 'done', endedAt: 2, result: { declarations: 7 } }));
  await end(one);
  expect(await purgeSubject(conn, 'APPLICATIONS', 'applications.>')).toBe(1);
  const again = await node('one', dir);
  expect(again.get('a1').result).toEqual({ declarations: 7 });
  const other = await node('two', await temporaryFolder());
  await until(() => other.list().length === 1);
});
