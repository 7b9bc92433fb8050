import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { decide } from '../../src/core/decide.ts';
import { isInShare } from '../../src/core/share.ts';
import { builtWorker } from '../../src/engine/built-worker.ts';
import { drawer } from '../../src/engine/draw-key.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { publishPolicy } from '../../src/engine/policies.ts';
import { bundleVersion, type PolicyBundle } from '../../src/profiles/bundle.ts';
import { buildPolicy } from '../../src/profiles/policy.ts';
import { openForWriting } from '../../src/state/models-store.ts';
import { createDeclarationPublisher } from '../../src/stream/declarations.ts';
import { publish } from '../../src/stream/publish.ts';
import { lastMessage } from '../../src/stream/state.ts';
import { type NodeEntry, seal } from '../../src/wire/envelope.ts';
import { declarationOf, encodeRecord, factsOf, openRecord } from '../../src/wire/record.ts';
import { decided, entryOf, handmade, saying } from '../engine/fixture.ts';
import { fixtureBundle } from '../helpers/policy.ts';
import { until } from '../helpers/until.ts';
import { ORIGIN, PolicyBench } from './bench.ts';

let world: PolicyBench;

beforeEach(async () => {
  world = await PolicyBench.open();
});
afterEach(() => world.close());

const versionsOf = (...engines: { engine: Engine }[]) => engines.map(({ engine }) => engine.policyVersion());

/** Every engine decides by the handmade policy of this label, which is saved as well. */
async function begin(label: string, count: number) {
  await publishPolicy(world.bench.conn, handmade(label));
  const nodes = [];
  for (let i = 0; i < count; i++) nodes.push(await world.node());
  const desk = await world.desk('desk');
  return { ...desk, nodes, first: bundleVersion(handmade(label)) };
}

/** A node that has told of itself and does nothing; gives what tells of it again. */
function ghostOf(active: string): (patch?: Partial<NodeEntry>) => Promise<unknown> {
  const ghost: NodeEntry = {
    ...{ node: 'ghost', since: 0, active, challenger: null },
    ...{ prepared: null, leaving: false },
  };
  return (patch = {}) => {
    const data = seal('nodes.told', 'ghost', Date.now(), '', { ...ghost, ...patch });
    return publish(world.bench.conn, 'nodes.ghost', data);
  };
}

it('every live node prepares a version and says so; then all of them swap to it, and it is kept before', async () => {
  const { versions, leases, nodes, first } = await begin('one', 3);
  expect(versionsOf(...nodes)).toEqual([first, first, first]);
  expect(leases.live().map(({ active }) => active)).toEqual([first, first, first]);
  const { version } = await versions.save(handmade('two'), ORIGIN);
  expect(await versions.activate(version, 'boris', 'prices')).toEqual({ activated: true, version });
  await until(() => versionsOf(...nodes).every((each) => each === version));
  expect(nodes.every(({ kept }) => kept.includes(version))).toBe(true);
  await until(() => leases.live().every(({ active, prepared }) => active === version && prepared === null));
});

it('one node that refuses is enough: nothing is activated, it and the place are named, and the next one passes', async () => {
  const models = openForWriting(`${world.bench.dir}/models`);
  const { versions, leases, nodes } = await begin('one', 1);
  const { version: first } = await versions.save(relabelled('first'), ORIGIN);
  await versions.activate(first, 'boris', '');
  // With real threads, which take what the others refuse.
  nodes.push(await world.node({ worker: builtWorker('evaluate') }));
  const { version: refused } = await versions.save(relabelled('refuse'), ORIGIN);
  const refusal = { node: 'node-0', problems: ['policy.yaml:1:1 expected something else'] };
  expect(await versions.activate(refused, 'boris', '')).toMatchObject({ activated: false, refusals: [refusal] });
  expect(versionsOf(...nodes)).toEqual([first, first]);
  expect(versions.active()?.version).toBe(first);
  await until(() => leases.live().every(({ prepared }) => prepared === null));
  const { version } = await versions.save(relabelled('second'), ORIGIN);
  expect((await versions.activate(version, 'boris', '')).activated).toBe(true);
  await until(() => versionsOf(...nodes).every((each) => each === version));
  await models.root.close();
});

it('a node that lives and keeps silent is waited for in vain; one that has died is waited for no longer', async () => {
  const { versions, nodes, first } = await begin('one', 1);
  const { versions: hasty } = await world.desk('hasty', { prepareWithinMs: 500 });
  const tell = ghostOf(first);
  await tell();
  const { version } = await versions.save(handmade('two'), ORIGIN);
  await until(() => hasty.list().some((each) => each.version === version));
  expect(await hasty.activate(version, 'boris', '')).toMatchObject({
    activated: false,
    refusals: [{ node: 'ghost', problems: [expect.stringContaining('does not say')] }],
  });
  expect(versionsOf(...nodes)).toEqual([first]);
  await tell({ leaving: true });
  expect((await hasty.activate(version, 'boris', '')).activated).toBe(true);
});

