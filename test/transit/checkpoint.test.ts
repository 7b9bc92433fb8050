import { expect, it } from 'vitest';
import type { TransitModel } from '../../src/state/models.ts';
import { askCheckpoint } from '../../src/transit/checkpoint.ts';

const LIMIT = Date.parse('2026-03-05T12:00:00Z');

function model(patch: Partial<TransitModel> = {}): TransitModel {
  return {
    submitter: 'local',
    declarationId: 'T-1',
    version: 1,
    withdrawn: false,
    corridor: 'green',
    measures: [],
    office: '50430',
    receivedAt: LIMIT - 86_400_000,
    decidedAt: LIMIT - 86_399_000,
    transit: {
      mrn: 'MRN1',
      officeOfDeparture: '50430',
      officesOfTransit: ['50440'],
      officeOfDestination: '55302',
      itinerary: [],
      seals: ['S-1'],
      timeLimit: LIMIT,
      guarantee: { type: '1', reference: 'G-1', amount: { amount: '1000', currency: 'USD', tiyn: 50_000_000 } },
      documentType: 'T1',
    },
    ...patch,
  };
}

function ask(found: TransitModel | null, at: string) {
  return askCheckpoint({ refresh: () => undefined, transit: () => found }, 'MRN1', Date.parse(at));
}

it('a movement without risk goes on, with its guarantee and the time left', () => {
  expect(ask(model(), '2026-03-05T10:30:00Z')).toMatchObject({
    mrn: 'MRN1',
    corridor: 'green',
    proceed: true,
    checks: [],
    seals: ['S-1'],
    guarantee: { type: '1', reference: 'G-1', amount: '1000', currency: 'USD' },
    timeLimit: '2026-03-05T12:00:00.000Z',
    timeLeftMinutes: 90,
    overdue: false,
  });
});

it('one under control does not, and the checkpoint is told what to check', () => {
  const measures = [{ code: 'non_intrusive_inspection', instructions: 'Scan the container.' }];
  expect(ask(model({ corridor: 'red', measures }), '2026-03-05T10:30:00Z')).toMatchObject({
    proceed: false,
    checks: measures,
  });
});

it('one past its time limit does not either, whatever its corridor', () => {
  expect(ask(model(), '2026-03-05T12:30:00Z')).toMatchObject({
    proceed: false,
    overdue: true,
    timeLeftMinutes: -30,
    checks: [{ code: 'time_limit_check' }],
  });
});

it('one that is unknown or withdrawn is not there', () => {
  expect(ask(null, '2026-03-05T10:30:00Z')).toBeNull();
  expect(ask(model({ withdrawn: true }), '2026-03-05T10:30:00Z')).toBeNull();
});
