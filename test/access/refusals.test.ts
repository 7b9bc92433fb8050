import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type Audit, openAudit } from '../../src/access/audit.ts';
import type { AuditEvent } from '../../src/access/audit-event.ts';
import { type Refusal, Refusals } from '../../src/access/refusals.ts';
import { REFUSALS_HELD_MAX } from '../../src/limits.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { until } from '../helpers/until.ts';

const refusal = (subject: string, patch: Partial<Refusal> = {}): Refusal => ({
  ...{ action: 'request.refused', subject, roles: [], rule: 'keys', path: '', code: 'forbidden', trace: 't1' },
  ...patch,
});

async function openOne(): Promise<Audit> {
  return openAudit(join(await temporaryFolder(), 'audit'));
}

const recorded = (audit: Audit): AuditEvent[] => [...audit.entries()].flat().map(({ event }) => event);

it('records equal refusals of a second in one entry that counts them, and different ones apart', async () => {
  const audit = await openOne();
  const refusals = new Refusals(audit, () => 1000);
  for (let n = 0; n < 5; n++) refusals.record(refusal('somebody', { trace: `t${n}` }));
  refusals.record(refusal('somebody', { rule: 'audit' }));
  refusals.record(refusal('somebody', { code: 'unauthenticated' }));
  refusals.record(refusal('another'));
  refusals.record(refusal('another', { path: '/v1/keys/1' }));
  refusals.record(refusal('somebody', { action: 'request.limited' }));
  await refusals.flush();
  expect(recorded(audit)).toHaveLength(6);
  expect(recorded(audit)[0]).toEqual({
    ...{ at: 1000, action: 'request.refused', subject: 'somebody', roles: [], target: 'keys' },
    ...{ result: 'refused', detail: { code: 'forbidden' }, trace: 't0', count: 5 },
  });
  refusals.record(refusal('somebody'));
  await until(() => recorded(audit).length === 7);
  await audit.close();
});

it('counts every refusal of a flood from everywhere, in a bounded number of entries', async () => {
  const audit = await openOne();
  const refusals = new Refusals(audit);
  const flood = REFUSALS_HELD_MAX * 3;
  for (let n = 0; n < flood; n++) refusals.record(refusal(`10.0.${n >> 8}.${n & 255}`));
  await refusals.flush();
  const events = recorded(audit);
  expect(events).toHaveLength(REFUSALS_HELD_MAX + 1);
  expect(events.reduce((sum, { count }) => sum + count, 0)).toBe(flood);
  expect(events.at(-1)).toMatchObject({ subject: '*', count: flood - REFUSALS_HELD_MAX });
  await audit.close();
});
