import { afterEach, beforeEach, expect, it } from 'vitest';
import { DRAFT_DAYS } from '../../src/limits.ts';
import * as life from '../../src/policies/draft-life.ts';
import { ensureTopology } from '../../src/stream/topology.ts';
import { until } from '../helpers/until.ts';
import { PolicySite, UV, weighted } from './node.ts';

let site: PolicySite;

beforeEach(async () => {
  site = await PolicySite.open();
});
afterEach(() => site.close());

const edit = (text: string, by: string) => (draft: Parameters<typeof life.withFile>[0]) =>
  life.withFile(draft, UV, text, { by, at: 1 });

it('a draft that one node makes and changes is the same at every other', async () => {
  const [one, two] = [await site.begun('one'), await site.node('two')];
  const { id } = await one.workflow.createDraft({ title: 'prices' }, 'ana');
  await until(() => two.board.list().length === 1);
  await two.board.change(id, 1, edit('text', 'eve'));
  await until(() => one.board.get(id).revision === 2);
  expect(one.board.get(id)).toEqual(two.board.get(id));
  expect(one.board.get(id).authors).toEqual(['ana', 'eve']);
});

it('of two who change one revision at two nodes, one is told who was first', async () => {
  const [one, two] = [await site.begun('one'), await site.node('two')];
  const { id } = await one.workflow.createDraft({ title: 'prices' }, 'ana');
  await until(() => two.board.list().length === 1);
  const both = await Promise.allSettled([
    one.board.change(id, 1, edit('of ana', 'ana')),
    two.board.change(id, 1, edit('of eve', 'eve')),
  ]);
  const [lost] = both.filter((each) => each.status === 'rejected');
  expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  const winner = both[0].status === 'fulfilled' ? 'ana' : 'eve';
  expect(String(lost?.reason)).toContain(`${winner} changed the draft meanwhile: it is at revision 2`);
});

it('changes that name no revision follow one another, however many come at once', async () => {
  const [one, two] = [await site.begun('one'), await site.node('two')];
  const { id } = await one.workflow.createDraft({ title: 'prices' }, 'ana');
  await until(() => two.board.list().length === 1);
  const comments = Array.from({ length: 10 }, (_, n) => (n % 2 === 0 ? one : two).workflow.comment(id, `${n}`, 'eve'));
  await Promise.all(comments);
  await until(() => one.board.get(id).comments.length === 10 && two.board.get(id).comments.length === 10);
});

it('drafts outlive a broker that is emptied, and nodes that start again', async () => {
  const one = await site.begun('one');
  const { id } = await one.workflow.createDraft({ title: 'prices', changes: { [UV]: weighted(0.2) } }, 'ana');
  await site.nats.rollBack(null);
  await until(() => site.conn.connected());
  await ensureTopology(site.conn);
  const two = await site.node('two');
  await until(() => two.board.list().length === 1);
  expect(two.board.get(id)).toEqual(one.board.get(id));
  await one.stop();
  const again = await site.node('one');
  expect(again.board.get(id).changes).toEqual({ [UV]: weighted(0.2) });
});

it('what was deleted stays so, and what ended long ago is forgotten', async () => {
  const one = await site.begun('one');
  const gone = await one.workflow.createDraft({ title: 'gone' }, 'ana');
  await one.workflow.delete(gone.id, 1);
  const waits = await one.workflow.createDraft({ title: 'waits', changes: { [UV]: weighted(0.2) } }, 'ana');
  await one.workflow.submit(waits.id, null, 'ana');
  await one.workflow.createDraft({ title: 'left' }, 'ana');
  await one.stop();
  const again = await site.node('one');
  expect(
    again.board
      .list()
      .map(({ title }) => title)
      .sort(),
  ).toEqual(['left', 'waits']);
  site.clock += (DRAFT_DAYS + 1) * 86_400_000;
  await again.board.prune();
  expect(again.board.list().map(({ title }) => title)).toEqual(['waits']);
});

it('what decides until a day that is far off, and what nobody has reviewed yet, is not forgotten', async () => {
  const one = await site.begun('one');
  const expireAt = site.clock + 3 * DRAFT_DAYS * 86_400_000;
  const launch = { activateAt: null, expireAt, offices: [], regimes: [], percent: 100 };
  for (const [title, weight] of Object.entries({ term: 0.2, urgent: 0.3, over: 0.4 })) {
    const { id } = await one.workflow.createDraft({ title, changes: { [UV]: weighted(weight) } }, 'ana');
    if (title === 'term') await one.workflow.describe(id, 1, { launch }, 'ana');
    await one.workflow.rebase(id, null, { [UV]: 'mine' }, 'ana');
    await one.workflow.submit(id, null, 'ana');
    await one.workflow.decide(id, null, 'approved', '', 'boris');
    await one.publisher.publish(id, title === 'urgent' ? 'emergency' : 'publish', 'boris', '');
  }
  site.clock += (DRAFT_DAYS + 1) * 86_400_000;
  await one.board.prune();
  const left = one.board.list().map(({ title }) => title);
  expect(left.sort()).toEqual(['term', 'urgent']);
});

it('a draft that would not fit into a message is refused', async () => {
  const one = await site.begun('one');
  const { id } = await one.workflow.createDraft({ title: 'large' }, 'ana');
  const noise = Array.from({ length: 200_000 }, (_, n) => Math.imul(n, 2_654_435_761).toString(36)).join('');
  await expect(one.board.change(id, 1, edit(noise, 'ana'))).rejects.toThrow('bytes packed');
});
