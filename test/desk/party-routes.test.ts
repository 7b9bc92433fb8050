import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTerminal } from '../../src/cli/command.ts';
import { rebuildCommand } from '../../src/cli/rebuild.ts';
import { replayCommand } from '../../src/cli/replay.ts';
import { createEngine } from '../../src/engine/engine.ts';
import { publishParties } from '../../src/parties/publish.ts';
import { bundleVersion, packBundle } from '../../src/profiles/bundle.ts';
import { dumpModels } from '../../src/projections/rebuild.ts';
import type { PartyEntry } from '../../src/wire/envelope.ts';
import { factsOf, openRecord } from '../../src/wire/record.ts';
import { declarationInput } from '../helpers/declaration.ts';
import type { NatsServer } from '../helpers/nats.ts';
import { fixtureBundle } from '../helpers/policy.ts';
import { type Answered, startNats, TestNode, until } from '../ingress/fixture.ts';

const DAY = 86_400_000;
const PARTY = '180340012340';
const HIGH_RISK = `id: UD-005
title: A trader of high risk
target: untruthful_declaration
corridor: yellow
measures: [{ code: documentary_check, instructions: Check. }]
weight: 0.4
when: trader.category == "high"
tests:
  - { name: high, declaration: {}, facts: { trader: { category: high } }, hits: true }
  - { name: low, declaration: {}, facts: { trader: { category: low } }, hits: false }
`;
const bundle = fixtureBundle({ 'profiles/UD-005.yaml': HIGH_RISK });

let nats: NatsServer;
let node: TestNode;
let analyst: Record<string, string>;
let clock = Date.parse('2026-03-02T09:00:00Z');
let declared = 0;

beforeAll(async () => {
  nats = await startNats();
  node = await TestNode.start(nats, { desk: true, engine: false, now: () => clock });
  analyst = await node.as('analyst', { sub: 'analyst-1' });
  node.engine = createEngine({
    conn: node.conn,
    modelsDir: join(node.dir, 'models'),
    keysFile: join(node.dir, 'keys', 'draw.json'),
    threads: 1,
  });
  await node.ledger.putPolicy(bundleVersion(bundle), packBundle(bundle));
  await node.engine.activate(bundle);
});
afterAll(async () => {
  await node?.close();
  await nats?.close();
});

async function known(patch: Partial<PartyEntry> = {}): Promise<void> {
  const entry: PartyEntry = {
    ...{ role: 'importer', id: PARTY, category: 'low', authorisedOperator: false, openViolations: 0, arrearsTiyn: 0 },
    ...patch,
  };
  const before = node.models.position('PARTIES')?.sequence ?? 0;
  await publishParties(node.conn, [entry]);
  await until(() => {
    node.models.refresh();
    return (node.models.position('PARTIES')?.sequence ?? 0) > before;
  });
}

/** Decides a declaration of the party; its id and corridor. */
async function decide(): Promise<{ id: string; corridor: string; category: string }> {
  declared += 1;
  const id = `P-${declared}`;
  const parties = [{ role: 'importer' as const, id: PARTY, country: 'KZ' }];
  const { body } = await node.post(declarationInput({ id, parties }));
  const [entry] = node.ledger.find(id);
  const category = entry === undefined ? '' : factsOf(openRecord(entry.record)).parties[0]?.category;
  return { id, corridor: body.corridor, category: category ?? '' };
}

function override(body: object, headers = analyst, party = PARTY): Promise<Answered> {
  return node.request('PUT', `/v1/parties/${party}/category`, body, headers);
}

function undo(body: object, headers = analyst): Promise<Answered> {
  return node.request('DELETE', `/v1/parties/${PARTY}/category`, body, headers);
}

async function importer(party = PARTY): Promise<Record<string, unknown>> {
  const { body } = await node.get(`/v1/parties/${party}`, analyst);
  return body.roles.find(({ role }: { role: string }) => role === 'importer');
}

