import { once } from 'node:events';
import { request } from 'node:http';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BATCH_WINDOW, BODY_BYTES_MAX } from '../../src/limits.ts';
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

const NDJSON = { 'content-type': 'application/x-ndjson' };

function open() {
  const outgoing = request(`${node.url}/v1/declarations/batch`, {
    method: 'POST',
    headers: { ...node.bearer, ...NDJSON },
  });
  outgoing.on('error', () => undefined);
  return outgoing;
}

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into field by field
async function send(lines: readonly string[]): Promise<any[]> {
  const { text, status } = await node.request('POST', '/v1/declarations/batch', lines.join('\n'), NDJSON);
  expect(status).toBe(200);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

it('answers every line, in order, with its number, whatever is wrong with others', async () => {
  const answers = await send([
    JSON.stringify(saying('B-1', 'slow 50')),
    '',
    '{"id":',
    JSON.stringify({ ...saying('B-2'), office: '' }),
    `${JSON.stringify(saying('B-3', 'hit A-1'))}\r`,
    `"${'x'.repeat(BODY_BYTES_MAX + 1)}"`,
    JSON.stringify(saying('B-1', 'another')),
    JSON.stringify(saying('B-4')),
  ]);
  expect(answers).toMatchObject([
    { line: 1, declarationId: 'B-1', corridor: 'green' },
    { line: 3, problem: { code: 'malformed_body' } },
    { line: 4, problem: { code: 'invalid_declaration', faults: [{ pointer: '/office' }] } },
    { line: 5, declarationId: 'B-3', corridor: 'yellow' },
    { line: 6, problem: { code: 'body_too_large' } },
    { line: 7, problem: { code: 'identity_conflict' } },
    { line: 8, declarationId: 'B-4' },
  ]);
});

it('gives the same decision as the single route', async () => {
  const [{ line, ...decision }] = await send([JSON.stringify(saying('B-5', 'hit A-1'))]);
  expect(line).toBe(1);
  expect(decision).toEqual((await node.post(saying('B-5', 'hit A-1'))).body);
});

it('decides many lines, each once', async () => {
  const lines = Array.from({ length: 2000 }, (_, i) => JSON.stringify(saying(`C-${i}`)));
  const answers = await send(lines);
  expect(answers.map(({ declarationId }) => declarationId)).toEqual(lines.map((_, i) => `C-${i}`));
});

it('answers a line before the next is sent', async () => {
  const outgoing = open();
  outgoing.write(`${JSON.stringify(saying('B-6'))}\n`);
  const [incoming] = await once(outgoing, 'response');
  const lines = createInterface(incoming)[Symbol.asyncIterator]();
  expect(JSON.parse((await lines.next()).value)).toMatchObject({ line: 1, declarationId: 'B-6' });
  outgoing.write(`${JSON.stringify(saying('B-7'))}\n`);
  expect(JSON.parse((await lines.next()).value)).toMatchObject({ line: 2, declarationId: 'B-7' });
  outgoing.end();
  expect((await lines.next()).done).toBe(true);
});

it('stops reading while its answers are not read, and goes on when they are', async () => {
  const outgoing = open();
  let written = 0;
  let drained = true;
  const writing = (async () => {
    for (; written < 20_000; written++) {
      if (outgoing.write(`${JSON.stringify(saying(`D-${written % 50}`, 'hit A-1'))}\n`)) continue;
      drained = false;
      await once(outgoing, 'drain');
      drained = true;
    }
    outgoing.end();
  })();
  const [incoming] = await once(outgoing, 'response');
  let before = -1;
  await until(async () => {
    const still = before === written && !drained;
    before = written;
    await delay(200);
    return still;
  }, 'the writer stands still');
  expect(written).toBeLessThan(20_000);
  expect(node.ingress.server.server.listening).toBe(true);
  let answered = 0;
  for await (const _ of createInterface(incoming)) answered += 1;
  await writing;
  expect(answered).toBe(20_000);
});

it('lets go of a client that goes away', async () => {
  const outgoing = open();
  for (let i = 0; i < BATCH_WINDOW * 2; i++) outgoing.write(`${JSON.stringify(saying(`E-${i}`))}\n`);
  await once(outgoing, 'response');
  outgoing.destroy();
  await until(async () => {
    const { text } = await node.get('/metrics');
    return /^corridor_in_flight 0$/m.test(text);
  }, 'nothing in flight');
  expect((await node.post(saying('B-8'))).status).toBe(200);
});

it('a batch that never ends does not keep the service from stopping', async () => {
  const other = await TestNode.start(nats, { name: 'other' });
  const outgoing = request(`${other.url}/v1/declarations/batch`, {
    method: 'POST',
    headers: { ...other.bearer, ...NDJSON },
  });
  outgoing.on('error', () => undefined);
  outgoing.write(`${JSON.stringify(saying('G-1'))}\n`);
  const [incoming] = await once(outgoing, 'response');
  incoming.on('error', () => undefined).resume();
  await other.close();
});
