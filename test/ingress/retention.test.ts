import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Retention } from '../../src/ingress/retention.ts';
import { createLog } from '../../src/observe/log.ts';
import { openLedger } from '../../src/state/ledger.ts';
import { pruneLedger } from '../../src/state/ledger-prune.ts';
import { announcePositions, forgetPositions, NOWHERE, readPositions } from '../../src/stream/positions.ts';
import { streamState } from '../../src/stream/state.ts';
import type { NatsServer } from '../helpers/nats.ts';
import { saying, startNats, TestNode, until } from './fixture.ts';

let nats: NatsServer;
let node: TestNode;
let retention: Retention;

beforeEach(async () => {
  nats = await startNats();
  node = await TestNode.start(nats);
  retention = await retain(node, 'local');
});
afterEach(async () => {
  await retention.stop();
  await node.close();
  await nats.close();
});

function retain({ conn, ledger, models, metrics, ingress }: TestNode, name: string): Promise<Retention> {
  return Retention.start(
    {
      ...{ conn, ledger, metrics },
      node: `ledger.${name}`,
      projected: () => models.position('DECISIONS'),
      settled: () => ingress.settled(),
      ageMs: 1,
      log: createLog('silent'),
    },
    20,
  );
}

async function decide(of: TestNode, from: number, count: number): Promise<Map<string, string>> {
  const answers = new Map<string, string>();
  for (let i = from; i < from + count; i++) {
    const { status, text } = await of.post(saying(`T-${i}`, i % 3 === 0 ? 'hit A-1' : 'shoes'));
    expect(status).toBe(200);
    answers.set(`T-${i}`, text);
  }
  return answers;
}

const state = (stream: 'DECISIONS' | 'DECLARATIONS') => streamState(node.conn, stream);

/** After the broker was away. */
async function whole(messages: number): Promise<void> {
  await until(async () => {
    const found = await state('DECISIONS').catch(() => null);
    return found !== null && found.messages >= messages && (await node.get('/readyz')).status === 200;
  }, 'the repair');
}

async function restored(): Promise<number> {
  const { values } = await node.metrics.restored.get();
  return values.find(({ labels }) => labels.stream === 'DECISIONS')?.value ?? 0;
}

/** One round of the node's retention from its beginning to its end: the next one has begun. */
async function round(): Promise<void> {
  const saidAt = async () => (await readPositions(node.conn)).find((of) => of.node === 'ledger.local')?.at;
  for (let begun = 0; begun < 2; begun++) {
    const before = await saidAt();
    await until(async () => (await saidAt()) !== before, 'the next round');
  }
}

/** The ledger has a mark at the end of DECISIONS, which it settles when that has left the stream. */
async function marked(): Promise<void> {
  const { ledger } = node;
  await until(() => ledger.keptPosition()?.commit === ledger.head().commit, 'the position in the ledger');
  await round();
}

/**
 * Both streams hold their last message and no more, and the ledger remembers it. One more is decided for that: the
 * last message stays in its stream, and with it the mark on it.
 */
async function letGo(): Promise<void> {
  const { ledger } = node;
  const last = async () => (await state('DECISIONS')).messages <= 1 && (await state('DECLARATIONS')).messages <= 1;
  await until(last, 'the trimming');
  await marked();
  expect((await node.post(saying(`L-${ledger.head().commit}`))).status).toBe(200);
  await until(last, 'the trimming of one more');
  await until(
    async () => ledger.settledThrough(await state('DECISIONS')) >= ledger.head().commit - 1,
    'the memory of the trimming',
  );
}

it('what is answered and taken in leaves the streams, and its answers stay what they were', async () => {
  const answers = await decide(node, 0, 30);
  await letGo();
  const { lastSequence } = await state('DECISIONS');
  for (const [id, text] of answers) expect((await node.get(`/v1/declarations/${id}/decision`)).text).toBe(text);
  for (const [id, text] of answers) expect((await node.post(saying(id, answered(id)))).text).toBe(text);
  expect((await state('DECISIONS')).lastSequence).toBe(lastSequence);
});

function answered(id: string): string {
  return Number(id.slice(2)) % 3 === 0 ? 'hit A-1' : 'shoes';
}

it('an ingress that is quiet does not hold the others back, one that is away does', async () => {
  const quiet = await TestNode.start(nats, { name: 'quiet', engine: false });
  const quietly = await retain(quiet, 'quiet');
  await decide(node, 0, 20);
  await letGo();
  await quietly.stop();
  await quiet.stop();
  const { firstSequence } = await state('DECISIONS');
  await decide(node, 20, 20);
  await delay(200);
  const held = await state('DECISIONS');
  expect(held.firstSequence).toBeLessThanOrEqual(firstSequence + 1);
  expect(held.messages).toBeGreaterThanOrEqual(20);
});