const isoIn = (ms: number) => new Date(clock + ms).toISOString();
const high = (ms: number) => ({ role: 'importer', category: 'high', reason: 'tip-off', until: isoIn(ms) });

async function run(command: typeof replayCommand, positionals: string[]): Promise<{ code: number; stdout: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const values = { data: node.dir, nats: nats.url, json: true };
  const code = await command.run({ values, positionals, env: {}, terminal: createTerminal(stdout, stderr) });
  return { code, stdout: await text(stdout.end()) };
}

describe('a party', () => {
  it('is shown in every role as a decision would take it; one that nobody knows is medium', async () => {
    await known({ openViolations: 2, arrearsTiyn: 12_345 });
    expect(await importer()).toMatchObject({
      ...{ category: 'low', known: true, importedCategory: 'low', authorisedOperator: false, openViolations: 2 },
      ...{ arrears: '123.45', override: null, history: [{ category: 'low', reason: null, until: null }] },
    });
    expect(await importer('999999999999')).toMatchObject({ category: 'medium', known: false, arrears: '0.00' });
    const { body } = await node.get(`/v1/parties/${PARTY}`, analyst);
    expect(body.roles.filter(({ known: is }: { known: boolean }) => is)).toHaveLength(1);
    expect(node.audited.at(-1)).toMatchObject({ action: 'party.read', target: PARTY, subject: 'analyst-1' });
  });

  it('is not for traders, inspectors and machines', async () => {
    for (const role of ['declarant', 'inspector', 'ingest'] as const) {
      expect((await node.get(`/v1/parties/${PARTY}`, await node.as(role))).status).toBe(403);
      expect((await override(high(DAY), await node.as(role))).status).toBe(403);
    }
    expect((await override(high(DAY), await node.as('head'))).status).toBe(403);
  });
});

describe('an override of a category', () => {
  it('holds from now on until it expires, by the time of receipt; then what was imported meanwhile shows again', async () => {
    expect(await decide()).toMatchObject({ corridor: 'green', category: 'low' });
    clock += 1000;
    const { status, body } = await override(high(2 * DAY));
    expect(status).toBe(200);
    expect(body).toMatchObject({ partyId: PARTY, role: 'importer', category: 'high', by: 'analyst-1' });
    const during = await decide();
    expect(during).toMatchObject({ corridor: 'yellow', category: 'high' });
    await known({ category: 'medium' });
    expect(await importer()).toMatchObject({ category: 'high', importedCategory: 'medium', known: true });
    expect(await decide()).toMatchObject({ category: 'high' });
    clock += 2 * DAY - 1;
    expect(await decide()).toMatchObject({ category: 'high' });
    clock += 1;
    expect(await decide()).toMatchObject({ corridor: 'green', category: 'medium' });
    expect(await importer()).toMatchObject({ category: 'medium', override: null });

    const replayed = await run(replayCommand, [during.id]);
    expect(replayed).toMatchObject({ code: 0 });
    expect(JSON.parse(replayed.stdout)).toMatchObject({ id: during.id, same: true });
  });

  it('is undone with a reason; who, why and until when stands in the history', async () => {
    await override(high(DAY));
    expect(await decide()).toMatchObject({ category: 'high' });
    clock += 1000;
    expect((await undo({ role: 'importer', reason: 'unfounded' })).status).toBe(200);
    expect(await decide()).toMatchObject({ category: 'medium' });
    const { history, override: standing } = await importer();
    expect(standing).toBeNull();
    expect((history as object[]).slice(-2)).toEqual([
      { at: expect.any(String), by: 'analyst-1', category: 'high', reason: 'tip-off', until: isoIn(DAY - 1000) },
      { at: expect.any(String), by: 'analyst-1', category: null, reason: 'unfounded', until: null },
    ]);
    expect(await undo({ role: 'importer', reason: 'again' })).toMatchObject({ status: 404 });
  });

  it('is on record before it holds, without its reason and its category', async () => {
    await override({ role: 'broker', category: 'high', reason: 'a secret reason', until: isoIn(DAY) });
    const event = node.audited.at(-1);
    expect(event).toMatchObject({
      action: 'category.overridden',
      target: PARTY,
      detail: { role: 'broker', change: 'set' },
    });
    expect(JSON.stringify(event)).not.toMatch(/secret|high/);
  });

  it('makes a party known that nobody has imported, while it holds', async () => {
    await override(high(DAY), analyst, '777777777777');
    expect(await importer('777777777777')).toMatchObject({ known: true, category: 'high', importedCategory: null });
    clock += DAY;
    expect(await importer('777777777777')).toMatchObject({ known: false, category: 'medium' });
  });

  it('needs role, category, reason, and an end within a year', async () => {
    const faulty: [object, string][] = [
      [{ ...high(DAY), role: 'nobody' }, '/role'],
      [{ ...high(DAY), category: 'worst' }, '/category'],
      [{ ...high(DAY), reason: ' ' }, '/reason'],
      [{ ...high(DAY), until: 'tomorrow' }, '/until'],
      [{ ...high(DAY), until: '2026-13-45' }, '/until'],
      [high(0), '/until'],
      [high(367 * DAY), '/until'],
    ];
    for (const [body, pointer] of faulty) {
      const answer = await override(body);
      expect(answer.body).toMatchObject({ status: 400, faults: [{ pointer }] });
    }
    expect((await undo({ role: 'importer' })).status).toBe(400);
  });
});

