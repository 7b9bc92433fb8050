import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tail } from '../../src/stream/tail.ts';
import { type DecisionEntry, open } from '../../src/wire/envelope.ts';
import { identityKey } from '../../src/wire/identity.ts';
import type { NatsServer } from '../helpers/nats.ts';
import { saying, startNats, TestNode, until } from './fixture.ts';

let nats: NatsServer;
let dir: string;
let node: TestNode;

beforeEach(async () => {
  nats = await startNats();
  dir = mkdtempSync(join(tmpdir(), 'corridor-repair-'));
  node = await TestNode.start(nats, { dir });
});
afterEach(async () => {
  await node.stop();
  rmSync(dir, { recursive: true, force: true });
  await nats.close();
});

async function decide(from: number, count: number): Promise<Map<string, string>> {
  const answers = new Map<string, string>();
  for (let i = from; i < from + count; i++) {
    const answer = await node.post(saying(`R-${i}`, i % 3 === 0 ? 'hit A-1' : 'shoes'));
    expect(answer.status).toBe(200);
    answers.set(`R-${i}`, answer.text);
  }
  return answers;
}

/** Winner per identity, as the stream tells it. */
async function winners(): Promise<Map<string, DecisionEntry>> {
  const found = new Map<string, DecisionEntry>();
  const reading = tail(node.conn, 'DECISIONS', 'decisions.>', null, (messages) => {
    for (const { data } of messages) {
      for (const entry of open('decisions.made', data).body) {
        const before = found.get(identityKey(entry));
        if (before === undefined || (entry.restored && !before.restored)) found.set(identityKey(entry), entry);
      }
    }
  });
  await until(() => reading.position() !== null);
  await reading.caughtUp();
  await reading.stop();
  return found;
}

async function expectAllInStream(): Promise<void> {
  let kept = 0;
  const streamed = await winners();
  for (const { entry } of node.ledger.entries()) {
    kept += 1;
    const winner = streamed.get(identityKey(entry.identity));
    expect(winner === undefined ? null : Buffer.from(winner.record)).toEqual(Buffer.from(entry.record));
  }
  expect(streamed.size).toBe(kept);
}

async function settled(): Promise<void> {
  await until(async () => {
    const { body } = await node.get('/readyz');
    return body?.ready === true;
  }, 'ready');
}

async function restored(stream: string): Promise<number> {
  const { text } = await node.get('/metrics');
  return Number(new RegExp(`corridor_restored_total\\{stream="${stream}"\\} (\\d+)`).exec(text)?.[1] ?? 0);
}

async function expectUnchanged(answers: ReadonlyMap<string, string>): Promise<void> {
  for (const [id, text] of answers) expect((await node.get(`/v1/declarations/${id}/decision`)).text).toBe(text);
}

describe('while the service lives', () => {
  it('a broker that was killed and lost nothing is left as it is', async () => {
    const answers = await decide(0, 20);
    await nats.restart();
    await settled();
    await decide(20, 5);
    await expectUnchanged(answers);
    await expectAllInStream();
    expect(await restored('DECISIONS')).toBe(0);
  });

  it('what an emptied broker lost is published again', async () => {
    const answers = await decide(0, 100);
    await nats.rollBack(null);
    await until(async () => (await restored('DECISIONS')) === 100, 'all restored');
    await settled();
    await decide(100, 10);
    await expectUnchanged(answers);
    await expectAllInStream();
  });

  it('what a broker that was rolled back lost is published again, and only that', async () => {
    const before = await decide(0, 30);
    const copy = await nats.copyStore();
    const after = await decide(30, 30);
    await nats.rollBack(copy);
    await until(async () => (await restored('DECISIONS')) === 30, 'all restored');
    await settled();
    await decide(60, 10);
    await expectUnchanged(before);
    await expectUnchanged(after);
    await expectAllInStream();
  });
});

describe('while the service is down', () => {
  const restart = async (meanwhile: () => Promise<void>): Promise<void> => {
    await node.stop();
    await meanwhile();
    node = await TestNode.start(nats, { dir });
  };

  it('nothing lost is nothing done', async () => {
    const answers = await decide(0, 20);
    await restart(() => nats.restart());
    await decide(20, 5);
    await expectUnchanged(answers);
    await expectAllInStream();
    expect(await restored('DECISIONS')).toBe(0);
  });

  it('what an emptied broker lost is published again', async () => {
    const answers = await decide(0, 50);
    await restart(() => nats.rollBack(null));
    expect(await restored('DECISIONS')).toBe(50);
    await decide(50, 5);
    await expectUnchanged(answers);
    await expectAllInStream();
  });

  it('what a broker that was rolled back lost is published again', async () => {
    await decide(0, 20);
    const copy = await nats.copyStore();
    const answers = await decide(20, 20);
    await restart(() => nats.rollBack(copy));
    expect(await restored('DECISIONS')).toBe(20);
    await decide(40, 5);
    await expectUnchanged(answers);
    await expectAllInStream();
  });

  it('what was rolled back is found even where the stream has grown past our place', async () => {
    await decide(0, 10);
    const copy = await nats.copyStore();
    const answers = await decide(10, 10);
    await restart(async () => {
      await nats.rollBack(copy);
      const other = await TestNode.start(nats, { name: 'other' });
      for (let i = 0; i < 30; i++) expect((await other.post(saying(`O-${i}`))).status).toBe(200);
      await other.close();
    });
    expect(await restored('DECISIONS')).toBe(10);
    await expectUnchanged(answers);
  });
});

it('declarations that waited for their decision are decided after the broker lost them', async () => {
  node.engine?.pause();
  const answer = node.post(saying('Q-1', 'hit A-1'));
  expect((await answer).status).toBe(202);
  await node.stop();
  await nats.rollBack(null);
  node = await TestNode.start(nats, { dir });
  await until(async () => (await node.get('/v1/declarations/Q-1/decision')).status === 200, 'a decision');
  expect([...node.ledger.pending()]).toEqual([]);
});
