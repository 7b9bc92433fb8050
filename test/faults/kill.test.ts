import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { verifyLedger } from '../../src/state/verify.ts';
import { declarationInput } from '../helpers/declaration.ts';
import { ledgerRecords, streamWinners } from '../helpers/kept.ts';
import { Load } from '../helpers/load.ts';
import { type NatsServer, startNats } from '../helpers/nats.ts';
import { createService, type ServiceProcess } from '../helpers/service.ts';

/** `npm run test:faults` runs 20; the ordinary run a few. */
const ROUNDS = Number(process.env.FAULT_ROUNDS ?? 3);
const READY_WITHIN_MS = 5000;

let nats: NatsServer;
let ingress: ServiceProcess;
let engine: ServiceProcess;

beforeAll(async () => {
  nats = await startNats();
  engine = await createService({ natsUrl: nats.url, role: 'engine' });
  ingress = await createService({ natsUrl: nats.url, role: 'ingress' });
  await engine.start();
  await ingress.start();
});

afterAll(async () => {
  await ingress?.close();
  await engine?.close();
  await nats?.close();
});

it(
  'keeps every answered decision, once and unchanged, when broker, ingress and engine are killed under load',
  async () => {
    const load = new Load(ingress);
    load.start(16, 20, (n) => declarationInput({ id: `K-${n}` }));
    const victims = [
      ['broker', nats, () => nats.start()],
      ['ingress', ingress, () => ingress.start()],
      ['engine', engine, () => engine.start()],
    ] as const;
    for (let round = 0; round < ROUNDS; round++) {
      await delay(400 + (round % 5) * 100);
      const [name, victim, start] = victims[round % victims.length] as (typeof victims)[number];
      await victim.kill();
      await delay(100);
      const since = performance.now();
      await start();
      await Promise.all([ingress.ready(READY_WITHIN_MS, since), engine.ready(READY_WITHIN_MS, since)]).catch(
        (cause) => {
          throw new Error(`round ${round}: ${name} was killed`, { cause });
        },
      );
    }
    await load.stop();
    expect(load.contradictions).toEqual([]);
    expect(load.refused).toEqual([]);
    expect(load.answered.size).toBeGreaterThan(ROUNDS * 10);
    for (const [id, body] of load.answered) {
      const again = await fetch(`${ingress.url}/v1/declarations/${id}/decision`, {
        headers: await ingress.authorise(),
      });
      expect(await again.text(), id).toBe(body);
    }

    expect(await ingress.stop()).toBe(0);
    const kept = await ledgerRecords(ingress.dataDir);
    const streamed = await streamWinners(nats.url);
    for (const id of load.answered.keys()) {
      const key = `local\n${id}\n1`;
      expect(kept.get(key), `${id} in the ledger`).toBeDefined();
      expect(streamed.get(key)?.equals(kept.get(key) as Buffer), `${id} in the stream`).toBe(true);
    }
    expect(await verifyLedger(join(ingress.dataDir, 'ledger'))).toMatchObject({ ok: true, problems: [] });
  },
  60_000 + ROUNDS * 15_000,
);
