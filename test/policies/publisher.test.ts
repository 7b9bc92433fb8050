import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CorridorError } from '../../src/errors.ts';
import { PUBLISHING_MS } from '../../src/limits.ts';
import * as life from '../../src/policies/draft-life.ts';
import { formOf, yamlOf } from '../../src/profiles/profile-form.ts';
import { fixtureBundle } from '../helpers/policy.ts';
import { until } from '../helpers/until.ts';
import { activeText, approvedChanges, approvedDraft, PolicySite, UV, weighted } from './node.ts';

const AD = 'profiles/AD-001.yaml';

let site: PolicySite;

beforeEach(async () => {
  site = await PolicySite.open();
});
afterEach(() => site.close());

describe('publishing', () => {
  it('says who wrote it, who approved it and why, and what it replaced', async () => {
    const one = await site.begun();
    const before = one.versions.active()?.version;
    const id = await approvedDraft(one, 0.21);
    await one.publisher.publish(id, 'publish', 'boris', 'prices fell');
    const [newest] = one.versions.list().filter(({ draft }) => draft === id);
    expect(newest).toMatchObject({ authors: ['ana'], approver: 'boris', reason: 'prices fell', parent: before });
    expect(one.versions.active()?.version).toBe(newest?.version);
    expect(one.board.get(id)).toMatchObject({ state: 'active', publication: { parent: before, by: 'boris' } });
  });

  it('is done once, however many ask for it at two nodes', async () => {
    const [one, two] = [await site.begun('one'), await site.node('two')];
    const id = await approvedDraft(one);
    await until(() => two.board.list()[0]?.state === 'approved' && two.versions.active() !== null);
    const tries = [one, two, one].map((node) => node.publisher.publish(id, 'publish', 'boris', ''));
    const ended = await Promise.allSettled(tries);
    expect(ended.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(one.versions.activations()).toHaveLength(2);
  });

  it('of two drafts at once at two nodes loses neither', async () => {
    const [one, two] = [await site.begun('one'), await site.node('two')];
    const first = await approvedDraft(one, 0.21);
    const second = await approvedDraft(one, 0.22, AD);
    await until(() => two.board.list().filter(({ state }) => state === 'approved').length === 2);
    await Promise.all([
      one.publisher.publish(first, 'publish', 'boris', ''),
      two.publisher.publish(second, 'publish', 'boris', ''),
    ]);
    await until(() => one.versions.activations().length === 3);
    expect(await activeText(one)).toBe(weighted(0.21));
    expect(await activeText(one, AD)).toBe(weighted(0.22, AD));
  });

  it('is refused where the merged policy does not compile, and nothing changes', async () => {
    const one = await site.begun();
    await one.lists.change('spare', null, () => 'code:string\nA1\n', 'petra', 'for later');
    const uv = formOf(fixtureBundle().files[UV] ?? '');
    const file = 'profiles/UV-777.yaml';
    const uses = yamlOf({ ...uv, id: 'UV-777', unless: `(${uv.unless}) || item.hsCode in list("spare")` });
    const user = await approvedChanges(one, { [file]: uses });
    await one.publisher.publish(await approvedChanges(one, { 'lists/spare.csv': null }), 'publish', 'boris', '');
    const active = one.versions.active()?.version;
    await expect(one.publisher.publish(user, 'publish', 'boris', '')).rejects.toThrow('does not compile');
    expect(one.versions.active()?.version).toBe(active);
    expect(one.board.get(user)).toMatchObject({ state: 'approved', claim: null });
    expect(one.board.get(user).trouble?.text.join()).toContain(`${file}:`);
  });

  it('for a share of the declarations starts the share and leaves the policy, and the expiry ends it', async () => {
    const one = await site.begun();
    const before = one.versions.active()?.version;
    const { id } = await one.workflow.createDraft({ title: 'careful', changes: { [UV]: weighted(0.3) } }, 'ana');
    const launch = { activateAt: null, expireAt: null, offices: [], regimes: [], percent: 10 };
    await one.workflow.describe(id, 1, { launch }, 'ana');
    await one.workflow.submit(id, null, 'ana');
    await one.workflow.decide(id, null, 'approved', '', 'boris');
    const { publication } = await one.publisher.publish(id, 'publish', 'boris', 'careful');
    const challenger = { version: publication?.version, percent: 10 };
    expect(one.versions.active()).toMatchObject({ version: before, challenger });
    // The share goes on beside a list that changes, as a version of its own.
    await one.lists.change('codes', null, () => '*code:string\nA1\n', 'petra', 'new');
    expect(one.versions.active()?.challenger?.percent).toBe(10);
    await one.publisher.expire(id, 'boris');
    expect(one.versions.active()?.challenger).toBeNull();
    expect(await activeText(one)).toBe(fixtureBundle().files[UV]);
  });

  it('gives new profiles the scope of the launch, and leaves that of others', async () => {
    const one = await site.begun();
    const uv = formOf(fixtureBundle().files[UV] ?? '');
    const file = 'profiles/UV-778.yaml';
    const changes = { [file]: yamlOf({ ...uv, id: 'UV-778' }), [AD]: weighted(0.2, AD) };
    const { id } = await one.workflow.createDraft({ title: 'one office first', changes }, 'ana');
    const launch = { activateAt: null, expireAt: null, offices: ['55401'], regimes: [], percent: 100 };
    await one.workflow.describe(id, 1, { launch }, 'ana');
    await one.workflow.submit(id, null, 'ana');
    await one.workflow.decide(id, null, 'approved', '', 'boris');
    await one.publisher.publish(id, 'publish', 'boris', '');
    expect(formOf(await activeText(one, file)).scope.offices).toEqual(['55401']);
    expect(await activeText(one, AD)).toBe(weighted(0.2, AD));
    await one.publisher.expire(id, 'boris');
    expect(await activeText(one, file)).toBe('');
    expect(await activeText(one, AD)).toBe(fixtureBundle().files[AD]);
  });

  it('that the draft could not be told of says so later, and not that nothing came of it', async () => {
    const one = await site.begun('one');
    const id = await approvedDraft(one, 0.21);
    const change = one.board.change.bind(one.board);
    let changes = 0;
    const cutOff = vi.spyOn(one.board, 'change').mockImplementation((...args) => {
      // The claim, and nothing after it: the broker is away by then.
      return ++changes > 1 ? Promise.reject(new CorridorError('not_ready', 'away')) : change(...args);
    });
    await expect(one.publisher.publish(id, 'publish', 'boris', 'why')).rejects.toThrow('away');
    expect(changes).toBe(2);
    cutOff.mockRestore();
    expect(await activeText(one)).toBe(weighted(0.21));
    site.clock += PUBLISHING_MS;
    await one.schedule.round();
    expect(one.board.get(id)).toMatchObject({ state: 'active', claim: null, publication: { by: 'boris' } });
  });

  it('that a node did not live to finish is seen to by another', async () => {
    const [one, two] = [await site.begun('one'), await site.node('two')];
    const [lost, done] = [await approvedDraft(one, 0.21), await approvedDraft(one, 0.23, AD)];
    const doer = { by: 'boris', at: site.clock };
    for (const id of [lost, done])
      await one.board.change(id, null, (each) => life.claimed(each, 'publish', 'one', doer));
    // Of the second one the version was active already when the node went.
    const parent = one.versions.active()?.version ?? '';
    const bundle = await one.workflow.draftBundle(done);
    const origin = {
      source: 'draft',
      parent,
      authors: ['ana'],
      approver: 'boris',
      reason: 'why',
      draft: done,
    } as const;
    await one.versions.activate((await one.versions.save(bundle, origin)).version, 'boris', 'why');
    await until(() => two.board.list().every(({ claim }) => claim !== null) && two.versions.activations().length === 2);
    await two.schedule.round();
    expect(two.board.get(lost).claim).not.toBeNull();
    site.clock += PUBLISHING_MS;
    await two.schedule.round();
    expect(two.board.get(lost)).toMatchObject({ state: 'approved', claim: null });
    expect(two.board.get(done)).toMatchObject({ state: 'active', publication: { parent, by: 'boris' } });
  });
});

describe('an expiry', () => {
  it('takes back what the draft changed and nothing that others changed since', async () => {
    const one = await site.begun();
    const [first, second] = [await approvedDraft(one, 0.21), await approvedDraft(one, 0.22, AD)];
    for (const id of [first, second]) await one.publisher.publish(id, 'publish', 'boris', '');
    await one.publisher.expire(first, 'boris');
    expect(await activeText(one)).toBe(fixtureBundle().files[UV]);
    expect(await activeText(one, AD)).toBe(weighted(0.22, AD));
    expect(one.board.get(first).publication?.expiredAt).toBe(site.clock);
  });

  it('that would undo a later change of the same file does nothing, and says whose', async () => {
    const one = await site.begun();
    await one.publisher.publish(await approvedDraft(one, 0.21), 'publish', 'boris', '');
    const [first] = one.board.list();
    await one.publisher.publish(await approvedDraft(one, 0.24), 'publish', 'boris', '');
    await expect(one.publisher.expire(first?.id ?? '', 'boris')).rejects.toThrow(
      'changed in the active policy as well',
    );
    expect(await activeText(one)).toBe(weighted(0.24));
    expect(one.board.get(first?.id ?? '').trouble?.text.join()).toContain('ana changed it on 2026-11-24');
  });
});
