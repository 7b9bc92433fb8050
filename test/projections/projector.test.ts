import { expect, it } from 'vitest';
import { createProjector } from '../../src/projections/projector.ts';
import { decided, withdrawn } from './entries.ts';
import { writtenModels } from './models.ts';

const DAY = 86_400_000;
const T0 = Date.parse('2026-03-15T10:00:00Z');
const TRADER = '123456789012';

it('shows the status of every version, with its corridor', async () => {
  const { models, tell } = await writtenModels();
  tell(decided({ id: 'A', receivedAt: T0, corridor: 'red' }), decided({ id: 'B', receivedAt: T0 }));
  tell(decided({ id: 'A', version: 2, receivedAt: T0 + 1, corridor: 'red' }));
  tell(withdrawn('A', 3, T0 + 2));
  expect(models.status('local', 'A')?.versions).toEqual([
    {
      version: 1,
      outcome: 'decided',
      corridor: 'red',
      receivedAt: T0,
      decidedAt: T0 + 5,
      office: '55302',
      restored: false,
      sequence: 1,
    },
    {
      version: 2,
      outcome: 'decided',
      corridor: 'red',
      receivedAt: T0 + 1,
      decidedAt: T0 + 6,
      office: '55302',
      restored: false,
      sequence: 2,
    },
    {
      version: 3,
      outcome: 'withdrawn',
      corridor: null,
      receivedAt: T0 + 2,
      decidedAt: null,
      office: null,
      restored: false,
      sequence: 3,
    },
  ]);
  expect(models.status('other', 'A')).toBeNull();
});

it('counts a trader over 1, 7, 30 and 90 UTC days, of which the day of the question is the last', async () => {
  const { models, tell } = await writtenModels();
  const ages = [0, 1, 6, 7, 29, 30, 89, 90];
  for (const age of ages) tell(decided({ id: `D${age}`, receivedAt: T0 - age * DAY, totalKzt: 100 }));
  const facts = models.traderFacts(TRADER, Date.parse('2026-03-15T23:59:59Z'));
  expect(facts).toEqual({
    id: TRADER,
    firstSeenAt: T0 - 90 * DAY,
    d1: { count: 1, valueTiyn: 10_000 },
    d7: { count: 3, valueTiyn: 30_000 },
    d30: { count: 5, valueTiyn: 50_000 },
    d90: { count: 7, valueTiyn: 70_000 },
  });
  expect(models.traderFacts(TRADER, T0 - 89 * DAY).d1.count).toBe(1);
  expect(models.traderFacts('nobody', T0)).toMatchObject({ firstSeenAt: null, d90: { count: 0, valueTiyn: 0 } });
});

it('lets an amendment replace what its declaration added, at its first version’s day', async () => {
  const { models, tell } = await writtenModels();
  tell(decided({ id: 'A', receivedAt: T0, totalKzt: 100, items: [item(50)] }));
  tell(decided({ id: 'A', version: 2, receivedAt: T0 + 3 * DAY, totalKzt: 700, items: [item(80)] }));
  expect(models.traderFacts(TRADER, T0)).toMatchObject({ firstSeenAt: T0, d1: { count: 1, valueTiyn: 70_000 } });
  expect(models.traderFacts(TRADER, T0 + 3 * DAY).d1.count).toBe(0);
  const facts = models.valuePerKg('8703231940', 'JP', T0);
  expect(facts?.n).toBe(1);
  expect(facts?.p50).toBeGreaterThan(79);
});

it('lets a withdrawal remove what its declaration added', async () => {
  const { models, tell } = await writtenModels();
  tell(decided({ id: 'A', receivedAt: T0 - DAY, items: [item(50)] }), decided({ id: 'B', receivedAt: T0 }));
  tell(withdrawn('A', 2, T0));
  expect(models.traderFacts(TRADER, T0)).toMatchObject({ firstSeenAt: T0, d7: { count: 1 } });
  expect(models.valuePerKg('8703231940', 'JP', T0)).toBeNull();
});

it('hands the control and the draw of withdrawn goods on to like goods of the same trader for 30 days', async () => {
  const { models, tell } = await writtenModels();
  tell(decided({ id: 'A', receivedAt: T0, corridor: 'red', draw: 0.4, items: [item(50)] }));
  tell(decided({ id: 'B', receivedAt: T0, corridor: 'yellow', draw: 0.01, items: [item(50)] }));
  expect(models.withdrawnLike(TRADER, ['870323'], T0)).toBeNull();
  tell(withdrawn('A', 2, T0), withdrawn('B', 2, T0));
  const inherited = { declarationId: 'A', corridor: 'red', draw: 0.01 };
  expect(models.withdrawnLike(TRADER, ['000000', '870323'], T0 + 30 * DAY)).toEqual(inherited);
  expect(models.withdrawnLike(TRADER, ['870323'], T0 + 30 * DAY + 1)).toBeNull();
  expect(models.withdrawnLike(TRADER, ['870324'], T0)).toBeNull();
  expect(models.withdrawnLike('another', ['870323'], T0)).toBeNull();
});

it('keeps the first entry of an identity, unless a later one was restored from a ledger', async () => {
  const { models, tell } = await writtenModels();
  tell(decided({ id: 'A', receivedAt: T0, corridor: 'green', totalKzt: 1 }));
  tell(decided({ id: 'A', receivedAt: T0, corridor: 'red', totalKzt: 2 }));
  expect(models.status('local', 'A')?.versions[0]).toMatchObject({ corridor: 'green', sequence: 1 });
  tell(decided({ id: 'A', receivedAt: T0, corridor: 'yellow', totalKzt: 3, restored: true }));
  tell(decided({ id: 'A', receivedAt: T0, corridor: 'red', totalKzt: 4, restored: true }));
  expect(models.status('local', 'A')?.versions).toMatchObject([{ corridor: 'yellow', restored: true, sequence: 3 }]);
  expect(models.traderFacts(TRADER, T0).d1).toEqual({ count: 1, valueTiyn: 300 });
});

