import { afterEach, beforeEach, expect, it } from 'vitest';
import { isSameShape, ListText } from '../../src/policies/list-text.ts';
import { fixtureBundle } from '../helpers/policy.ts';
import { until } from '../helpers/until.ts';
import { activeText, approvedDraft, PolicySite, UV, weighted } from './node.ts';

const FILE = 'lists/codes.csv';
const CODES = '*code:string,title:string\nA1,first\n';

let site: PolicySite;

beforeEach(async () => {
  site = await PolicySite.open();
});
afterEach(() => site.close());

const adding = (code: string) => (text: string | null) => new ListText('codes', text ?? CODES).with([{ code }]);

it('a change is a version of its own, with who and why, in force when it is answered', async () => {
  const one = await site.begun();
  const parent = one.versions.active()?.version;
  const version = await one.lists.change('codes', null, () => CODES, 'petra', 'a new list');
  expect(one.versions.active()).toMatchObject({ version, by: 'petra', reason: 'a new list' });
  expect(one.versions.list().find((each) => each.version === version)).toMatchObject({
    ...{ source: 'lists', parent, authors: ['petra'], approver: null, draft: null },
  });
  expect((await one.lists.read('codes')).rows).toEqual([{ code: 'A1', title: 'first' }]);
  expect((await one.lists.all()).find(({ name }) => name === 'codes')?.rows).toBe(1);
});

it('changes at two nodes at once all come in, and beside a draft that is published', async () => {
  const [one, two] = [await site.begun('one'), await site.node('two')];
  await one.lists.change('codes', null, () => CODES, 'petra', 'a new list');
  const id = await approvedDraft(one, 0.21);
  await until(() => two.versions.active()?.version === one.versions.active()?.version);
  const codes = Array.from({ length: 8 }, (_, n) => `B${n}`);
  const changes = codes.map((code, n) =>
    (n % 2 === 0 ? one : two).lists.change('codes', null, adding(code), 'petra', code),
  );
  await Promise.all([...changes, one.publisher.publish(id, 'publish', 'boris', '')]);
  await one.versions.caughtUp();
  expect((await one.lists.read('codes')).rows.map(({ code }) => code).sort()).toEqual(['A1', ...codes]);
  expect(await activeText(one)).toBe(weighted(0.21));
});

it('bad rows are named, and nothing changes', async () => {
  const one = await site.begun();
  const bad = '*hs:hs,until:date\n0201,2026-02-31\nxx,\n';
  const { problems, added } = await one.lists.preview('goods', bad);
  expect(problems.map(({ file, line }) => `${file}:${line}`)).toEqual(['lists/goods.csv:2', 'lists/goods.csv:3']);
  expect(added).toHaveLength(2);
  const before = one.versions.active();
  await expect(one.lists.change('goods', null, () => bad, 'petra', 'why')).rejects.toThrow('does not compile');
  expect(one.versions.active()).toEqual(before);
});

it('an upload is compared row by row before it is made', async () => {
  const one = await site.begun();
  await one.lists.change('codes', null, () => '*code:string,title:string\nA1,first\nA2,second\n', 'petra', 'new');
  const { added, removed, same, problems } = await one.lists.preview(
    'codes',
    '*code:string,title:string\nA3,x\nA1,first\n',
  );
  expect({ added, removed, same, problems }).toEqual({
    ...{ same: 1, problems: [] },
    added: [{ code: 'A3', title: 'x' }],
    removed: [{ code: 'A2', title: 'second' }],
  });
});

it('an edit of what has changed meanwhile is refused', async () => {
  const one = await site.begun();
  await one.lists.change('codes', null, () => CODES, 'petra', 'new');
  const { digest } = await one.lists.read('codes');
  await one.lists.change('codes', digest, adding('A2'), 'petra', 'more');
  await expect(one.lists.change('codes', digest, adding('A3'), 'petra', 'more')).rejects.toThrow('changed meanwhile');
});

it('a list that a profile needs cannot be taken from under it', async () => {
  const one = await site.begun();
  const [name] = Object.keys(fixtureBundle().files).filter((file) => file.startsWith('lists/anti'));
  const list = (name ?? '').replace(/^lists\/|\.csv$/g, '');
  const other = '*code:string\nA1\n';
  await expect(one.lists.change(list, null, () => other, 'petra', 'oops')).rejects.toThrow('does not compile');
});

it('exceptions are for drafts, which somebody else approves', async () => {
  const one = await site.begun();
  const text = fixtureBundle().files['lists/exceptions.csv'] ?? '';
  await expect(one.lists.change('exceptions', null, () => `${text}\n`, 'petra', 'mine')).rejects.toThrow(
    'another person',
  );
  expect((await one.lists.read('exceptions')).columns.find(({ name }) => name === 'id')?.key).toBe(true);
});

it('a draft is behind by a change of lists, and published all the same', async () => {
  const one = await site.begun();
  const id = await approvedDraft(one, 0.21);
  await one.lists.change('codes', null, () => CODES, 'petra', 'new');
  await one.publisher.publish(id, 'publish', 'boris', '');
  expect(await activeText(one, FILE)).toBe(CODES);
  expect(await activeText(one, UV)).toBe(weighted(0.21));
});

it('a row with a reason or a validity takes columns for them, and profiles ask for what they did', () => {
  const wider = new ListText('words', 'words:phrase\nsedan\n').with([{ words: 'coupe', validUntil: '2027-01-01' }]);
  expect(isSameShape('words', 'words:phrase\nsedan\n', wider)).toBe(true);
  expect(isSameShape('codes', CODES, '*code:string,title:string,reason:string\n')).toBe(true);
  expect(isSameShape('codes', '*code:string,title:string,reason:string\n', CODES)).toBe(false);
  expect(isSameShape('codes', CODES, '*code:string,title:number\n')).toBe(false);
  expect(isSameShape('codes', CODES, '*code:string,title:string,weight:number\n')).toBe(false);
});
