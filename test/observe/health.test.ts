import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { createHealth, diskProbe } from '../../src/observe/health.ts';

it('is ready where every check is, and names each', async () => {
  const health = createHealth([diskProbe(tmpdir(), undefined, 1)]);
  health.add({ name: 'broker', check: () => ({ ok: true, detail: 'connected' }) });
  const { ready, checks } = await health.readiness();
  expect(ready).toBe(true);
  expect(checks.map(({ name }) => name)).toEqual(['disk', 'broker']);
});

it('is not ready where one is not, throws, or does not answer', async () => {
  for (const check of [
    () => ({ ok: false, detail: 'no policy' }),
    () => {
      throw new Error('broken');
    },
    () => new Promise<never>(() => undefined),
  ]) {
    const { ready, checks } = await createHealth([{ name: 'x', check }]).readiness();
    expect(ready).toBe(false);
    expect(checks[0]).toMatchObject({ name: 'x', ok: false });
  }
});

it('is not ready without room on the disk', async () => {
  const { ready } = await createHealth([diskProbe(tmpdir(), undefined, Number.MAX_SAFE_INTEGER)]).readiness();
  expect(ready).toBe(false);
});
