import { afterEach, beforeEach, expect, it } from 'vitest';
import { fixtureBundle } from '../helpers/policy.ts';
import { until } from '../helpers/until.ts';
import { activeText, approvedDraft, PolicySite, UV, weighted } from './node.ts';

const HOUR_MS = 3_600_000;
let site: PolicySite;

beforeEach(async () => {
  site = await PolicySite.open();
});
afterEach(() => site.close());

it('one of many nodes activates a draft at its time, and one takes it back at its end', async () => {
  const nodes = [await site.begun('one'), await site.node('two'), await site.node('three')];
  const [one] = nodes as [(typeof nodes)[number]];
  const id = await approvedDraft(one, 0.21);
  const times = { activateAt: site.clock + HOUR_MS, expireAt: site.clock + 2 * HOUR_MS };
  await one.workflow.schedule(id, times, 'boris');
  await until(() => nodes.every(({ board }) => board.list()[0]?.state === 'scheduled'));
  await Promise.all(nodes.map(({ schedule }) => schedule.round()));
  expect(await activeText(one)).toBe(fixtureBundle().files[UV]);
  site.clock += HOUR_MS;
  await Promise.all(nodes.map(({ schedule }) => schedule.round()));
  await until(() => nodes.every(({ board }) => board.get(id).state === 'active'));
  await until(async () => (await activeText(one)) === weighted(0.21));
  site.clock += HOUR_MS;
  await Promise.all(nodes.map(({ schedule }) => schedule.round()));
  await until(() => nodes.every(({ board }) => board.get(id).publication?.expiredAt === site.clock));
  await until(async () => (await activeText(one)) === fixtureBundle().files[UV]);
  expect(nodes.flatMap(({ done }) => done.map(([, what, error]) => [what, error]))).toEqual([
    ['activation', null],
    ['expiry', null],
  ]);
  expect(one.versions.activations().map(({ by }) => by)).toEqual(['boris', 'boris', 'seed']);
});

it('what came due while no node ran is done by the first that starts', async () => {
  const one = await site.begun('one');
  const id = await approvedDraft(one, 0.21);
  await one.workflow.schedule(id, { activateAt: site.clock + HOUR_MS }, 'boris');
  await one.stop();
  site.clock += 5 * HOUR_MS;
  const again = await site.node('one');
  await again.schedule.round();
  expect(again.board.get(id).state).toBe('active');
  expect(await activeText(again)).toBe(weighted(0.21));
});

it('a draft whose whole term passed unseen is not activated, and says so', async () => {
  const one = await site.begun('one');
  const id = await approvedDraft(one, 0.21);
  await one.workflow.schedule(id, { activateAt: site.clock + HOUR_MS, expireAt: site.clock + 2 * HOUR_MS }, 'boris');
  site.clock += 3 * HOUR_MS;
  await one.schedule.round();
  expect(one.board.get(id)).toMatchObject({ state: 'approved', schedule: null });
  expect(one.board.get(id).trouble?.text[0]).toContain('whole term passed');
  expect(await activeText(one)).toBe(fixtureBundle().files[UV]);
});

it('a draft in conflict at its time stays approved, and names file and author', async () => {
  const one = await site.begun('one');
  const [late, first] = [await approvedDraft(one, 0.21), await approvedDraft(one, 0.25)];
  await one.workflow.schedule(late, { activateAt: site.clock + HOUR_MS }, 'boris');
  await one.publisher.publish(first, 'publish', 'boris', '');
  site.clock += HOUR_MS;
  await one.schedule.round();
  expect(one.board.get(late)).toMatchObject({ state: 'approved', schedule: null, claim: null });
  expect(one.board.get(late).trouble?.text.join()).toMatch(/UV-001.*ana changed it on/);
  expect(one.done.map(([, what, error]) => [what, error === null])).toEqual([['activation', false]]);
  await one.schedule.round();
  expect(one.done).toHaveLength(1);
});

it('a draft that is edited before its time is not activated', async () => {
  const one = await site.begun('one');
  const id = await approvedDraft(one, 0.21);
  await one.workflow.schedule(id, { activateAt: site.clock + HOUR_MS }, 'boris');
  await one.workflow.saveFile(id, null, UV, weighted(0.9), 'ana');
  site.clock += HOUR_MS;
  await one.schedule.round();
  expect(one.board.get(id).state).toBe('draft');
  expect(await activeText(one)).toBe(fixtureBundle().files[UV]);
});
