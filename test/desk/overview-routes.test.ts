import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EVENT_STREAMS_PER_SUBJECT_MAX, LATEST_SHOWN } from '../../src/limits.ts';
import type { NatsServer } from '../helpers/nats.ts';
import { saying, startNats, TestNode, until } from '../ingress/fixture.ts';
import { events, openEvents } from './events.ts';

let nats: NatsServer;
let node: TestNode;

beforeAll(async () => {
  nats = await startNats();
  node = await TestNode.start(nats, { desk: true });
  for (let n = 0; n < 6; n++) await node.post(saying(`A-${n}`, 'shoes', { office: '50101' }));
  for (let n = 0; n < 2; n++) await node.post(saying(`B-${n}`, 'hit A-1', { office: '50202' }));
  await node.post(saying('B-0', 'hit A-1', { office: '50202' }));
});
afterAll(async () => {
  await node?.close();
  await nats?.close();
});

describe('the overview', () => {
  it('shows the shares of known decisions, overall and by office, most decisions first', async () => {
    const { status, body } = await node.get('/v1/overview', await node.as('analyst'));
    expect(status).toBe(200);
    expect(body.decisions.total).toBe(8);
    expect(body.shares).toEqual({ green: 75, blue: 0, yellow: 25, red: 0 });
    expect(body.offices).toEqual([
      { office: '50101', decisions: 6, shares: { green: 100, blue: 0, yellow: 0, red: 0 } },
      { office: '50202', decisions: 2, shares: { green: 0, blue: 0, yellow: 100, red: 0 } },
    ]);
    expect(body.plan).toBeNull();
    expect(Object.keys(body)).toEqual([
      'at',
      'decisions',
      'shares',
      'plan',
      'latencyMs',
      'offices',
      'alerts',
      'series',
    ]);
  });

  it('shows to a head of office its own offices only', async () => {
    const { body } = await node.get('/v1/overview', await node.as('head', { offices: ['50202', '59999'] }));
    expect(body.shares).toEqual({ green: 0, blue: 0, yellow: 100, red: 0 });
    expect(body.offices.map(({ office }: { office: string }) => office)).toEqual(['50202']);
    const all = await node.get('/v1/overview', await node.as('head', { offices: ['*'] }));
    expect(all.body.offices).toHaveLength(2);
  });

  it('is not for those whose role has no part in it', async () => {
    for (const role of ['declarant', 'inspector', 'checkpoint', 'ingest'] as const) {
      for (const path of ['/v1/overview', '/v1/overview/events']) {
        expect((await node.get(path, await node.as(role))).status).toBe(403);
      }
    }
  });

  it('has a point for each second, and latencies of the latest answers', async () => {
    const analyst = await node.as('analyst');
    await until(async () => (await node.get('/v1/overview', analyst)).body.series.length >= 2);
    const { series, latencyMs, decisions } = (await node.get('/v1/overview', analyst)).body;
    const seconds = series.map(([second]: [number]) => second);
    expect(seconds).toEqual(seconds.map((_: number, at: number) => seconds[0] + at));
    expect(series.reduce((sum: number, [, perSecond]: [number, number]) => sum + perSecond, 0)).toBeLessThanOrEqual(
      decisions.total,
    );
    expect(latencyMs.p50).toBeGreaterThan(0);
    expect(latencyMs.p99).toBeGreaterThanOrEqual(latencyMs.p50);
  });
});

