import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeclarationInput, ItemInput } from '../src/core/normalise.ts';
import { declarationInput } from './helpers/declaration.ts';
import { post } from './helpers/load.ts';
import { type Started, startWith } from './helpers/started.ts';

let started: Started;

beforeAll(async () => {
  started = await startWith(join(import.meta.dirname, 'helpers/policy'));
});

afterAll(() => started?.close());

const [ITEM] = declarationInput().items as [ItemInput];
const licensed = (patch: Partial<ItemInput> = {}): ItemInput => ({ ...ITEM, hsCode: '9303200000', ...patch });
const red = (id: string): DeclarationInput => declarationInput({ id, items: [licensed()] });

interface Answer {
  status: number;
  corridor: string;
  reasons: { kind: string; code: string }[];
  score: number;
}

async function decide(declaration: DeclarationInput): Promise<Answer> {
  const answer = await post(started, declaration);
  if (answer === null) throw new Error('no answer');
  return { status: answer.status, ...JSON.parse(answer.body) };
}

async function withdraw(id: string): Promise<number> {
  const answer = await fetch(`${started.service.url}/v1/declarations/${id}/withdrawal`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(await started.authorise()) },
    body: JSON.stringify({ reason: 'Sold elsewhere' }),
  });
  await answer.text();
  return answer.status;
}

describe('a declaration under control', () => {
  /** Every way out that a trader might think of; each of these is green when it is a first version. */
  const WAYS_OUT: Record<string, Partial<DeclarationInput>> = {
    'other goods': { items: [ITEM] },
    'the licence shown later': { items: [licensed()], documents: [{ code: 'L-ARMS', number: '77' }] },
    'fewer goods': { items: [{ ...ITEM, grossMassKg: 1, netMassKg: 1 }] },
    'another importer': { items: [ITEM], parties: [{ role: 'importer', id: '999999999999', country: 'KZ' }] },
    'another office': { items: [ITEM], office: '50101' },
    'another regime': { items: [ITEM], regime: 'export', procedure: '10' },
    'another procedure': { items: [ITEM], procedure: '51', previousProcedure: '40' },
    'another value': {
      items: [ITEM],
      invoiceTotal: { amount: '1', currency: 'USD' },
      customsValueTotal: { amount: '1', currency: 'USD' },
    },
    'another day': { items: [ITEM], lodgedAt: '2020-01-01T00:00:00Z' },
    'no documents': { items: [ITEM], documents: [] },
  };

  it.each(Object.entries(WAYS_OUT))('stays red when amended: %s', async (way, patch) => {
    const id = `AMEND-${way.replaceAll(' ', '-')}`;
    expect((await decide(declarationInput({ id: `${id}-first`, ...patch }))).corridor).toBe('green');
    expect((await decide(red(id))).corridor).toBe('red');
    for (const version of [2, 3]) {
      const amended = await decide(declarationInput({ id, version, ...patch }));
      expect(amended).toMatchObject({ status: 200, corridor: 'red', version });
      expect(amended.reasons.map(({ kind }) => kind)).toContain('amendment');
    }
  });

  it('is controlled alike when it is withdrawn and like goods are sent under a new id', async () => {
    expect((await decide(red('GONE-1'))).corridor).toBe('red');
    expect(await withdraw('GONE-1')).toBe(200);
    const documents = [{ code: 'L-ARMS', number: '77' }];
    const again = await decide({ ...red('GONE-2'), documents });
    expect(again.corridor).toBe('red');
    expect(again.reasons.map(({ kind, code }) => `${kind} ${code}`)).toEqual(['withdrawal GONE-1']);
    const other = {
      ...red('GONE-3'),
      documents,
      parties: [{ role: 'importer' as const, id: '777777777777', country: 'KZ' }],
    };
    expect((await decide(other)).corridor).toBe('green');
  });

  it('is drawn alike when it is withdrawn and sent under a new id', async () => {
    const drawn = (id: string) =>
      declarationInput({ id, office: '55099', parties: [{ role: 'importer', id: '555555555555', country: 'KZ' }] });
    expect((await decide(drawn('DRAWN-1'))).reasons.map(({ kind }) => kind)).toEqual(['random']);
    expect(await withdraw('DRAWN-1')).toBe(200);
    expect((await decide(drawn('DRAWN-2'))).corridor).toBe('red');
    expect((await decide({ ...drawn('DRAWN-3'), office: '50101' })).corridor).toBe('red');
  });

  it('cannot be withdrawn once its goods are released', async () => {
    expect((await decide(declarationInput({ id: 'FREE-1' }))).corridor).toBe('green');
    expect(await withdraw('FREE-1')).toBe(409);
  });
});
