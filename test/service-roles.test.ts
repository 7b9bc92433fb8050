import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { devUser } from '../src/access/dev-users.ts';
import { loadConfig } from '../src/config.ts';
import { type Service, startService } from '../src/service.ts';
import { brokerConfig, ensureBrokerKeys } from '../src/stream/broker-config.ts';
import { connectStream } from '../src/stream/connection.ts';
import { seedFile } from '../src/stream/login.ts';
import { streamState } from '../src/stream/state.ts';
import { declarationInput } from './helpers/declaration.ts';
import { type NatsServer, startNats } from './helpers/nats.ts';
import { until } from './helpers/until.ts';

let folder: string;
let nats: NatsServer;
const services: Service[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'corridor-roles-'));
  nats = await startNats(`log_file: "${join(folder, 'log')}"\n${brokerConfig(ensureBrokerKeys(join(folder, 'keys')))}`);
});
afterEach(async () => {
  for (const service of services.splice(0).reverse()) await service.stop();
  await nats.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(role: 'ingress' | 'engine'): Promise<Service> {
  const config = loadConfig({
    CORRIDOR_ROLE: role,
    CORRIDOR_DATA: join(folder, role),
    CORRIDOR_RULES: join(import.meta.dirname, 'helpers/policy'),
    CORRIDOR_PORT: '0',
    CORRIDOR_LOG: 'silent',
    CORRIDOR_DEADLINE_MS: '4000',
    NATS_URL: nats.url,
    NATS_NKEY_FILE: seedFile(join(folder, 'keys'), role),
  });
  const service = await startService(config);
  services.push(service);
  return service;
}

async function submit({ url, devIssuer }: Service, id: string): Promise<number> {
  const token = await devIssuer?.sign(devUser('ingest'), 60_000);
  const answer = await fetch(`${url}/v1/declarations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(declarationInput({ id })),
  });
  await answer.text();
  return answer.status;
}

it('an ingress and an engine do all their work as users of the broker that may do nothing else', async () => {
  await start('engine');
  const ingress = await start('ingress');
  for (let i = 0; i < 5; i++) expect(await submit(ingress, `R-${i}`)).toBe(200);
  const conn = await connectStream({
    ...{ url: nats.url, login: { keysDir: join(folder, 'keys') } },
    ...{ name: 'test', role: 'operator' },
  });
  try {
    // Two rounds of retention: what engines have acknowledged goes once everybody has taken in the decisions on it.
    await until(async () => (await streamState(conn, 'DECLARATIONS')).firstSequence > 1, 50_000);
    expect((await streamState(conn, 'HEADS')).messages).toBeGreaterThan(0);
    expect((await streamState(conn, 'POSITIONS')).messages).toBe(2);
  } finally {
    await conn.close();
  }
  expect(await readFile(join(folder, 'log'), 'utf8')).not.toMatch(/violation/i);
}, 90_000);
