import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/config.ts';
import { brokerConfig, ensureBrokerKeys } from '../../src/stream/broker-config.ts';
import { connectStream, type StreamConnection } from '../../src/stream/connection.ts';
import { brokerState } from '../../src/stream/lag.ts';
import { BROKER_ROLES, type BrokerRole, DUTIES, permissionsOf } from '../../src/stream/permissions.ts';
import { forgetPositions, readPositions } from '../../src/stream/positions.ts';
import { publish } from '../../src/stream/publish.ts';
import { lastMessage, streamState, trim } from '../../src/stream/state.ts';
import { ENGINE_CONSUMER, STREAM_NAMES, type StreamName } from '../../src/stream/streams.ts';
import { tail } from '../../src/stream/tail.ts';
import { ensureTopology } from '../../src/stream/topology.ts';
import { open } from '../../src/wire/envelope.ts';
import { type NatsServer, startNats } from '../helpers/nats.ts';

let keysDir: string;
let server: NatsServer;
let conns: Record<BrokerRole, StreamConnection>;

const as = (role: BrokerRole): Promise<StreamConnection> =>
  connectStream({ url: server.url, login: { keysDir }, name: role, role });

beforeAll(async () => {
  keysDir = await mkdtemp(join(tmpdir(), 'corridor-keys-'));
  server = await startNats(brokerConfig(ensureBrokerKeys(keysDir)));
  const pairs = await Promise.all(BROKER_ROLES.map(async (role) => [role, await as(role)] as const));
  conns = Object.fromEntries(pairs) as Record<BrokerRole, StreamConnection>;
  // An engine may be the first that starts.
  await ensureTopology(conns.engine);
});
afterAll(async () => {
  for (const conn of Object.values(conns)) await conn.close();
  await server.close();
  await rm(keysDir, { recursive: true });
});

/** Of every stream, one subject that somebody publishes on. */
const SUBJECTS: Readonly<Record<string, readonly BrokerRole[]>> = {
  'declarations.local': ['all', 'ingress'],
  'decisions.local': ['all', 'ingress', 'engine'],
  'parties.declarant': ['all', 'ingress', 'operator'],
  'policy.activated': ['all', 'engine', 'ingress'],
  'policy.proposed': ['all', 'ingress'],
  'policy.saved.a': ['all', 'ingress'],
  'nodes.a1': ['all', 'engine'],
  'quarantine.declarations': ['all', 'engine'],
  'heads.local.2026-11-23T09': ['all', 'ingress'],
  'positions.ledger.local': ['all', 'ingress'],
  'positions.models.a1': ['all', 'ingress', 'engine'],
  'access.keys.x': ['all', 'ingress'],
  'drafts.x': ['all', 'ingress'],
  'outcomes.x': ['all', 'ingress'],
  'applications.x': ['all', 'ingress'],
  'anything.else': [],
};

const bytes = (text: string) => new TextEncoder().encode(text);

async function refused(attempt: Promise<unknown>): Promise<boolean> {
  return attempt.then(
    () => false,
    (error: Error) => /Permissions Violation/.test(error.message),
  );
}

/** A request to the broker's API as nobody in the product makes it. */
const request = (role: BrokerRole, verb: string, body = '') =>
  conns[role].nats.request(`$JS.API.${verb}`, body, { timeout: 1000 });

