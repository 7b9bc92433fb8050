import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { devKeyFile, readDevKey } from '../src/access/dev-key.ts';
import { devUser } from '../src/access/dev-users.ts';
import type { Role } from '../src/access/roles.ts';
import type { DeclarationInput } from '../src/core/normalise.ts';
import { publishPolicy } from '../src/engine/policies.ts';
import { publishParties } from '../src/parties/publish.ts';
import { readBundle } from '../src/profiles/bundle.ts';
import { connectStream, type StreamConnection } from '../src/stream/connection.ts';
import { publish } from '../src/stream/publish.ts';
import { type DeclarationEntry, seal } from '../src/wire/envelope.ts';
import { declarationInput } from './helpers/declaration.ts';
import { type NatsServer, startNats } from './helpers/nats.ts';
import { createService, type ServiceProcess } from './helpers/service.ts';
import { until } from './helpers/until.ts';

/**
 * A service under profiles whose every word is marked, with a party whose category and arrears are, logging all that it
 * can: through hits, faults, what is set aside, refused policies, bad requests and refusals no mark gets out to traders,
 * logs or metrics.
 */
const MARK = /zqx|7654321|0\.618034|0,618034/i;
const TRADER = '600000000001';
const IMPORTER = '123456789012';

const profile = (name: string, settings: string, when: string, tests: string) => `id: ZQX-${name}
title: ZQX looks for ${name}
target: undervaluation
weight: 0.618034
${settings}
measures:
  - code: zqx_${name}
    instructions: ZQX says what to do about ${name}.
when: ${when}
tests:
${tests}
`;
const test = (hits: boolean, item: string) =>
  `  - name: zqx ${item.replace(/\W+/g, ' ')}\n    declaration: { items: [${item}] }\n    hits: ${hits}`;

const FILES: Readonly<Record<string, string>> = {
  'policy.yaml': 'label: marked\nrandom: { lanes: [] }\n',
  'lists/zqx_goods.csv': '*hs:hs,zqx_note:string\n8703,ZQX row\n',
  'profiles/ZQX-blue.yaml': profile(
    'blue',
    'corridor: blue',
    'item.hsCode.startsWith("8702")',
    `${test(true, '{ hsCode: "8702100000" }')}\n${test(false, '{ hsCode: "6109100000" }')}`,
  ),
  'profiles/ZQX-listed.yaml': profile(
    'listed',
    'corridor: yellow',
    'item.hsCode in list("zqx_goods")',
    `${test(true, '{ hsCode: "8703100000" }')}\n${test(false, '{ hsCode: "6109100000" }')}`,
  ),
  'profiles/ZQX-red.yaml': profile(
    'red',
    'corridor: red\nmandatory: true\nonError: inspect',
    'item.hsCode.startsWith("8704") && trader.category == "high"',
    `${test(false, '{ hsCode: "6109100000" }')}
  - name: zqx high
    declaration: { items: [{ hsCode: "8704100000" }] }
    facts: { trader: { category: high } }
    hits: true`,
  ),
  'profiles/ZQX-faulty.yaml': profile(
    'faulty',
    'corridor: yellow',
    'item.hsCode.startsWith("8705") && 1.0 / (item.netMassKg - 100.0) > 0.0',
    `${test(true, '{ hsCode: "8705100000", netMassKg: 101, grossMassKg: 110 }')}\n${test(false, '{ hsCode: "6109100000" }')}`,
  ),
};

/** By six-digit code: what each comes to. */
const OUTCOMES = { 8701: 'released', 8702: 'released', 8703: 'documents', 8704: 'inspection', 8705: 'documents' };

let nats: NatsServer;
let conn: StreamConnection;
let folder: string;
let service: ServiceProcess;
let logged = '';
/** Everything that a trader was answered, headers included. */
let answered = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'corridor-marked-'));
  for (const [name, text] of Object.entries(FILES)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  nats = await startNats();
  service = await createService({
    natsUrl: nats.url,
    rules: folder,
    env: { CORRIDOR_LOG: 'debug', CORRIDOR_DEADLINE_MS: '4000' },
    onMessage: (text) => {
      logged += text;
    },
  });
  await service.start();
  conn = await connectStream({ url: nats.url, name: 'test' });
  const known = { role: 'importer', id: IMPORTER, category: 'high', authorisedOperator: false } as const;
  await publishParties(conn, [{ ...known, openViolations: 7, arrearsTiyn: 765_432_100 }]);
});
afterAll(async () => {
  await conn.close();
  await service.close();
  await nats.close();
  await rm(folder, { recursive: true, force: true });
});

async function tokenOf(role: Role): Promise<string> {
  const key = await readDevKey(devKeyFile(service.dataDir));
  const user = devUser(role);
  return key.sign(`${service.url}/dev`, user.party === null ? user : { ...user, party: TRADER }, 3_600_000);
}

