import { expect, it } from 'vitest';
import { openAudit } from '../../src/access/audit.ts';
import type { AuditEvent } from '../../src/access/audit-event.ts';
import { Disclosures } from '../../src/access/disclosures.ts';
import { DISCLOSURES_HELD_MAX } from '../../src/limits.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { until } from '../helpers/until.ts';

const shown = (target: string): AuditEvent => ({
  ...{ at: 1, action: 'decision.read', subject: 'key:1', roles: ['ingest'], target },
  ...{ result: 'done', detail: { view: 'full' }, trace: 't', count: 1 },
});

it('puts each on record by itself, many in one commit, in their order', async () => {
  const audit = openAudit(`${await temporaryFolder()}/audit`);
  const disclosures = new Disclosures(audit);
  for (let n = 0; n < 100; n++) disclosures.record(shown(`a/${n}/1`));
  expect(audit.head().commit).toBe(0);
  await disclosures.flush();
  expect([...audit.entries()].flat().map(({ event }) => event.target)).toEqual(
    Array.from({ length: 100 }, (_, n) => `a/${n}/1`),
  );
  expect(audit.head().commit).toBeLessThan(10);
  await audit.close();
});

it('waits neither for ever nor for more than it can hold', async () => {
  const audit = openAudit(`${await temporaryFolder()}/audit`);
  const disclosures = new Disclosures(audit);
  for (let n = 0; n < DISCLOSURES_HELD_MAX; n++) disclosures.record(shown(`b/${n}/1`));
  await until(() => [...audit.entries()].flat().length === DISCLOSURES_HELD_MAX);
  disclosures.record(shown('c/1/1'));
  await until(() => [...audit.entries()].flat().length === DISCLOSURES_HELD_MAX + 1);
  await audit.close();
});
