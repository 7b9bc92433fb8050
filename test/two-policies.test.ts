import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { devUser } from '../src/access/dev-users.ts';
import type { DeclarationInput } from '../src/core/normalise.ts';
import { declarationInput } from './helpers/declaration.ts';
import { type Started, startWith } from './helpers/started.ts';

/**
 * Two whole services under policies that send the same goods down corridors of the same outcome, by other profiles, in
 * another number, by faults, or by chance. What a trader gets from both is the same; test/ingress/confidential.test.ts
 * holds it for every decision that there can be.
 */
const PAIRS = 200;
const NOW = Date.parse('2026-03-02T08:15:00Z');
const TRADER = '210987654321';
/** Declarations under way at once: the beat on which answers go out is waited for together. */
const AT_ONCE = 8;
/** A machine that is busy elsewhere decides late at times, which says nothing of the policy: then another one is sent. */
const TRIES = 3;
/** Goods by HS heading; the same of both policies. */
const GOODS = ['8701', '8702', '8703'] as const;

let folder: string;
let services: Started[];

function profile(id: string, heading: string, corridor: string, when = 'true'): [string, string] {
  const lines = [
    ...[`id: ${id}`, `title: Rule ${id}`, 'target: undervaluation', `corridor: ${corridor}`, 'weight: 0.5'],
    ...(corridor === 'red' ? ['mandatory: true', 'onError: inspect'] : []),
    ...['measures:', '  - code: check', `    instructions: As rule ${id} says.`],
    `when: item.hsCode.startsWith("${heading}") && ${when}`,
    'tests:',
    ...[
      '  - name: hit',
      `    declaration: { items: [{ hsCode: "${heading}100000", netMassKg: 101, grossMassKg: 110 }] }`,
    ],
    ...[
      '    hits: true',
      '  - name: miss',
      '    declaration: { items: [{ hsCode: "6109100000" }] }',
      '    hits: false',
    ],
  ];
  return [`profiles/${id}.yaml`, `${lines.join('\n')}\n`];
}

const LANE =
  'lanes: [{ corridor: blue, measures: [{ code: check, instructions: Drawn. }], percent: { low: 50, medium: 50, high: 50 } }]';
const POLICIES: readonly Readonly<Record<string, string>>[] = [
  {
    'policy.yaml': 'label: one\nrandom: { lanes: [] }\n',
    ...Object.fromEntries([profile('A-1', '8702', 'yellow'), profile('A-2', '8703', 'red')]),
  },
  {
    'policy.yaml': `label: other\nrandom: { ${LANE} }\n`,
    ...Object.fromEntries([
      ...Array.from({ length: 20 }, (_, index) => profile(`B-${100 + index}`, '8701', 'blue')),
      // The goods' 100 kg make it fail, which asks for documents.
      profile('B-2', '8702', 'yellow', '1.0 / (item.netMassKg - 100.0) > 0.0'),
      profile('B-3', '8703', 'yellow'),
      profile('B-4', '8703', 'red', 'item.netMassKg > 1.0'),
    ]),
  },
];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'corridor-policies-'));
  services = [];
  for (const [index, files] of POLICIES.entries()) {
    const dir = join(folder, String(index));
    for (const [name, text] of Object.entries(files)) {
      await mkdir(join(dir, name, '..'), { recursive: true });
      await writeFile(join(dir, name), text);
    }
    services.push(await startWith(dir, { now: () => NOW }));
  }
});
afterAll(async () => {
  for (const service of services) await service.close();
  await rm(folder, { recursive: true, force: true });
});

function tokenOf({ service }: Started, subject: string): Promise<string> {
  const user = { ...devUser('declarant'), subject, party: TRADER };
  return service.devIssuer?.sign(user, 3_600_000) ?? Promise.resolve('');
}

interface Sent {
  readonly path: string;
  readonly body?: string;
  readonly type?: string;
}

/** What each service answers, to the letter. */
async function answers({ path, body, type = 'application/json' }: Sent, tokens: readonly string[]): Promise<string[]> {
  const all = services.map(async ({ url }, index) => {
    const answer = await fetch(`${url}${path}`, {
      headers: { authorization: `Bearer ${tokens[index]}`, 'x-request-id': 'same', 'content-type': type },
      ...(body === undefined ? {} : { method: 'POST', body }),
    });
    const headers = [...answer.headers].filter(([name]) => !['date', 'ratelimit-reset'].includes(name));
    return JSON.stringify([answer.status, headers, await answer.text()]);
  });
  return Promise.all(all);
}

function input(id: string, version: number, heading: string): DeclarationInput {
  const one = declarationInput({ id, version });
  return { ...one, items: one.items.map((item) => ({ ...item, hsCode: `${heading}100000` })) };
}

let next = 0;

/**
 * Compares all answers to the life of one declaration, one after the other: each service has kept and counted the same
 * by then. By a person of its own, so that no minute over which requests are counted ends in between.
 * @returns false where one of them came before its decision.
 */
async function compared(headings: readonly string[]): Promise<boolean> {
  const id = `P-${next++}`;
  const tokens = await Promise.all(services.map((service) => tokenOf(service, id)));
  const of = `/v1/declarations/${id}`;
  const post = (version: number, heading: string): Sent => {
    return { path: '/v1/declarations', body: JSON.stringify(input(id, version, heading)) };
  };
  const line = `${JSON.stringify(input(`${id}-line`, 1, headings[0] ?? '8701'))}\n`;
  const requests: Sent[] = [
    ...headings.map((heading, index) => post(index + 1, heading)),
    { path: '/v1/declarations/batch', body: line, type: 'application/x-ndjson' },
    ...[of, `${of}/decision`, `${of}/decision?version=1`].map((path) => ({ path })),
    { path: `${of}/withdrawal`, body: '{"reason":"sold elsewhere"}' },
    post(headings.length + 1, '8701'),
    { path: of },
  ];
  for (const request of requests) {
    const [one = '', other] = await answers(request, tokens);
    if (`${one} ${other}`.includes('pending')) return false;
    expect(other).toBe(one);
  }
  return true;
}

async function isAlike(headings: readonly string[]): Promise<void> {
  for (let left = TRIES; left > 0; left--) if (await compared(headings)) return;
  throw new Error(`none of ${TRIES} declarations was decided in time`);
}

it(`${PAIRS} declarations and their amendments are answered alike under two policies`, async () => {
  const versions = fc.array(fc.constantFrom(...GOODS), { minLength: 1, maxLength: 2 });
  const round = fc.array(versions, { minLength: AT_ONCE, maxLength: AT_ONCE });
  const property = fc.asyncProperty(round, async (each) => void (await Promise.all(each.map(isAlike))));
  await fc.assert(property, { numRuns: PAIRS / AT_ONCE, endOnFailure: true });
}, 180_000);
