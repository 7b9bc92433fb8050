import { expect, it } from 'vitest';
import { PARTY_CHANGES_MAX } from '../../src/limits.ts';
import { overrideAt } from '../../src/state/party-rows.ts';
import { type CategoryOverride, open, type PartyChange, seal } from '../../src/wire/envelope.ts';
import { encode } from '../../src/wire/messagepack.ts';
import { type Written, writtenModels } from './models.ts';

const PARTY = { role: 'broker', id: 'X', authorisedOperator: true, openViolations: 3, arrearsTiyn: 7 } as const;
const low = { ...PARTY, category: 'low' } as const;
const high = { ...PARTY, category: 'high' } as const;

function teller({ projector, models }: Written) {
  let sequence = 0;
  return (at: number, ...entries: PartyChange[]): void => {
    sequence += 1;
    projector.parties([{ sequence, created: 'p', at, by: 'import', entries }]);
    models.refresh();
  };
}

function override(from: number, until: number, category: CategoryOverride['category']): CategoryOverride {
  return { kind: 'override', role: 'broker', id: 'X', category, reason: 'tip-off', from, until, by: 'analyst' };
}

it('an override holds from its start to before its end, and leaves what was imported as it is', async () => {
  const written = await writtenModels();
  const { models } = written;
  const tell = teller(written);
  tell(1, low);
  tell(2, override(100, 200, 'high'));
  const party = models.party('broker', 'X');
  if (party === null) throw new Error('unknown');
  expect(party).toMatchObject({ ...low, imported: true });
  expect([99, 100, 199, 200].map((at) => overrideAt(party, at)?.category ?? null)).toEqual([
    null,
    'high',
    'high',
    null,
  ]);
  tell(3, { ...high, category: 'medium' });
  expect(models.party('broker', 'X')).toMatchObject({ category: 'medium', override: { category: 'high' } });
});

it('one that is undone holds on for what was received before', async () => {
  const written = await writtenModels();
  const tell = teller(written);
  tell(1, override(100, 200, 'high'), override(150, 150, null));
  const party = written.models.party('broker', 'X');
  if (party === null) throw new Error('unknown');
  expect(party.imported).toBe(false);
  expect([149, 150].map((at) => overrideAt(party, at)?.category ?? null)).toEqual(['high', null]);
});

it('the history names changes, not repetitions, and no more than the latest', async () => {
  const written = await writtenModels();
  const { models } = written;
  const tell = teller(written);
  tell(1, low);
  tell(2, { ...low, openViolations: 9 });
  tell(3, high, override(100, 200, 'low'));
  expect(models.categoryChanges('broker', 'X')).toEqual([
    { at: 1, by: 'import', category: 'low', reason: null, until: null },
    { at: 3, by: 'import', category: 'high', reason: null, until: null },
    { at: 3, by: 'analyst', category: 'low', reason: 'tip-off', until: 200 },
  ]);
  for (let n = 0; n < 30; n++) tell(10 + n, n % 2 === 0 ? low : high);
  const changes = models.categoryChanges('broker', 'X');
  expect(changes.map(({ at }) => at)).toEqual(Array.from({ length: PARTY_CHANGES_MAX }, (_, n) => 20 + n));
});

it('a stream that is applied again from its first message changes nothing', async () => {
  const written = await writtenModels();
  const { models, projector } = written;
  const all: [number, PartyChange][] = [
    [1, low],
    [2, low],
    [3, high],
    [4, override(100, 200, 'low')],
    [5, low],
  ];
  const messages = all.map(([at, entry], index) => {
    return { sequence: index + 1, created: 'p', at, by: 'import', entries: [entry] };
  });
  projector.parties(messages);
  models.refresh();
  const before = [models.party('broker', 'X'), models.categoryChanges('broker', 'X')];
  projector.reset('PARTIES');
  for (const message of messages) projector.parties([message]);
  models.refresh();
  expect([models.party('broker', 'X'), models.categoryChanges('broker', 'X')]).toEqual(before);
});

it('messages of before there were overrides are read as they were, and those of a later version are not', () => {
  const sealed = open('parties.categorised', seal('parties.categorised', 'p', 5, '', [low]));
  expect(sealed.v).toBe(2);
  expect(open('parties.categorised', encode({ ...sealed, v: 1 }).slice()).body).toEqual([low]);
  for (const v of [0, 3])
    expect(() => open('parties.categorised', encode({ ...sealed, v }).slice())).toThrow(/version/);
  expect(() => open('policy.activated', encode({ ...sealed, type: 'policy.activated', v: 0 }).slice())).toThrow(
    /version/,
  );
});
