import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { closeForWriting, openForWriting, openModelsStore, prepareModels } from '../../src/state/models-store.ts';
import { temporaryFolder } from '../helpers/folder.ts';

async function withOneRow(dir: string, close: 'orderly' | 'not synced'): Promise<void> {
  prepareModels(dir);
  const store = openForWriting(dir);
  store.traders.putSync('T', Buffer.from('row'));
  if (close === 'orderly') await closeForWriting(dir, store);
  else await store.root.close();
}

/** As if the machine had been started anew since. */
function reboot(dir: string): void {
  const mark = join(dir, 'mark.json');
  writeFileSync(mark, readFileSync(mark, 'utf8').replace(/"boot":"[^"]*"/, '"boot":"another"'));
}

function rows(dir: string): number {
  const store = openModelsStore(dir);
  const count = store.traders.getCount();
  void store.root.close();
  return count;
}

it('keeps read models that a process left behind when it died', async () => {
  const dir = join(await temporaryFolder(), 'models');
  await withOneRow(dir, 'not synced');
  expect(prepareModels(dir)).toBe(false);
  expect(rows(dir)).toBe(1);
});

it('keeps read models that were closed before the machine went down', async () => {
  const dir = join(await temporaryFolder(), 'models');
  await withOneRow(dir, 'orderly');
  reboot(dir);
  expect(prepareModels(dir)).toBe(false);
  expect(rows(dir)).toBe(1);
});

it('deletes read models that were open when the machine went down, and lets nobody read them before', async () => {
  const dir = join(await temporaryFolder(), 'models');
  await withOneRow(dir, 'not synced');
  reboot(dir);
  expect(() => openModelsStore(dir)).toThrow(/must be made anew/);
  expect(prepareModels(dir)).toBe(true);
  expect(rows(dir)).toBe(0);
});

it('deletes read models whose rows have another layout', async () => {
  const dir = join(await temporaryFolder(), 'models');
  await withOneRow(dir, 'orderly');
  const mark = join(dir, 'mark.json');
  writeFileSync(mark, readFileSync(mark, 'utf8').replace(/"layout":\d+/, '"layout":1'));
  expect(prepareModels(dir)).toBe(true);
  expect(rows(dir)).toBe(0);
});
