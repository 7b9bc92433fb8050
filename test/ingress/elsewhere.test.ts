import { afterAll, beforeAll, expect, it } from 'vitest';
import type { NatsServer } from '../helpers/nats.ts';
import { saying, startNats, TestNode, until } from './fixture.ts';

let nats: NatsServer;
let one: TestNode;
let two: TestNode;

beforeAll(async () => {
  nats = await startNats();
  one = await TestNode.start(nats, { name: 'one' });
  two = await TestNode.start(nats, { name: 'two' });
});
afterAll(async () => {
  await one.close();
  await two.close();
  await nats.close();
});

async function knownAtTwo(id: string): Promise<void> {
  await until(async () => (await two.get(`/v1/declarations/${id}`)).status === 200, `${id} at the other ingress`);
}

it('a decision made at another ingress is answered here with the same bytes, and kept here first', async () => {
  const first = await one.post(saying('M-1', 'hit A-1'));
  await knownAtTwo('M-1');
  expect(await two.post(saying('M-1', 'hit A-1'))).toMatchObject({ status: 200, text: first.text });
  expect((await two.get('/v1/declarations/M-1/decision')).text).toBe(first.text);
  expect(two.ledger.get({ submitter: 'local', id: 'M-1', version: 1 })).not.toBeNull();
  expect(await two.post(saying('M-1', 'other'))).toMatchObject({ status: 409, body: { code: 'identity_conflict' } });
});

it('an amendment here is held by a control that was ordered there', async () => {
  await one.post(saying('M-2', 'hit A-1'));
  await knownAtTwo('M-2');
  expect(await two.post(saying('M-2', 'shoes', { version: 2 }))).toMatchObject({
    body: { corridor: 'yellow', version: 2 },
  });
});

it('one identity sent to both at once has one decision', async () => {
  for (let i = 0; i < 20; i++) {
    const id = `M-3-${i}`;
    const [a, b] = await Promise.all([one.post(saying(id)), two.post(saying(id))]);
    expect([a.status, b.status]).toEqual([200, 200]);
    expect(a.text).toBe(b.text);
  }
});

it('other content under one identity, sent to both at once, is refused by one', async () => {
  for (let i = 0; i < 10; i++) {
    const id = `M-4-${i}`;
    const [a, b] = await Promise.all([one.post(saying(id)), two.post(saying(id, 'boots'))]);
    expect([a.status, b.status].sort()).toEqual([200, 409]);
    await until(async () => (await one.get(`/v1/declarations/${id}/decision`)).status === 200);
    const winner = a.status === 200 ? a : b;
    expect((await one.get(`/v1/declarations/${id}/decision`)).text).toBe(winner.text);
    expect((await two.get(`/v1/declarations/${id}/decision`)).text).toBe(winner.text);
  }
});