describe('the stream of overviews', () => {
  it('sends one each second, with the newest point alone, and what was decided meanwhile', async () => {
    const stream = await openEvents(node, '/v1/overview/events', await node.as('analyst'));
    expect(stream.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(stream.headers.get('cache-control')).toBe('no-store');
    const [first, second] = await events(stream, 2);
    await node.post(saying('C-1', 'shoes', { office: '50303' }));
    const [third, fourth] = await events(stream, 2);
    expect(stream.retryMs()).toBe(2000);
    const ids = [second, third, fourth].map((event) => Number(event?.id));
    // A busy machine may miss a second, and sends none of it twice.
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
    expect(first?.name).toBe('overview');
    for (const event of [second, third, fourth]) {
      expect(event?.data.series).toHaveLength(1);
      expect(event?.data.series[0][0]).toBe(Number(event?.id));
    }
    expect(fourth?.data.offices.map(({ office }: { office: string }) => office)).toContain('50303');
    stream.abort();
  });

  it('is opened by one identity so often and not more, and may be again when one has ended', async () => {
    const head = await node.as('head', { offices: ['50101'], sub: 'many' });
    const open = await Promise.all(
      Array.from({ length: EVENT_STREAMS_PER_SUBJECT_MAX }, () => openEvents(node, '/v1/overview/events', head)),
    );
    expect(open.map(({ status }) => status)).toEqual(open.map(() => 200));
    expect((await node.get('/v1/overview/events', head)).body.code).toBe('overloaded');
    const other = await openEvents(node, '/v1/overview/events', await node.as('head', { sub: 'another' }));
    expect(other.status).toBe(200);
    other.abort();
    open[0]?.abort();
    await until(async () => {
      const again = await openEvents(node, '/v1/overview/events', head);
      again.abort();
      return again.status === 200;
    });
    for (const stream of open) stream.abort();
  });

  it('ends with the token, and when it is revoked', async () => {
    const soon = await node.as('analyst', { exp: Math.floor(Date.now() / 1000) + 2 });
    const expiring = await openEvents(node, '/v1/overview/events', soon);
    const revoked = await openEvents(node, '/v1/overview/events', await node.as('analyst', { sub: 'goes' }));
    await node.directory.revoke('subject', 'goes', 'left', 'test');
    expect(await expiring.ended).toBe(true);
    expect(await revoked.ended).toBe(true);
  });

  it('is put on record once, when it is opened', async () => {
    const count = () => node.audited.filter(({ subject }) => subject === 'recorded').length;
    const stream = await openEvents(node, '/v1/overview/events', await node.as('auditor', { sub: 'recorded' }));
    await events(stream, 2);
    stream.abort();
    expect(count()).toBe(1);
    expect(node.audited.at(-1)).toMatchObject({
      action: 'overview.read',
      roles: ['auditor'],
      result: 'done',
      count: 1,
    });
  });
});

it('the newest decisions are those that may be seen, the newest first, so many at most', async () => {
  const ids = async (headers: Record<string, string>) => {
    const { body } = await node.get('/v1/decisions/latest', headers);
    return body.decisions.map(({ declarationId }: { declarationId: string }) => declarationId);
  };
  expect(await ids(await node.as('inspector', { offices: ['50202'] }))).toEqual(['B-1', 'B-0']);
  expect((await ids(await node.as('auditor'))).slice(-8)).toEqual([
    'B-1',
    'B-0',
    'A-5',
    'A-4',
    'A-3',
    'A-2',
    'A-1',
    'A-0',
  ]);
  expect((await node.get('/v1/decisions/latest', await node.as('declarant'))).status).toBe(403);
  for (let n = 0; n < LATEST_SHOWN; n++) await node.post(saying(`L-${n}`, 'shoes', { office: '50404' }));
  expect(await ids(await node.as('auditor'))).toHaveLength(LATEST_SHOWN);
  const { body } = await node.get('/v1/decisions/latest', await node.as('auditor'));
  expect(body.decisions[0]).toMatchObject({
    ...{ declarationId: `L-${LATEST_SHOWN - 1}`, version: 1, submitter: 'local', office: '50404', corridor: 'green' },
    decidedAt: expect.stringMatching(/Z$/),
  });
  expect(node.audited.at(-1)).toMatchObject({ action: 'latest.read' });
});

it('the newest decisions are filtered by corridor and office before they are counted', async () => {
  const auditor = await node.as('auditor');
  const asked = (query: string) => node.get(`/v1/decisions/latest?${query}`, auditor);
  for (const query of ['corridor=yellow', 'corridor=red,yellow', 'corridor=yellow,red&office=50202']) {
    const { body } = await asked(query);
    expect(body.decisions.map(({ declarationId }: { declarationId: string }) => declarationId)).toEqual(['B-1', 'B-0']);
  }
  expect((await asked('corridor=red')).body.decisions).toEqual([]);
  for (const query of [
    'corridor=pink',
    'corridor=',
    'corridor=red,',
    'office=a%20b',
    'office=',
    'color=red',
    'office=1&office=2',
  ]) {
    const { status, body } = await asked(query);
    expect([query, status, body.code]).toEqual([query, 400, 'invalid_request']);
  }
});

it('everybody who is signed in learns who they are and what they may do', async () => {
  const { body } = await node.get('/v1/me', await node.as('head', { sub: 'h-1', name: 'A. B.', offices: ['50101'] }));
  expect(body).toMatchObject({ subject: 'h-1', name: 'A. B.', roles: ['head'], offices: ['50101'], party: null });
  expect(body.may).toContain('overview');
  expect(body.may).not.toContain('audit');
  expect(Date.parse(body.expiresAt)).toBeGreaterThan(Date.now());
  expect((await node.get('/v1/me', { authorization: '' })).status).toBe(401);
  const trader = await node.get('/v1/me', await node.as('declarant', { party: '180340012349' }));
  expect(trader.body).toMatchObject({ party: '180340012349', roles: ['declarant'] });
});

it('the routes stand in the documentation', async () => {
  const { paths } = (await node.get('/openapi.json')).body;
  expect(Object.keys(paths)).toEqual(
    expect.arrayContaining([
      '/v1/me',
      '/v1/overview',
      '/v1/overview/events',
      '/v1/decisions/latest',
      '/v1/parties/{id}',
    ]),
  );
});

it('streams that are open do not keep the service from stopping', async () => {
  const other = await TestNode.start(nats, { name: 'stops', engine: false, desk: true });
  const stream = await openEvents(other, '/v1/overview/events', await other.as('analyst'));
  await events(stream, 1);
  await other.ingress.stop();
  expect(await stream.ended).toBe(true);
  await other.close();
});

it('decisions of before a start are not told twice, and those of the last hour are known again', async () => {
  const again = await TestNode.start(nats, { name: 'again', engine: false, desk: true });
  const { body } = await again.get('/v1/overview', await again.as('analyst'));
  const here = await node.get('/v1/overview', await node.as('analyst'));
  expect(body.decisions.total).toBe(here.body.decisions.total);
  expect(body.offices).toEqual(here.body.offices);
  await again.close();
});