describe.each(BROKER_ROLES)('the role %s', (role) => {
  it('publishes on its own subjects and on no others', async () => {
    const mine: string[] = [];
    for (const subject of Object.keys(SUBJECTS)) {
      if (!(await refused(publish(conns[role], subject, bytes('x'), { withinMs: 1000 })))) mine.push(subject);
    }
    expect(mine).toEqual(Object.keys(SUBJECTS).filter((subject) => SUBJECTS[subject]?.includes(role)));
  });

  it('follows the streams that it needs and no others', async () => {
    const followed: StreamName[] = [];
    for (const stream of STREAM_NAMES) {
      if (!(await refused(request(role, `CONSUMER.CREATE.${stream}`, '{}')))) followed.push(stream);
    }
    expect([...followed].sort()).toEqual([...DUTIES[role].follows].sort());
    for (const stream of followed) {
      const reader = tail(conns[role], stream, `${stream.toLowerCase()}.>`, null, () => undefined);
      await reader.caughtUp();
      await reader.stop();
    }
  });

  it('deletes no stream, no consumer and no message, and makes no other stream', async () => {
    for (const stream of STREAM_NAMES) {
      expect(await refused(request(role, `STREAM.DELETE.${stream}`))).toBe(true);
      expect(await refused(request(role, `STREAM.MSG.DELETE.${stream}`, '{"seq":1}'))).toBe(true);
      expect(await refused(request(role, `STREAM.SNAPSHOT.${stream}`, '{"deliver_subject":"x"}'))).toBe(true);
    }
    expect(await refused(request(role, `CONSUMER.DELETE.DECLARATIONS.${ENGINE_CONSUMER}`))).toBe(true);
    expect(await refused(request(role, 'STREAM.CREATE.MIRROR', '{"name":"MIRROR"}'))).toBe(true);
  });

  it('empties only what it has to trim', async () => {
    const purged: StreamName[] = [];
    for (const stream of STREAM_NAMES) {
      if (!(await refused(trim(conns[role], stream, 1)))) purged.push(stream);
    }
    expect(purged).toEqual(STREAM_NAMES.filter((stream) => DUTIES[role].purges.includes(stream)));
  });

  it('takes declarations only where it decides', async () => {
    const pull = refused(request(role, `CONSUMER.MSG.NEXT.DECLARATIONS.${ENGINE_CONSUMER}`, '{"no_wait":true}'));
    expect(await pull).toBe(!DUTIES[role].decides);
  });

  it('cannot listen to what others are answered, nor to messages beside the streams', async () => {
    for (const subject of ['_INBOX.>', '>', 'decisions.>', '_INBOX.x.>']) {
      const error = await new Promise<Error | null>((resolve) => {
        conns[role].nats.subscribe(subject, { callback: (failure) => resolve(failure) });
        void conns[role].nats.flush().then(() => delay(50).then(() => resolve(null)));
      });
      expect(error?.message, subject).toMatch(/Permissions Violation/);
    }
  });
});

it('lets a process of the service see to the streams and watch them', async () => {
  for (const role of ['all', 'ingress', 'engine', 'operator'] as const) {
    await ensureTopology(conns[role]);
    expect((await brokerState(conns[role])).streams).toHaveLength(STREAM_NAMES.length);
  }
});

it('lets only a role that may update bring streams to other bounds; the others leave them as they are', async () => {
  const bounds = { HEADS: { maxBytes: 64 * 1024 * 1024 } };
  const boundsAs = async (role: BrokerRole): Promise<number> => {
    const login = { url: server.url, login: { keysDir } };
    const conn = await connectStream({ ...login, name: 'bounds', role, topology: { bounds } });
    await ensureTopology(conn);
    await conn.close();
    return (await streamState(conns.all, 'HEADS')).maxBytes;
  };
  expect(await boundsAs('engine')).toBe(128 * 1024 * 1024);
  expect(await boundsAs('ingress')).toBe(64 * 1024 * 1024);
});

it('lets the operator see who needs what, and take a node off that list', async () => {
  await publish(conns.ingress, 'positions.models.gone', bytes('x'));
  expect((await readPositions(conns.operator)).map(({ node }) => node)).toContain('models.gone');
  expect(await forgetPositions(conns.operator, 'models.gone')).toBe(true);
});

it('cannot be led to put a message of one role on a subject of another: the broker’s own answers are no envelopes', async () => {
  const { nats } = conns.ingress;
  const before = (await streamState(conns.all, 'POLICY')).lastSequence;
  nats.publish('$JS.API.STREAM.INFO.DECISIONS', '', { reply: 'policy.activated' });
  await nats.flush();
  await delay(100);
  const last = await lastMessage(conns.all, 'POLICY', 'policy.activated');
  expect(last?.sequence).toBe(before + 1);
  expect(() => open('policy.activated', last?.data ?? bytes(''))).toThrow();
});

it('is documented for operators as it is', () => {
  const guide = readFileSync(join(packageRoot(), 'docs/operations.md'), 'utf8');
  const names = (list: readonly string[]) => (list.length === 0 ? '–' : list.map((each) => `\`${each}\``).join(' '));
  for (const role of BROKER_ROLES) {
    const { publishes, follows, looksUp, purges, topology, decides } = DUTIES[role];
    const cells = [publishes, follows, looksUp, purges].map(names);
    expect(guide).toContain(`| \`${role}\` | ${cells.join(' | ')} | ${topology} | ${decides ? 'yes' : 'no'} |`);
  }
  expect(permissionsOf('projection').publish.every((subject) => subject.startsWith('$JS.API.'))).toBe(true);
});
