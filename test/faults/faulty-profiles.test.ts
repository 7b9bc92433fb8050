import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DeclarationInput, ItemInput } from '../../src/core/normalise.ts';
import { declarationInput } from '../helpers/declaration.ts';
import { post } from '../helpers/load.ts';
import { type Started, startWith } from '../helpers/started.ts';

/** One that errs, one that costs too much, one whose expression would backtrack; each with its own `onError`. */
const ERRS = profile(
  'ZZ-ERR',
  'inspect',
  'item.suppQuantity / (item.netMassKg - 7.0) > 1.0',
  'suppQuantity: 5, netMassKg: 8',
);
const COSTLY = profile(
  'ZZ-COST',
  'documents',
  'declaration.items.exists(a, declaration.items.exists(b, a.no + b.no < 0)) || item.no < 0 || item.brand == "X"',
  'brand: X',
);
const BACKTRACKS = profile('ZZ-BACK', 'documents', 'item.description.matches("^(a+)+$")', 'description: aaa');

function profile(id: string, onError: string, when: string, hit: string): string {
  return `id: ${id}
title: Faulty on purpose
target: customs_procedure
corridor: yellow
measures: [{ code: documentary_check, instructions: Check. }]
weight: 0.1
onError: ${onError}
when: ${JSON.stringify(when)}
tests:
  - { name: hits, declaration: { items: [{ ${hit} }] }, hits: true }
  - { name: misses, hits: false }
`;
}

let started: Started;
let rules = '';

beforeAll(async () => {
  rules = await mkdtemp(join(tmpdir(), 'corridor-faulty-'));
  await cp(join(import.meta.dirname, '../helpers/policy'), rules, { recursive: true });
  for (const [id, text] of Object.entries({ 'ZZ-ERR': ERRS, 'ZZ-COST': COSTLY, 'ZZ-BACK': BACKTRACKS })) {
    await writeFile(join(rules, 'profiles', `${id}.yaml`), text);
  }
  started = await startWith(rules);
});

afterAll(async () => {
  await started?.close();
  await rm(rules, { recursive: true, force: true });
});

const [ITEM] = declarationInput().items as [ItemInput];

async function reasonsOf(declaration: DeclarationInput): Promise<{ corridor: string; reasons: string[] }> {
  const answer = await post(started, declaration);
  expect(answer?.status, answer?.body).toBe(200);
  const { corridor, reasons } = JSON.parse(answer?.body ?? '');
  return { corridor, reasons: reasons.map(({ kind, code }: { kind: string; code: string }) => `${kind} ${code}`) };
}

it('gives each fault the effect that its onError says, and decides by the others as before', async () => {
  expect(await reasonsOf(declarationInput({ id: 'F-0' }))).toEqual({ corridor: 'green', reasons: [] });

  const erring = [{ ...ITEM, netMassKg: 7, suppQuantity: 5, description: 'Spare parts, various' }];
  expect(await reasonsOf(declarationInput({ id: 'F-1', items: erring }))).toEqual({
    corridor: 'red',
    reasons: ['fault ZZ-ERR', 'profile UD-001'],
  });

  const many = Array.from({ length: 300 }, (_, i) => ({ ...ITEM, no: i + 1 }));
  expect(await reasonsOf(declarationInput({ id: 'F-2', items: many }))).toEqual({
    corridor: 'yellow',
    reasons: ['fault ZZ-COST'],
  });

  const endless = [{ ...ITEM, description: `${'a'.repeat(1900)}!` }];
  expect(await reasonsOf(declarationInput({ id: 'F-3', items: endless }))).toEqual({ corridor: 'green', reasons: [] });
});

it('counts each fault by target, never by profile', async () => {
  const metrics = await (await fetch(`${started.url}/metrics`, { headers: await started.authorise() })).text();
  expect(metrics).toMatch(/corridor_profile_faults_total\{target="customs_procedure"\} [1-9]/);
  expect(metrics).not.toContain('ZZ-');
});