it('while one version is being activated another cannot be, and says so', async () => {
  const { versions, nodes, first } = await begin('one', 1);
  const { versions: elsewhere } = await world.desk('elsewhere');
  const tell = ghostOf(first);
  await tell();
  const { version: a } = await versions.save(handmade('a'), ORIGIN);
  const { version: b } = await versions.save(handmade('b'), ORIGIN);
  await until(() => elsewhere.list().some(({ version }) => version === b));
  const activating = versions.activate(a, 'boris', '');
  await until(async () => (await lastMessage(world.bench.conn, 'POLICY', 'policy.proposed')) !== null);
  const second = expect(elsewhere.activate(b, 'vera', '')).rejects.toMatchObject({ code: 'changed_meanwhile' });
  await delay(100);
  await tell({ leaving: true });
  expect(await activating).toEqual({ activated: true, version: a });
  await second;
  // Told when it knows what was first, so that it may try again on top of it.
  expect(elsewhere.active()?.version).toBe(a);
  expect((await elsewhere.activate(b, 'vera', '')).activated).toBe(true);
  await until(() => versionsOf(...nodes)[0] === b);
});

it('a node that was away takes what was activated before it decides again', async () => {
  const { versions, nodes } = await begin('one', 1);
  const { version } = await versions.save(handmade('two'), ORIGIN);
  await versions.activate(version, 'boris', '');
  const late = await world.node();
  expect(late.engine.policyVersion()).toBe(version);
  await world.bench.server.restart();
  await until(() => [late, ...nodes].every(({ engine }) => engine.state().consuming && !engine.isHeld('policy')));
});

it('cut off, a node goes on for its time, then waits; it goes on when it hears of the policy again', async () => {
  await publishPolicy(world.bench.conn, handmade('one'));
  const { engine } = await world.node({}, { awayMs: 1500, beatMs: 100 });
  await delay(300);
  expect(engine.isHeld('policy')).toBe(false);
  await world.bench.server.stop();
  await delay(400);
  expect(engine.isHeld('policy')).toBe(false);
  await until(() => engine.isHeld('policy'), 20_000);
  expect(engine.state().consuming).toBe(false);
  await world.bench.server.start();
  await until(() => !engine.isHeld('policy') && engine.state().consuming, 20_000);
  await createDeclarationPublisher(world.bench.conn, 'a').submit(saying('AGAIN', 'shoes'));
  await until(() => world.bench.seen.length === 1);
}, 60_000);

it('a node that refuses what is active elsewhere goes on under its own, and its lease says by which', async () => {
  const { leases, nodes, first } = await begin('one', 1);
  await publishPolicy(world.bench.conn, handmade('refuse'));
  await until(() => world.refused.length === 1);
  expect(versionsOf(...nodes)).toEqual([first]);
  expect(leases.live()).toMatchObject([{ active: first }]);
});

/** The fixture's profiles, under another label and with other weights, so that records differ. */
function relabelled(label: string, files: Record<string, string> = {}): PolicyBundle {
  const bundle = fixtureBundle(files);
  const text = bundle.files['policy.yaml'] ?? '';
  return { files: { ...bundle.files, 'policy.yaml': text.replace(/^label:.*$/m, `label: ${label}`) } };
}

it('under load, with real profiles: every declaration is decided once, by the version that it names', async () => {
  const models = openForWriting(`${world.bench.dir}/models`);
  await publishPolicy(world.bench.conn, relabelled('one'));
  const real = { worker: builtWorker('evaluate') };
  const nodes = [await world.node(real), await world.node(real)];
  const { versions } = await world.desk('desk');
  const publisher = createDeclarationPublisher(world.bench.conn, 'a');
  let sent = 0;
  let running = true;
  const client = async (name: string): Promise<void> => {
    for (let i = 0; running; i++) {
      await publisher.submit(entryOf({ id: `${name}-${i}`, office: i % 2 === 0 ? '55099' : '50101' }));
      sent++;
      await delay(2);
    }
  };
  const clients = Array.from({ length: 6 }, (_, i) => client(`C${i}`));
  const bundles = ['two', 'three'].map((label) => relabelled(label));
  for (const bundle of bundles) {
    const before = world.bench.seen.length;
    await until(() => world.bench.seen.length > before + 50);
    const { version } = await versions.save(bundle, ORIGIN);
    expect((await versions.activate(version, 'boris', '')).activated).toBe(true);
    await until(() => versionsOf(...nodes).every((each) => each === version));
  }
  const before = world.bench.seen.length;
  await until(() => world.bench.seen.length > before + 50);
  running = false;
  await Promise.all(clients);
  await until(() => world.bench.seen.length >= sent);
  expect(new Set(world.bench.seen.map(({ entry }) => entry.id)).size).toBe(sent);
  expect(world.bench.seen).toHaveLength(sent);
  const known = [relabelled('one'), ...bundles];
  expect(redecided(known)).toEqual(new Set(known.map(bundleVersion)));
  await models.root.close();
}, 60_000);

