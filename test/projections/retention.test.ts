import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { DECLARATION_MEMORY_DAYS } from '../../src/limits.ts';
import type { ModelsStore } from '../../src/state/models-store.ts';
import { decided, withdrawn } from './entries.ts';
import { writtenModels } from './models.ts';

const DAY = 86_400_000;
const T0 = Date.parse('2026-03-15T10:00:00Z');
const AFTER = T0 + (DECLARATION_MEMORY_DAYS + 1) * DAY;

/** Rows of each table that follows declarations. */
function rowsOf(store: ModelsStore): Record<string, number> {
  const { status, transit, withdrawn, traders, firsts, sketches, summaries, queue } = store;
  const tables = { status, transit, withdrawn, traders, firsts, sketches, summaries, queue };
  return Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, table.getCount()]));
}

function item(hsCode: string) {
  return { hsCode, origin: 'CN', kzt: 1000, netMassKg: 10 };
}

const TRANSIT = {
  regime: 'transit' as const,
  transit: {
    mrn: '26KZ0001',
    officeOfDeparture: '55302',
    officeOfDestination: '55101',
    timeLimit: '2026-03-20T00:00:00Z',
    documentType: 'T1',
  },
};

it('forgets a declaration, its trader and its goods when nothing was heard of them for so long', async () => {
  const { store, models, tell } = await writtenModels();
  tell(decided({ id: 'A', receivedAt: T0, trader: 'OLD', items: [item('6109100000')], patch: TRANSIT }));
  tell(decided({ id: 'B', receivedAt: T0, trader: 'OLD', corridor: 'red', items: [item('8703231940')] }));
  tell(withdrawn('B', 2, T0));
  tell(decided({ id: 'C', receivedAt: AFTER - DAY, trader: 'NEW', items: [item('2203000100')] }));
  expect(models.status('local', 'A')?.versions).toHaveLength(1);
  tell(decided({ id: 'D', receivedAt: AFTER, trader: 'NEW', items: [item('2203000100')] }));
  tell(decided({ id: 'E', receivedAt: AFTER, trader: 'NEW', items: [item('2203000100')] }));
  for (const id of ['A', 'B']) expect(models.status('local', id)).toBeNull();
  expect(models.transit('26KZ0001')).toBeNull();
  expect(models.traderFacts('OLD', AFTER).firstSeenAt).toBeNull();
  expect(models.traderFacts('NEW', AFTER).d7.count).toBe(3);
  expect(models.valuePerKg('2203000100', 'CN', AFTER)?.n).toBe(3);
  const [status, firsts] = [3, 3];
  expect(rowsOf(store)).toMatchObject({ status, firsts, traders: 1, summaries: 1, transit: 0, withdrawn: 0 });
});

it('remembers a declaration for as long after its last version, and what was counted with it meanwhile', async () => {
  const { models, tell } = await writtenModels();
  tell(decided({ id: 'A', receivedAt: T0, trader: 'T' }));
  tell(decided({ id: 'B', receivedAt: T0 + DAY, trader: 'T' }));
  tell(decided({ id: 'A', version: 2, receivedAt: T0 + 200 * DAY, trader: 'T' }));
  for (const id of ['C', 'D']) tell(decided({ id, receivedAt: AFTER + DAY, trader: 'T' }));
  expect(models.status('local', 'A')?.versions).toHaveLength(2);
  expect(models.status('local', 'B')).toBeNull();
  expect(models.traderFacts('T', AFTER)).toMatchObject({ firstSeenAt: T0 });
  expect(models.traderFacts('T', AFTER + DAY).d1.count).toBe(2);
});

it('takes away a declaration whose trader and goods are forgotten already', async () => {
  const { models, tell } = await writtenModels();
  tell(decided({ id: 'A', receivedAt: T0, trader: 'T' }), decided({ id: 'B', receivedAt: T0, trader: 'T' }));
  tell(decided({ id: 'A', version: 2, receivedAt: T0 + 1, trader: 'T' }));
  for (const id of ['C', 'D']) tell(decided({ id, receivedAt: T0 + DECLARATION_MEMORY_DAYS * DAY + 1, trader: 'U' }));
  expect(models.status('local', 'B')).toBeNull();
  expect(models.status('local', 'A')?.versions).toHaveLength(2);
  tell(withdrawn('A', 3, AFTER));
  expect(models.traderFacts('T', T0).d1.count).toBe(0);
  expect(models.status('local', 'A')?.versions).toHaveLength(3);
});

it('loses two declarations at most to an entry that is dated wrong', async () => {
  const { models, tell } = await writtenModels();
  const ids = ['A', 'B', 'C', 'D', 'E'];
  for (const id of ids) tell(decided({ id, receivedAt: T0 }));
  tell(decided({ id: 'WRONG', receivedAt: T0 + 10_000 * DAY }));
  for (let n = 0; n < 10; n++) tell(decided({ id: `F${n}`, receivedAt: T0 + DAY }));
  expect(ids.filter((id) => models.status('local', id) === null)).toEqual(['A', 'B']);
});

it('stays of one size, in rows and bytes, however long it runs', { timeout: 60_000 }, async () => {
  const { dir, store, tell } = await writtenModels();
  let day = 0;
  const follow = (days: number) => {
    for (const until = day + days; day < until; day++) {
      const entries = Array.from({ length: 4 }, (_, n) => {
        const [id, receivedAt] = [`${day}-${n}`, T0 + day * DAY];
        const [trader, hsCode] = [`T${day % 700}-${n}`, String(1_000_000_000 + (day % 700) * 10 + n)];
        const patch = { ...TRANSIT, transit: { ...TRANSIT.transit, mrn: `MRN${id}` } };
        return decided({ id, receivedAt, trader, items: [item(hsCode)], ...(n === 0 ? { patch } : {}) });
      });
      tell(...entries, withdrawn(`${day}-3`, 2, T0 + day * DAY));
    }
    return { rows: rowsOf(store), bytes: statSync(join(dir, 'data.mdb')).size };
  };
  follow(DECLARATION_MEMORY_DAYS + 100);
  const before = follow(DECLARATION_MEMORY_DAYS);
  const after = follow(2 * DECLARATION_MEMORY_DAYS);
  for (const [table, rows] of Object.entries(after.rows)) {
    expect(rows, table).toBeLessThanOrEqual(1.05 * (before.rows[table] as number));
  }
  expect(after.rows).toMatchObject({ status: 4 * (DECLARATION_MEMORY_DAYS + 1) });
  expect(after.bytes).toBeLessThanOrEqual(1.1 * before.bytes);
});