async function ask(role: Role | null, method: string, path: string, body?: unknown, type = 'application/json') {
  const answer = await fetch(`${service.url}${path}`, {
    method,
    headers: {
      ...(role === null ? {} : { authorization: `Bearer ${await tokenOf(role)}` }),
      ...(body === undefined ? {} : { 'content-type': type }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  const whole = JSON.stringify([answer.status, [...answer.headers], text]);
  if (role === 'declarant' || role === 'carrier' || role === null) answered += `${method} ${path} ${whole}\n`;
  return { status: answer.status, text };
}

function goods(id: string, hs4: string, patch: Partial<DeclarationInput> = {}): DeclarationInput {
  const input = declarationInput({ id, ...patch });
  const parties = [...input.parties, { role: 'broker' as const, id: TRADER, country: 'KZ' }];
  return { ...input, parties, items: input.items.map((item) => ({ ...item, hsCode: `${hs4}100000` })) };
}

const submit = (declaration: unknown) => ask('declarant', 'POST', '/v1/declarations', declaration);

describe('of what is for official use only', () => {
  it('traders see outcomes, officials see all of it', async () => {
    // The party is known once its goods are looked at.
    let tries = 0;
    await until(async () => (await submit(goods(`KNOWN-${tries++}`, '8704'))).text.includes('inspection'));
    for (const [hs4, outcome] of Object.entries(OUTCOMES)) {
      const { status, text } = await submit(goods(`M-${hs4}`, hs4));
      expect(JSON.parse(text)).toMatchObject({ outcome });
      expect(status).toBe(200);
      const path = `/v1/declarations/M-${hs4}/decision?submitter=${TRADER}`;
      const official = await ask('analyst', 'GET', path);
      if (hs4 !== '8701') expect(official.text).toMatch(MARK);
    }
  });

  it('nothing comes with what is asked afterwards, wrongly or of others', async () => {
    for (const hs4 of Object.keys(OUTCOMES)) {
      const of = `/v1/declarations/M-${hs4}`;
      for (const path of [of, `${of}/decision`, `${of}/decision?version=1`, `${of}/decision?version=9`]) {
        await ask('declarant', 'GET', path);
      }
      await submit(goods(`M-${hs4}`, hs4, { procedure: '10' }));
      await submit(goods(`M-${hs4}`, hs4, { version: 2 }));
      await ask('declarant', 'POST', `${of}/withdrawal`, { reason: 'sold elsewhere' });
      await ask('declarant', 'GET', of);
    }
    for (const body of ['', '{', '{"id":', '[]', '{"id":"X"}']) await submit(body);
    await submit({ ...goods('W-1', '8704'), items: [] });
    const lines = ['8702', '8704', '8705'].map((hs4) => `${JSON.stringify(goods(`B-${hs4}`, hs4))}\n`);
    await ask('declarant', 'POST', '/v1/declarations/batch', `${lines.join('')}{}\n`, 'application/x-ndjson');
    await ask('declarant', 'POST', '/v1/declarations/batch', '{}', 'application/xml');
    for (const path of [
      '/metrics',
      '/v1/me',
      `/v1/parties/${IMPORTER}`,
      `/v1/parties/${TRADER}/indicators`,
      '/v1/audit',
    ]) {
      await ask('declarant', 'GET', path);
      await ask(null, 'GET', path);
    }
    await ask('carrier', 'GET', '/v1/transit/26KZ0001/risk');
    for (const path of ['/readyz', '/healthz', '/openapi.json', '/v1/declarations/M-8702'])
      await ask(null, 'GET', path);
  });

  it('nor with what no engine can read', async () => {
    const identity = { submitter: TRADER, id: 'GARBLED', version: 1 };
    const entry: DeclarationEntry = {
      ...{ ...identity, trace: 't', receivedAt: Date.now(), hash: new Uint8Array(32), previous: null, inherited: null },
      declaration: Buffer.from('ZQX is not a declaration'),
    };
    await publish(conn, 'declarations.local', seal('declarations.submitted', 'test', Date.now(), '', [entry]));
    await until(async () => (await ask('declarant', 'GET', '/v1/declarations/GARBLED')).status === 200);
    const { text } = await ask('declarant', 'GET', '/v1/declarations/GARBLED/decision');
    expect(JSON.parse(text)).toMatchObject({ outcome: 'documents' });
  });

  it('nor with a policy that is refused, from elsewhere or from its own folder', async () => {
    const bundle = await readBundle(folder);
    const broken = { ...bundle.files, 'profiles/ZQX-bad.yaml': 'id: ZQX-bad\nwhen: zqx + zqx\n' };
    await publishPolicy(conn, { ...bundle, files: broken });
    await until(() => logged.includes('a policy was refused'));
    await writeFile(join(folder, 'profiles/ZQX-bad.yaml'), broken['profiles/ZQX-bad.yaml']);
    process.kill(service.pid, 'SIGHUP');
    await until(() => logged.includes('the rules are refused'));
  });

  it('there is no mark, score or category in any answer to a trader', () => {
    expect(answered.split('\n').length).toBeGreaterThan(60);
    // What a trader may ask for is named in the documentation, and so are the fields of officials.
    const lines = answered.split('\n').filter((line) => !line.startsWith('GET /openapi.json'));
    expect(answered).not.toMatch(MARK);
    expect(lines.filter((line) => /"?(score|categor\w*|reasons|weight|corridor)\\?":/i.test(line))).toEqual([]);
  });

  it('nor in the logs at the level of debugging', () => {
    expect(logged.length).toBeGreaterThan(1000);
    expect(logged.split('\n').filter((line) => MARK.test(line) || /score|categor|"high"/i.test(line))).toEqual([]);
  });

  it('nor in the metrics', async () => {
    const { status, text } = await ask('administrator', 'GET', '/metrics');
    expect(status).toBe(200);
    expect(text).toMatch(/corridor_profile_faults_total\{target="undervaluation"\} [1-9]/);
    const series = text.split('\n').filter((line) => !line.startsWith('#'));
    expect(series.filter((line) => MARK.test(line) || /score|categor|"high"/i.test(line))).toEqual([]);
  });
});
