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
/** Of the same trader, who take turns: each may ask only so often. */
const PEOPLE = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];
/** Goods by HS heading; the same of both policies. */
const GOODS = ['8701', '8702', '8703'] as const;

let folder: string;
let services: { readonly started: Started; readonly tokens: readonly string[] }[];

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
    const started = await startWith(dir, { now: () => NOW });
    services.push({ started, tokens: await Promise.all(PEOPLE.map((subject) => tokenOf(started, subject))) });
  }
});
afterAll(async () => {
  for (const { started } of services) await started.close();
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

/** Requests so far. */
let sent = 0;

async function answers({ path, body, type = 'application/json' }: Sent): Promise<string[]> {
  const person = sent++ % PEOPLE.length;
  const all = services.map(async ({ started, tokens }) => {
    const token = tokens[person] ?? '';
    const answer = await fetch(`${started.service.url}${path}`, {
      headers: { authorization: `Bearer ${token}`, 'x-request-id': 'same', 'content-type': type },
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

it(`${PAIRS} declarations and their amendments are answered alike under two policies`, async () => {
  const versions = fc.array(fc.constantFrom(...GOODS), { minLength: 1, maxLength: 2 });
  const property = fc.asyncProperty(versions, async (headings) => {
    const id = `P-${next++}`;
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
      const [one, other] = await answers(request);
      expect(other).toBe(one);
      expect(one).not.toContain('pending');
    }
  });
  await fc.assert(property, { numRuns: PAIRS, endOnFailure: true });
}, 180_000);
