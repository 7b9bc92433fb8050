import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDeclarationPublisher } from '../../src/stream/declarations.ts';
import { decisionOf, openRecord } from '../../src/wire/record.ts';
import { until } from '../helpers/until.ts';
import { Bench, handmade, saying } from './fixture.ts';

let bench: Bench;

beforeEach(async () => {
  bench = await Bench.open();
});

afterEach(async () => { console.log(bench.troubles.slice(0,5)); await bench.close(); });

test('a declaration that goes in comes out decided, with its policy version', async () => {
  const engine = await bench.engine();
  await engine.activate(handmade('one'));
  const publisher = createDeclarationPublisher(bench.conn, 'a');
  await publisher.submit(saying('D-1', 'hit A-1'));
  await until(() => bench.seen.length === 1);
  const [entry] = bench.on('D-1');
  expect(entry).toMatchObject({ submitter: 'local', id: 'D-1', version: 1, outcome: 'decided', restored: false });
  const decision = decisionOf(openRecord(entry?.record ?? new Uint8Array()));
  expect(decision).toMatchObject({ corridor: 'yellow', policyVersion: engine.policyVersion() });
});