/** Decides everything again by the version that its record names; byte for byte the same. @returns the versions. */
function redecided(bundles: readonly PolicyBundle[]): Set<string> {
  const policies = new Map(bundles.map((bundle) => [bundleVersion(bundle), buildPolicy(bundle)]));
  const used = new Set<string>();
  for (const { entry } of world.bench.seen) {
    const { policyVersion } = decided(entry);
    const policy = policies.get(policyVersion);
    if (policy === undefined) throw new Error(`${policyVersion} was never activated`);
    const parts = openRecord(entry.record);
    const facts = factsOf(parts);
    const again = encodeRecord(parts.submitter, parts.declaration, facts, decide(declarationOf(parts), facts, policy));
    expect(Buffer.compare(again, entry.record)).toBe(0);
    used.add(policyVersion);
  }
  return used;
}

it('a share: whoever is in stays in, it only grows, the record says by which version, and it ends', async () => {
  const models = openForWriting(`${world.bench.dir}/models`);
  const [champion, challenger] = [relabelled('champion'), relabelled('challenger')];
  await publishPolicy(world.bench.conn, champion);
  const { engine } = await world.node({ worker: builtWorker('evaluate') });
  const { versions, leases } = await world.desk('desk');
  const publisher = createDeclarationPublisher(world.bench.conn, 'a');
  const { version } = await versions.save(challenger, ORIGIN);
  const ids = Array.from({ length: 60 }, (_, i) => `S-${i}`);
  let round = 0;
  const decidedBy = async (): Promise<string[]> => {
    round++;
    const before = world.bench.seen.length;
    for (const id of ids) await publisher.submit(entryOf({ id, version: round }));
    await until(() => world.bench.seen.length >= before + ids.length);
    return ids.map((id) => decided(world.bench.on(id).at(-1)).policyVersion);
  };
  const expected = (percent: number): string[] => {
    const { launch = '' } = versions.active()?.challenger ?? {};
    const draw = drawer({ current: 'k1', keys: { k1: 'a5'.repeat(32) } });
    return ids.map((id) => (isInShare(draw(id), { percent, launch }) ? version : bundleVersion(champion)));
  };

  expect((await versions.share(version, 30, 'boris', 'try it')).activated).toBe(true);
  await until(() => leases.live()[0]?.challenger === version);
  const atThirty = await decidedBy();
  expect(atThirty).toEqual(expected(30));
  expect(new Set(atThirty).size).toBe(2);
  await expect(versions.share(version, 20, 'boris', '')).rejects.toMatchObject({ code: 'wrong_state' });
  const { version: third } = await versions.save(relabelled('third'), ORIGIN);
  await expect(versions.share(third, 20, 'boris', '')).rejects.toMatchObject({ code: 'wrong_state' });

  expect((await versions.share(version, 70, 'boris', 'it holds')).activated).toBe(true);
  await until(() => engine.policyVersion() !== null && leases.live()[0]?.prepared === null);
  const atSeventy = await decidedBy();
  expect(atSeventy).toEqual(expected(70));
  expect(atSeventy.filter((each, i) => atThirty[i] === version && each !== version)).toEqual([]);

  expect((await versions.endShare('boris', 'enough')).activated).toBe(true);
  await until(() => leases.live()[0]?.challenger === null);
  expect(new Set(await decidedBy())).toEqual(new Set([bundleVersion(champion)]));
  await expect(versions.endShare('boris', '')).rejects.toMatchObject({ code: 'not_found' });
  expect(redecided([champion, challenger])).toHaveLength(2);
  await models.root.close();
}, 60_000);

it('all of them is an activation; a change of lists alone goes to both, any other ends the share', async () => {
  const { versions, first } = await begin('one', 1);
  const withList = (label: string, list: string): PolicyBundle => ({
    files: { ...handmade(label).files, 'lists/brands.csv': list },
  });
  const { version: base } = await versions.save(withList('one', 'value\nacme\n'), { ...ORIGIN, parent: first });
  await versions.activate(base, 'boris', '');
  const { version: challenger } = await versions.save(withList('two', 'value\nacme\n'), { ...ORIGIN, parent: base });
  await versions.share(challenger, 10, 'boris', 'try');
  const launch = versions.active()?.challenger?.launch;
  const { version: longer } = await versions.save(withList('one', 'value\nacme\nbolt\n'), {
    ...ORIGIN,
    source: 'lists',
  });
  expect((await versions.activate(longer, 'vera', 'a new brand')).activated).toBe(true);
  const carried = bundleVersion(withList('two', 'value\nacme\nbolt\n'));
  expect(versions.active()).toMatchObject({ version: longer, challenger: { version: carried, percent: 10, launch } });
  const { version: other } = await versions.save(withList('three', 'value\nacme\nbolt\n'), ORIGIN);
  await versions.activate(other, 'boris', 'a draft');
  expect(versions.active()).toMatchObject({ version: other, challenger: null });
  await versions.share(carried, 10, 'boris', 'anew');
  expect((await versions.share(carried, 100, 'boris', 'it won')).activated).toBe(true);
  expect(versions.active()).toMatchObject({ version: carried, challenger: null });
});
