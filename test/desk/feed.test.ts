import { expect, it } from 'vitest';
import { type Decided, DecisionFeed } from '../../src/desk/feed.ts';
import { decided, withdrawn } from '../projections/entries.ts';

const T0 = Date.parse('2026-03-02T09:30:00Z');
const storedAt = (n: number) => `17724438000000000${10 + n}`;

it('tells each decision once, with office and corridor out of its record', () => {
  const told: Decided[] = [];
  const feed = new DecisionFeed((one) => told.push(one));
  const entry = decided({ id: 'D-1', receivedAt: T0, corridor: 'red', patch: { office: '50101' } });
  feed.take([entry, decided({ id: 'D-2', receivedAt: T0 })], storedAt(1));
  feed.take([entry], storedAt(1));
  feed.take([entry], storedAt(0));
  feed.take([decided({ id: 'D-3', receivedAt: T0 })], storedAt(2));
  expect(told.map(({ id }) => id)).toEqual(['D-1', 'D-2', 'D-3']);
  expect(told[0]).toEqual({
    ...{ submitter: 'local', id: 'D-1', version: 1, office: '50101', corridor: 'red', decidedAt: T0 + 5 },
  });
});

it('passes over what is no decision, what was restored, and what cannot be read', () => {
  const told: Decided[] = [];
  const feed = new DecisionFeed((one) => told.push(one));
  const unreadable = { ...decided({ id: 'D-2', receivedAt: T0 }), record: Buffer.from('?') };
  const restored = decided({ id: 'D-3', receivedAt: T0, restored: true });
  feed.take([withdrawn('D-1', 2, T0), unreadable, restored, decided({ id: 'D-4', receivedAt: T0 })], storedAt(1));
  expect(told.map(({ id }) => id)).toEqual(['D-4']);
});