describe('the two public indicators', () => {
  const indicators = (party: string, headers: Record<string, string>) =>
    node.get(`/v1/parties/${party}/indicators`, headers);

  it('are what the party itself may know: liability and arrears, in any role', async () => {
    await known({ role: 'broker', openViolations: 1, arrearsTiyn: 0 });
    await known({ openViolations: 0, arrearsTiyn: 0 });
    const own = await node.as('declarant', { party: PARTY });
    expect((await indicators(PARTY, own)).text).toBe(
      JSON.stringify({ partyId: PARTY, liability: true, arrears: false, asOf: new Date(clock).toISOString() }),
    );
    await known({ role: 'broker', openViolations: 0, arrearsTiyn: 1 });
    expect((await indicators(PARTY, await node.as('carrier', { party: PARTY }))).body).toMatchObject({
      liability: false,
      arrears: true,
    });
    const stranger = await node.as('declarant', { party: '111111111111' });
    expect((await indicators('111111111111', stranger)).body).toMatchObject({ liability: false, arrears: false });
    expect((await indicators(PARTY, analyst)).body).toMatchObject({ arrears: true });
  });

  it('are not there for another party, whether it exists or not, and nothing is looked up', async () => {
    const other = await node.as('declarant', { party: '111111111111' });
    const [exists, unknown, malformed] = await Promise.all(
      [PARTY, '222222222222', '%20'].map((party) => indicators(party, other)),
    );
    const plain = ({ status, body }: Answered) => ({ status, body: { ...body, instance: '' } });
    expect(exists?.status).toBe(404);
    expect(plain(unknown as Answered)).toEqual(plain(exists as Answered));
    expect(plain(malformed as Answered)).toEqual(plain(exists as Answered));
    expect(node.refusals.slice(-3)).toEqual(['not_found', 'not_found', 'not_found']);
    expect(node.audited.at(-1)?.target).not.toBe('222222222222');
  });
});

it('overrides and history survive that the read models are rebuilt', async () => {
  await override(high(30 * DAY));
  const lines = () => [...dumpModels(join(node.dir, 'models'))].filter((line) => !line.startsWith('position'));
  await node.stop();
  const before = lines();
  expect(before.filter((line) => line.startsWith('parties'))).not.toHaveLength(0);
  expect((await run(rebuildCommand, [])).code).toBe(0);
  expect(lines()).toEqual(before);
  node = await TestNode.start(nats, { dir: node.dir, desk: true, engine: false, now: () => clock });
  analyst = await node.as('analyst', { sub: 'analyst-1' });
  expect(await importer()).toMatchObject({ category: 'high', importedCategory: 'low' });
});
