import { decode, encode } from '@msgpack/msgpack';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NatsServer } from '../helpers/nats.ts';
import { saying, startNats, TestNode, until } from './fixture.ts';

let nats: NatsServer;
let node: TestNode;

beforeAll(async () => {
  nats = await startNats();
  node = await TestNode.start(nats);
});
afterAll(async () => {
  await node.close();
  await nats.close();
});

describe('a declaration', () => {
  it('is decided, kept and answered', async () => {
    const answer = await node.post(saying('A-1', 'hit A-1'));
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      declarationId: 'A-1',
      version: 1,
      corridor: 'yellow',
      released: false,
      score: 0.5,
      expectedDamage: '25000.00',
      reasons: [{ kind: 'profile', code: 'A-1', target: 'undervaluation', settled: 'yellow' }],
      measures: [{ code: 'documentary_check' }],
    });
    expect(Object.keys(answer.body)).toEqual([
      ...['declarationId', 'version', 'corridor', 'released', 'score', 'expectedDamage', 'reasons', 'measures'],
      ...['policyVersion', 'decidedAt'],
    ]);
    expect(node.ledger.get({ submitter: 'local', id: 'A-1', version: 1 })?.outcome).toBe('decided');
    expect(answer.headers.get('server-timing')).toMatch(/receive;dur=.*publish;dur=.*decide;dur=.*ledger;dur=.*total/);
  });

  it('sent twice gets the same decision, byte for byte', async () => {
    const first = await node.post(saying('A-2'));
    const again = await node.post(saying('A-2'));
    expect(first.status).toBe(200);
    expect(again).toMatchObject({ status: 200, text: first.text });
    const read = await node.get('/v1/declarations/A-2/decision');
    expect(read).toMatchObject({ status: 200, text: first.text });
  });

  it('sent many times at once is decided once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => node.post(saying('A-3'))));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.every(({ status }) => status === 200)).toBe(true);
  });

  it('with other content under the same identity is refused', async () => {
    await node.post(saying('A-4'));
    const other = await node.post(saying('A-4', 'boots'));
    expect(other).toMatchObject({ status: 409, body: { code: 'identity_conflict' } });
    const [one, two] = await Promise.all([node.post(saying('A-5')), node.post(saying('A-5', 'boots'))]);
    expect([one.status, two.status].sort()).toEqual([200, 409]);
  });

  it('of another submitter is another declaration', async () => {
    await node.post(saying('A-6'));
    const other = await node.post(saying('A-6', 'boots'), { 'corridor-submitter': 'broker-7' });
    expect(other.status).toBe(200);
    expect(await node.post(saying('A-6'), { 'corridor-submitter': 'no\tgood' })).toMatchObject({ status: 400 });
  });

  it('of a trader has that trader among its parties', async () => {
    const stranger = await node.as('declarant', { party: '600000000001' });
    const answer = await node.post(saying('A-9'), stranger);
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid_declaration' } });
    expect(answer.body.faults).toEqual([{ pointer: '/parties', message: 'must name who submits it' }]);
    const line = await node.request('POST', '/v1/declarations/batch', saying('A-9'), {
      ...stranger,
      'content-type': 'application/x-ndjson',
    });
    expect(line.text).toContain('must name who submits it');
    expect(await node.post(saying('A-9'), await node.as('declarant', { party: '210987654321' }))).toMatchObject({
      status: 200,
      body: { outcome: 'released' },
    });
  });

  it('comes and goes in MessagePack too', async () => {
    const answer = await fetch(`${node.url}/v1/declarations`, {
      method: 'POST',
      headers: { ...node.bearer, 'content-type': 'application/vnd.msgpack', accept: 'application/msgpack' },
      body: Buffer.from(encode(saying('A-7', 'hit B-2'))),
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/msgpack');
    const body = decode(await answer.arrayBuffer());
    expect(body).toEqual((await node.post(saying('A-7', 'hit B-2'))).body);
  });

  it('that no engine can decide is set aside, and says so every time', async () => {
    const first = await node.post(saying('A-8', 'throw'));
    expect(first).toMatchObject({ status: 500, body: { code: 'quarantined' } });
    expect(await node.post(saying('A-8', 'throw'))).toMatchObject({ status: 500, body: { code: 'quarantined' } });
    expect(await node.get('/v1/declarations/A-8')).toMatchObject({ status: 200, body: { outcome: 'quarantined' } });
  });
});