it('goes by what a stream that began anew holds now, but for what a ledger had restored', async () => {
  const { models, projector, tell } = await writtenModels();
  tell(decided({ id: 'A', receivedAt: T0, corridor: 'green' }));
  tell(decided({ id: 'B', receivedAt: T0, corridor: 'red', restored: true }));
  projector.reset('DECISIONS');
  expect(projector.position('DECISIONS')).toBeNull();
  const entries = [
    decided({ id: 'A', receivedAt: T0, corridor: 'yellow' }),
    decided({ id: 'B', receivedAt: T0, corridor: 'yellow' }),
  ];
  projector.decisions([{ sequence: 1, created: 'c', entries }]);
  models.refresh();
  expect(models.status('local', 'A')?.versions[0]?.corridor).toBe('yellow');
  expect(models.status('local', 'B')?.versions[0]?.corridor).toBe('red');
  expect(models.traderFacts(TRADER, T0).d1.count).toBe(2);
});

it('applies a message once, and stores how far it came in the same transaction', async () => {
  const { models, projector } = await writtenModels();
  const message = { sequence: 7, created: 'c', entries: [decided({ id: 'A', receivedAt: T0 })] };
  projector.decisions([message]);
  projector.decisions([message]);
  models.refresh();
  expect(models.position('DECISIONS')).toEqual({ created: 'c', sequence: 7 });
  expect(models.traderFacts(TRADER, T0).d1.count).toBe(1);
  expect(models.position('PARTIES')).toBeNull();
});

it('takes the newest event of each party and role', async () => {
  const { models, projector } = await writtenModels();
  const party = { role: 'broker', id: 'X', category: 'low', authorisedOperator: true, openViolations: 3 } as const;
  const entries = [{ ...party, arrearsTiyn: 12_345 }, { ...party, category: 'high', arrearsTiyn: 1 } as const];
  const told = { created: 'p', at: T0, by: 'import' };
  projector.parties([{ sequence: 1, ...told, entries: [entries[0] as (typeof entries)[0]] }]);
  models.refresh();
  expect(models.party('broker', 'X')).toMatchObject({ ...entries[0], imported: true });
  projector.parties([{ sequence: 2, ...told, entries: [entries[1] as (typeof entries)[1]] }]);
  models.refresh();
  expect(models.party('broker', 'X')).toMatchObject({ ...entries[1], imported: true });
  expect(models.party('carrier', 'X')).toBeNull();
});

function transit(timeLimit: string) {
  return {
    regime: 'transit' as const,
    transit: {
      mrn: '26KZ0001',
      officeOfDeparture: '55302',
      officeOfDestination: '55101',
      timeLimit,
      documentType: 'T1',
    },
  };
}

it('answers for an MRN with the most severe live declaration that claims it', async () => {
  const { models, tell } = await writtenModels();
  tell(decided({ id: 'A', receivedAt: T0, corridor: 'yellow', patch: transit('2026-03-20T00:00:00Z') }));
  tell(decided({ id: 'B', receivedAt: T0 + 1, corridor: 'green', patch: transit('2026-03-21T00:00:00Z') }));
  expect(models.transit('26KZ0001')).toMatchObject({ declarationId: 'A', corridor: 'yellow', withdrawn: false });
  expect(models.transit('26KZ0001')?.transit.timeLimit).toBe(Date.parse('2026-03-20T00:00:00Z'));
  tell(withdrawn('A', 2, T0 + 2));
  expect(models.transit('26KZ0001')).toMatchObject({ declarationId: 'B' });
  tell(withdrawn('B', 2, T0 + 3));
  expect(models.transit('26KZ0001')).toMatchObject({ declarationId: 'A', withdrawn: true });
  expect(models.transit('26KZ0002')).toBeNull();
});

it('keeps the status of an entry whose record cannot be read, and counts nothing for it', async () => {
  const { store, models } = await writtenModels();
  const unreadable: number[] = [];
  const projector = createProjector(store, (sequence) => unreadable.push(sequence));
  const entries = [{ ...decided({ id: 'A', receivedAt: T0 }), record: Buffer.from('?') }];
  projector.decisions([{ sequence: 4, created: 'c', entries }]);
  models.refresh();
  expect(unreadable).toEqual([4]);
  expect(models.status('local', 'A')?.versions).toMatchObject([{ outcome: 'decided', corridor: null }]);
  expect(models.traderFacts(TRADER, T0).d1.count).toBe(0);
});

it('changes nothing where one entry of a batch cannot be applied', async () => {
  const { models, projector, tell } = await writtenModels();
  const good = decided({ id: 'A', receivedAt: T0 });
  expect(() => tell(good, { ...decided({ id: 'B', receivedAt: T0 }), record: Buffer.from('?') })).toThrow();
  expect(models.status('local', 'A')).toBeNull();
  expect(projector.position('DECISIONS')).toBeNull();
  tell(good);
  expect(models.traderFacts(TRADER, T0).d1.count).toBe(1);
  expect(models.valuePerKg('6109100000', 'CN', T0)?.n).toBe(1);
});

function item(kztPerKg: number) {
  return { hsCode: '8703231940', origin: 'JP', kzt: kztPerKg * 1000, netMassKg: 1000 };
}
