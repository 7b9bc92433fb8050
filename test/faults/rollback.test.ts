import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { declarationInput } from '../helpers/declaration.ts';
import { streamWinners } from '../helpers/kept.ts';
import { Load } from '../helpers/load.ts';
import { type NatsServer, startNats } from '../helpers/nats.ts';
import { createService, type ServiceProcess } from '../helpers/service.ts';

let nats: NatsServer;
let service: ServiceProcess;

beforeEach(async () => {
  nats = await startNats();
  service = await createService({ natsUrl: nats.url });
  await service.start();
});

afterEach(async () => {
  await service?.close();
  await nats?.close();
});

const declarations = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => declarationInput({ id: `R-${from + i}` }));

async function sendAll(load: Load, from: number, count: number): Promise<void> {
  await Promise.all(declarations(from, count).map((declaration) => load.send(declaration)));
}

/** Every answered decision, by identity, as it stands in the answers, is in the stream and answered the same again. */
async function expectAllKept(load: Load): Promise<void> {
  expect(load.refused).toEqual([]);
  expect(load.contradictions).toEqual([]);
  for (const [id, body] of load.answered) {
    const again = await fetch(`${service.url}/v1/declarations/${id}/decision`, { headers: await service.authorise() });
    expect(await again.text(), id).toBe(body);
  }
  const missing = [...load.answered.keys()].filter((id) => !winners.has(`local\n${id}\n1`));
  expect(missing).toEqual([]);
  for (const [key, record] of before) expect(winners.get(key)?.equals(record), key).toBe(true);
}

let before = new Map<string, Buffer>();
let winners = new Map<string, Buffer>();

describe.each(['rolled back to an older copy', 'emptied'])('the broker’s folder is %s', (how) => {
  const copy = async () => (how === 'emptied' ? null : nats.copyStore());

  it('while the service lives: every answered decision reappears in the streams, unchanged', async () => {
    const load = new Load(service);
    await sendAll(load, 0, 100);
    const older = await copy();
    await sendAll(load, 100, 100);
    before = await streamWinners(nats.url);
    await nats.rollBack(older);
    await service.ready(10_000);
    await sendAll(load, 200, 50);
    await delay(500);
    winners = await streamWinners(nats.url);
    await expectAllKept(load);
  }, 90_000);

  it('while the service is down: the same', async () => {
    const load = new Load(service);
    await sendAll(load, 0, 100);
    const older = await copy();
    await sendAll(load, 100, 100);
    before = await streamWinners(nats.url);
    await service.kill();
    await nats.rollBack(older);
    await service.start();
    await sendAll(load, 200, 50);
    await delay(500);
    winners = await streamWinners(nats.url);
    await expectAllKept(load);
  }, 90_000);
});
