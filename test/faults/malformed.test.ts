import { Agent, request } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { NatsServer } from '../helpers/nats.ts';
import { saying, startNats, TestNode } from '../ingress/fixture.ts';
import { Dice, type MalformedBody, malformed } from './bodies.ts';

/** How many bodies: few in every run, 100,000 by `FUZZ_BODIES=100000`. */
const BODIES = Number(process.env.FUZZ_BODIES ?? 3000);
const SEED = Number(process.env.FUZZ_SEED ?? 20261123);
const CLIENTS = 8;
/** Growth of the heap over the second half of the run that is no leak. */
const GROWTH_BYTES_MAX = 48 * 1024 * 1024;

let nats: NatsServer;
let node: TestNode;
const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });

beforeAll(async () => {
  nats = await startNats();
  node = await TestNode.start(nats);
});
afterAll(async () => {
  agent.destroy();
  await node.close();
  await nats.close();
});

interface Refusal {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

function send({ type, bytes }: MalformedBody): Promise<Refusal> {
  return new Promise((resolve, reject) => {
    const headers = { ...node.bearer, 'content-type': type, 'content-length': bytes.length };
    const outgoing = request(`${node.url}/v1/declarations`, { method: 'POST', agent, headers }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: incoming.statusCode ?? 0, type: incoming.headers['content-type'] ?? '', text });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(bytes);
  });
}

function usedBytes(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

it(`refuses ${BODIES} malformed bodies with a problem, and stays as it was`, { timeout: 1_800_000 }, async () => {
  const dice = new Dice(SEED);
  const statuses = new Map<number, number>();
  let sent = 0;
  let halfway = 0;
  const client = async (): Promise<void> => {
    while (sent < BODIES) {
      const n = sent++;
      const body = malformed(dice, n);
      const answer = await send(body);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      const told = `body ${n} of seed ${SEED}: ${answer.status} ${answer.text.slice(0, 300)}`;
      expect(answer.status >= 400 && answer.status < 500, told).toBe(true);
      expect(answer.type, told).toMatch(/^application\/problem\+json/);
      const problem = JSON.parse(answer.text) as { status: number; code: string; faults: unknown[] };
      expect(problem.status, told).toBe(answer.status);
      if (answer.status === 422) expect(problem.faults.length, told).toBeGreaterThan(0);
      if (n === Math.floor(BODIES / 2)) halfway = usedBytes();
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  expect(statuses.get(400)).toBeGreaterThan(0);
  expect(statuses.get(422)).toBeGreaterThan(0);
  expect(usedBytes() - halfway).toBeLessThan(GROWTH_BYTES_MAX);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  expect(node.logged.filter((line) => line.includes('unexpected'))).toEqual([]);
  expect([...node.ledger.entries()]).toEqual([]);
  expect((await node.post(saying('F-after'))).status).toBe(200);
});
