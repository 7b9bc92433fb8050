import { expect, it } from 'vitest';
import type { Application } from '../../src/learning/applications.ts';
import type { Period } from '../../src/learning/contest.ts';
import { launchesOf, type ShareActivation, Shares } from '../../src/learning/shares.ts';

function activation(at: number, version: string, challenger: [string, number, string] | null = null): ShareActivation {
  const [name, percent, launch] = challenger ?? ['', 0, ''];
  const share = challenger && { version: name, percent, launch };
  return { version, at, by: 'boris', reason: `at ${at}`, challenger: share };
}

const HISTORY: readonly ShareActivation[] = [
  activation(1, 'a'),
  activation(2, 'a', ['b', 10, 'one']),
  // A list changed meanwhile: both sides are new versions.
  activation(3, 'a2', ['b2', 10, 'one']),
  activation(4, 'a2', ['b2', 50, 'one']),
  activation(5, 'b2'),
  activation(6, 'b2', ['c', 5, 'two']),
  activation(7, 'b2'),
  activation(8, 'b2', ['d', 5, 'three']),
];

it('a launch lasts from its first percent to its end, whatever lists change meanwhile', () => {
  expect(launchesOf(HISTORY)).toMatchObject([
    { launch: 'one', began: 2, ended: 5, percent: 50, champions: ['a', 'a2'], challengers: ['b', 'b2'], won: true },
    { launch: 'two', began: 6, ended: 7, percent: 5, champions: ['b2'], challengers: ['c'], won: false },
    { launch: 'three', began: 8, ended: null, won: false, reason: 'at 8' },
  ]);
});

it('is kept while it goes on and with its result when it has ended, once', async () => {
  const saved = new Map<string, Application>();
  let known = HISTORY.slice(0, 3);
  const periods: Period[] = [];
  const tally = { declarations: 100, controls: 30, labelled: 30, findings: 15 };
  const shares = new Shares({
    activations: () => known.toReversed(),
    applications: {
      list: () => [...saved.values()],
      save: async (application) => void saved.set(application.id, application),
    },
    count: async (period) => {
      periods.push(period);
      return { a: tally, a2: tally, b: { ...tally, findings: 28 }, b2: tally, other: tally };
    },
    node: 'n',
    onError: (error) => {
      throw error;
    },
    now: () => 1000,
  });
  await shares.keep();
  expect([...saved.values()]).toMatchObject([{ kind: 'share', state: 'running', candidate: 'b2', result: null }]);
  expect(await shares.current()).toMatchObject({
    ...{ since: 2, percent: 10 },
    champion: { version: 'a2', declarations: 200 },
    challenger: { version: 'b2', findings: 43 },
  });
  await shares.current();
  expect(periods).toEqual([{ since: 2, until: Number.POSITIVE_INFINITY }]);

  known = HISTORY.slice(0, 7);
  await shares.keep();
  await shares.keep();
  expect([...saved.values()]).toMatchObject([
    { state: 'done', startedAt: 2, endedAt: 5, result: { won: true, percent: 50, champion: { controls: 60 } } },
    { state: 'done', candidate: 'c', result: { won: false } },
  ]);
  expect(periods.slice(1)).toEqual([
    { since: 2, until: 5 },
    { since: 6, until: 7 },
  ]);
  await expect(shares.current()).rejects.toThrow('No version has a share');
  await shares.stop();
});
