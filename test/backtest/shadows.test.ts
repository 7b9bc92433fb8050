import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type ShadowRecord, Shadows } from '../../src/backtest/shadows.ts';
import { bundleVersion, type PolicyBundle } from '../../src/profiles/bundle.ts';
import { type Ledger, openLedger } from '../../src/state/ledger.ts';
import { declaration } from '../helpers/declaration.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { fixtureBundle } from '../helpers/policy.ts';
import { until } from '../helpers/until.ts';
import { entryOf, type Finding, recordOf } from '../ingress/record.ts';

let dataDir: string;
let ledger: Ledger;
let saved: Map<string, ShadowRecord>;
let clock: number;
const open: Shadows[] = [];

const BASE = fixtureBundle();
const ALL = `id: ZZ-1
title: Everything
target: undervaluation
corridor: red
measures: [{ code: physical_examination, instructions: Look. }]
weight: 0.5
level: declaration
when: declaration.version >= 1
tests: [{ name: any, hits: true }, { name: none, declaration: { version: 0 }, hits: false }]
`;
const CANDIDATE: PolicyBundle = { files: { ...BASE.files, 'profiles/ZZ-1.yaml': ALL } };

beforeEach(async () => {
  dataDir = await temporaryFolder();
  ledger = openLedger(join(dataDir, 'ledger'));
  saved = new Map();
  clock = Date.now();
});
afterEach(async () => {
  for (const shadows of open.splice(0)) await shadows.stop();
  await ledger.close();
});

function shadows(known: readonly ShadowRecord[] = []): Shadows {
  const made = new Shadows(
    {
      ...{ dataDir, node: 'here', head: () => ledger.head().commit, now: () => clock },
      // As it is kept: what JSON does not hold must not be missed.
      save: async (record) => void saved.set(record.id, JSON.parse(JSON.stringify(record)) as ShadowRecord),
      onError: (error) => {
        throw error;
      },
    },
    known,
  );
  open.push(made);
  return made;
}

async function decided(...ids: string[]): Promise<void> {
  for (const id of ids) {
    const of = declaration({ id });
    const finding: Finding = {
      corridor: 'green',
      facts: {},
      category: 'medium',
      decision: { policyVersion: bundleVersion(BASE), reasons: [], measures: [] },
    };
    await ledger.append(entryOf(of, 'decided', recordOf('local', of, finding)));
  }
}

const order = { title: 'try', before: BASE, after: CANDIDATE, draft: null, by: 'ana', hours: 2 };
const resultOf = (id: string) => saved.get(id)?.result as { declarations: number; after: Record<string, number> };

it('decides what comes in again, and only that, and says what it would have done', async () => {
  await decided('BEFORE-1', 'BEFORE-2');
  const running = shadows();
  const { id } = await running.start(order);
  await decided('A', 'B', 'C');
  await until(() => running.progress(id)?.declarations === 3);
  await running.end(id);
  expect(saved.get(id)).toMatchObject({ state: 'done', resume: null, candidate: bundleVersion(CANDIDATE) });
  expect(resultOf(id)).toMatchObject({ declarations: 3, before: { green: 3 }, after: { red: 3, green: 0 } });
  expect(running.progress(id)).toBeNull();
  await expect(running.end(id)).rejects.toMatchObject({ code: 'wrong_state' });
});

it('goes on after a restart with what came meanwhile, and counts nothing twice', async () => {
  const first = shadows();
  const { id } = await first.start(order);
  await decided('A', 'B');
  await until(() => first.progress(id)?.declarations === 2);
  await first.stop();
  open.splice(0);
  await decided('C');
  const second = shadows([saved.get(id) as ShadowRecord]);
  await decided('D');
  await until(() => second.progress(id)?.declarations === 4);
  await second.end(id);
  expect(resultOf(id).declarations).toBe(4);
});

it('that has seen nothing yet goes on as well', async () => {
  const first = shadows();
  const { id } = await first.start(order);
  await first.stop();
  open.splice(0);
  const second = shadows([saved.get(id) as ShadowRecord]);
  await decided('A');
  await until(() => second.progress(id)?.declarations === 1);
  await second.end(id);
  expect(saved.get(id)?.result).toMatchObject({ declarations: 1, from: expect.stringMatching(/^20/) });
});

it('ends at its time', async () => {
  const running = shadows();
  const { id } = await running.start(order);
  await decided('A');
  clock += 3 * 3_600_000;
  await until(() => saved.get(id)?.state === 'done');
  expect(resultOf(id).declarations).toBe(1);
});
