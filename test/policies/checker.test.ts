import { afterAll, expect, it } from 'vitest';
import { openChecker } from '../../src/policies/checker.ts';
import { fixtureBundle } from '../helpers/policy.ts';
import { UV } from './node.ts';

const checker = openChecker();
afterAll(() => checker.stop());

it('finds nothing wrong with a policy that holds', async () => {
  expect(await checker.check(fixtureBundle())).toEqual({ problems: [], failures: [] });
});

it('names what does not compile, by file, line and column, and what fails a test, by profile', async () => {
  const text = fixtureBundle().files[UV] ?? '';
  const torn = await checker.check(fixtureBundle({ [UV]: text.replace(/^weight:.*$/m, 'weight: 7') }));
  expect(torn.problems[0]).toMatchObject({
    file: UV,
    line: expect.any(Number),
    message: expect.stringContaining('weight'),
  });
  const other = await checker.check(fixtureBundle({ [UV]: text.replaceAll('hits: true', 'hits: maybe') }));
  expect(other.problems.length).toBeGreaterThan(0);
  const failing = await checker.check(fixtureBundle({ [UV]: text.replace('hits: false', 'hits: true # false\n') }));
  expect([...failing.problems, ...failing.failures].length).toBeGreaterThan(0);
});

it('checks many at once, each on its own', async () => {
  const bad = fixtureBundle({ [UV]: 'no: profile' });
  const results = await Promise.all(
    [fixtureBundle(), bad, fixtureBundle(), bad].map((bundle) => checker.check(bundle)),
  );
  expect(results.map(({ problems }) => problems.length > 0)).toEqual([false, true, false, true]);
});