it('a decision waits in the stream for the ingress that is away when it is made', async () => {
  node.engine?.pause();
  expect((await node.post(saying('W-1', 'hit A-1'))).status).toBe(202);
  await retention.stop();
  await node.stop();
  const other = await TestNode.start(nats, { name: 'other' });
  const others = await retain(other, 'other');
  await until(async () => (await streamState(other.conn, 'DECISIONS')).messages === 1);
  for (let i = 0; i < 5; i++) expect((await other.post(saying(`O-${i}`))).status).toBe(200);
  await delay(200);
  expect(await streamState(other.conn, 'DECISIONS')).toMatchObject({ firstSequence: 1, messages: 6 });
  await others.stop();
  await other.close();
  node = await TestNode.start(nats, { dir: node.dir });
  retention = await retain(node, 'local');
  await until(async () => (await node.get('/v1/declarations/W-1/decision')).status === 200);
  expect([...node.ledger.pending()]).toEqual([]);
});

it('a broker that was emptied gets what its streams had not let go, not all of history', async () => {
  await decide(node, 0, 40);
  await letGo();
  const settled = node.ledger.settledThrough(await state('DECISIONS'));
  await retention.stop();
  const answers = await decide(node, 40, 10);
  await nats.rollBack(null);
  await whole(1);
  expect(await restored()).toBeGreaterThanOrEqual(10);
  expect(await restored()).toBeLessThanOrEqual(node.ledger.head().commit - settled);
  for (const [id, text] of answers) expect((await node.get(`/v1/declarations/${id}/decision`)).text).toBe(text);
});

it('a broker that comes back from before the trimming is held to the ledger as it was then', async () => {
  await decide(node, 0, 10);
  await retention.stop();
  await delay(300);
  const copy = await nats.copyStore();
  const answers = await decide(node, 10, 20);
  retention = await retain(node, 'local');
  for (const [id, text] of await decide(node, 30, 10)) answers.set(id, text);
  await letGo();
  await retention.stop();
  await nats.rollBack(copy);
  await whole(2);
  for (const [id, text] of answers) expect((await node.get(`/v1/declarations/${id}/decision`)).text).toBe(text);
  expect(await restored()).toBeGreaterThanOrEqual(30);
});

it('an id whose decision has left the ledger is not taken again, whatever else has forgotten it', async () => {
  await decide(node, 0, 3);
  await retention.stop();
  await node.stop();
  const ledger = openLedger(join(node.dir, 'ledger'));
  const archive = { folder: join(node.dir, 'archive') };
  await pruneLedger(ledger, join(node.dir, 'ledger'), { before: Date.now() + 1000, archive });
  await ledger.close();
  rmSync(join(node.dir, 'models'), { recursive: true });
  await nats.rollBack(null);
  node = await TestNode.start(nats, { dir: node.dir });
  retention = await retain(node, 'local');
  for (const declaration of [saying('T-0', 'hit A-1'), saying('T-1', 'shoes', { version: 2 })]) {
    expect(await node.post(declaration)).toMatchObject({ status: 409, body: { code: 'version_stale' } });
  }
  expect((await node.post(saying('T-9'))).status).toBe(200);
});

it('an id that the read models know from the ledger alone is refused once its decision has left it', async () => {
  await decide(node, 0, 3);
  const restart = async (meanwhile: () => Promise<void>): Promise<void> => {
    await retention.stop();
    await node.stop();
    await meanwhile();
    node = await TestNode.start(nats, { dir: node.dir });
    retention = await retain(node, 'local');
  };
  await restart(async () => rmSync(join(node.dir, 'models'), { recursive: true }));
  await restart(async () => {
    const ledger = openLedger(join(node.dir, 'ledger'));
    const archive = { folder: join(node.dir, 'archive') };
    await pruneLedger(ledger, join(node.dir, 'ledger'), { before: Date.now() + 1000, archive });
    await ledger.close();
  });
  expect(await node.post(saying('T-0', 'hit A-1'))).toMatchObject({ status: 409, body: { code: 'version_stale' } });
  expect((await node.get('/v1/declarations/T-0/decision')).status).not.toBe(500);
});

it('a node that has taken in nothing holds everything', async () => {
  await announcePositions(node.conn, 'ledger.new', [NOWHERE]);
  await decide(node, 0, 10);
  await delay(200);
  expect((await state('DECISIONS')).messages).toBe(10);
});

it('what was held back for long is remembered up to where it was let go, not up to where that began', async () => {
  await announcePositions(node.conn, 'ledger.new', [NOWHERE]);
  await decide(node, 0, 1);
  await marked();
  await decide(node, 1, 9);
  await marked();
  await decide(node, 10, 1);
  await forgetPositions(node.conn, 'ledger.new');
  await until(async () => (await state('DECISIONS')).firstSequence === 11, 'the trimming');
  await round();
  expect(node.ledger.settledThrough(await state('DECISIONS'))).toBe(10);
});
