import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { builtWorker } from '../../src/engine/built-worker.ts';
import { bundleVersion } from '../../src/profiles/bundle.ts';
import { PolicyError } from '../../src/profiles/problems.ts';
import { type ModelsStore, openForWriting } from '../../src/state/models-store.ts';
import { createDeclarationPublisher } from '../../src/stream/declarations.ts';
import { factsOf, openRecord } from '../../src/wire/record.ts';
import { fixtureBundle } from '../helpers/policy.ts';
import { until } from '../helpers/until.ts';
import { Bench, decided, entryOf } from './fixture.ts';

let bench: Bench;
let models: ModelsStore;

beforeEach(async () => {
  bench = await Bench.open();
  models = openForWriting(join(bench.dir, 'models'));
});

afterEach(async () => {
  await bench.close();
  await models.root.close();
});

test('compiled profiles, read models and the keyed draw decide on the real threads', async () => {
  const engine = await bench.engine({ worker: builtWorker('evaluate'), threads: 2 });
  await engine.activate(fixtureBundle());
  expect(engine.policyVersion()).toBe(bundleVersion(fixtureBundle()));
  const publisher = createDeclarationPublisher(bench.conn, 'a');
  await publisher.submit(entryOf({ id: 'D-1' }));
  await publisher.submit(entryOf({ id: 'D-2', office: '55099' }));
  await until(() => bench.seen.length === 2);
  expect(bench.seen.map(({ entry }) => entry.outcome)).toEqual(['decided', 'decided']);
  expect(decided(bench.on('D-2')[0])).toMatchObject({ corridor: 'red', policyVersion: engine.policyVersion() });
  const facts = factsOf(openRecord(bench.on('D-1')[0]?.record ?? new Uint8Array()));
  expect(facts.parties[0]).toMatchObject({ category: 'medium', known: false });
  expect(facts.trader.d90).toEqual({ count: 0, valueTiyn: 0 });
  expect(facts.draw.keyId).toBe('k1');
  await engine.stop();
});

test('a policy with a faulty profile is refused with every problem, and nothing changes', async () => {
  const engine = await bench.engine({ worker: builtWorker('evaluate'), threads: 3 });
  const broken = { 'profiles/XX-001.yaml': 'id: XX-001\nwhen: item.nothing > 1\n' };
  const refusal = await engine.activate(fixtureBundle(broken)).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(PolicyError);
  const { problems } = refusal as PolicyError;
  expect(problems.length).toBeGreaterThan(1);
  expect(problems.every(({ file, line }) => file === 'profiles/XX-001.yaml' && line > 0)).toBe(true);
  expect(engine.policyVersion()).toBeNull();
  await engine.activate(fixtureBundle());
  expect(engine.policyVersion()).toBe(bundleVersion(fixtureBundle()));
});
