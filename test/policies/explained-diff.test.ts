import { describe, expect, it } from 'vitest';
import { DIFF_WHOLE_FILES_MAX } from '../../src/limits.ts';
import { explainedDiff } from '../../src/policies/explained-diff.ts';
import { fixtureBundle } from '../helpers/policy.ts';

const bundle = fixtureBundle();
const FILE = 'profiles/UV-001.yaml';
const { [FILE]: text = '', ...others } = bundle.files;

describe('what differs between two policies', () => {
  it('has everything that a new profile says, its condition in outline', () => {
    const [change] = explainedDiff({ files: others }, bundle);
    expect(change).toMatchObject({ file: FILE, kind: 'added' });
    expect(change?.settings.find(({ name }) => name === 'title')).toMatchObject({
      after: expect.any(String) as string,
    });
    const when = change?.settings.find(({ name }) => name === 'when');
    expect(when?.before).toBeUndefined();
    expect(when?.outline?.before).toEqual([]);
    expect(when?.outline?.after.length).toBeGreaterThan(0);
  });

  it('has everything that a profile said which is gone, and the rows of a list', () => {
    const after = { files: { ...others, 'lists/new.csv': '*code:string\nA\n' } };
    const [list, profile] = explainedDiff(bundle, after);
    expect(list).toMatchObject({ kind: 'added', settings: [{ after: '*code:string' }, { name: 'line', after: 'A' }] });
    expect(profile).toMatchObject({ file: FILE, kind: 'removed' });
    expect(profile?.settings.every(({ after: now }) => now === undefined)).toBe(true);
  });

  it('only names files where a whole policy is new', () => {
    const many = Array.from({ length: DIFF_WHOLE_FILES_MAX + 1 }, (_, n) => [`profiles/P-${n}.yaml`, text]);
    const changes = explainedDiff({ files: {} }, { files: Object.fromEntries(many) as Record<string, string> });
    expect(changes).toHaveLength(DIFF_WHOLE_FILES_MAX + 1);
    expect(changes.flatMap(({ settings }) => settings)).toEqual([]);
  });
});