describe('versions', () => {
  it('follow one another, and an amendment never lightens a control', async () => {
    expect(await node.post(saying('V-1', 'hit A-1'))).toMatchObject({ status: 200, body: { corridor: 'yellow' } });
    const amended = await node.post(saying('V-1', 'shoes', { version: 2 }));
    expect(amended).toMatchObject({ status: 200, body: { corridor: 'yellow', reasons: [{ kind: 'amendment' }] } });
    expect(await node.post(saying('V-1', 'shoes', { version: 4 }))).toMatchObject({
      status: 409,
      body: { code: 'version_gap', faults: [{ pointer: '/version', message: 'must be 3' }] },
    });
    const history = await node.get('/v1/declarations/V-1');
    expect(history.body).toMatchObject({ version: 2, outcome: 'decided', corridor: 'yellow', released: false });
    expect(history.body.versions).toMatchObject([{ version: 1 }, { version: 2 }]);
    expect((await node.get('/v1/declarations/V-1/decision')).text).toBe(amended.text);
    expect((await node.get('/v1/declarations/V-1/decision?version=1')).body.version).toBe(1);
    expect(await node.get('/v1/declarations/V-1/decision?version=3')).toMatchObject({ status: 404 });
    expect(await node.get('/v1/declarations/V-1/decision?version=x')).toMatchObject({ status: 400 });
  });

  it('beginning with 2 leave a gap', async () => {
    expect(await node.post(saying('V-2', 'shoes', { version: 2 }))).toMatchObject({
      status: 409,
      body: { code: 'version_gap' },
    });
  });

  it('wait for the one before', async () => {
    const first = node.post(saying('V-3', 'slow 200'));
    await until(async () => (await node.get('/v1/declarations/V-3')).status === 200);
    const next = await node.post(saying('V-3', 'shoes', { version: 2 }));
    expect(next).toMatchObject({ status: 409, body: { code: 'previous_version_pending' } });
    expect(next.headers.get('retry-after')).toBe('1');
    expect((await first).status).toBe(200);
    expect((await node.post(saying('V-3', 'shoes', { version: 2 }))).status).toBe(200);
  });
});

describe('a withdrawal', () => {
  it('ends a declaration that is under control', async () => {
    await node.post(saying('W-1', 'hit A-1'));
    const done = await node.withdraw('W-1');
    expect(done).toMatchObject({ status: 200, body: { declarationId: 'W-1', version: 2, outcome: 'withdrawn' } });
    expect(await node.withdraw('W-1')).toMatchObject({ status: 200, text: done.text });
    expect(await node.withdraw('W-1', 'another reason')).toMatchObject({ status: 409, body: { code: 'withdrawn' } });
    expect(await node.post(saying('W-1', 'shoes', { version: 3 }))).toMatchObject({
      status: 409,
      body: { code: 'withdrawn' },
    });
    expect(await node.get('/v1/declarations/W-1')).toMatchObject({ body: { outcome: 'withdrawn', version: 2 } });
  });

  it('hands its control on to like goods under another id', async () => {
    const goods = { parties: [{ role: 'importer' as const, id: '555555555555', country: 'KZ' }] };
    await node.post(saying('W-2', 'hit A-1', goods));
    expect((await node.withdraw('W-2')).status).toBe(200);
    expect(await node.post(saying('W-3', 'shoes', goods))).toMatchObject({
      body: { corridor: 'yellow', reasons: [{ kind: 'withdrawal', code: 'W-2' }] },
    });
  });

  it('is refused for released goods, unknown ids and without a reason', async () => {
    await node.post(saying('W-4', 'shoes', { parties: [{ role: 'importer', id: '777777777777', country: 'KZ' }] }));
    expect(await node.withdraw('W-4')).toMatchObject({ status: 409, body: { code: 'already_released' } });
    expect(await node.withdraw('W-none')).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(await node.request('POST', '/v1/declarations/W-4/withdrawal', {})).toMatchObject({
      status: 400,
      body: { faults: [{ pointer: '/reason', message: 'is required' }] },
    });
  });
});
