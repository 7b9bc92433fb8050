import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, it } from 'vitest';
import { NO_PROFILE, PROGRESS, PROGRESS_SLOTS } from '../../src/engine/protocol.ts';
import { type Culprit, Watchdog } from '../../src/engine/watchdog.ts';
import { until } from '../helpers/until.ts';

const DEADLINE_MS = 100;

/** Tells its kernel's thread, then spins or sleeps. */
const WORKER = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { basename } = require('node:path');
  const { readlinkSync } = require('node:fs');
  parentPort.postMessage(Number(basename(readlinkSync('/proc/thread-self'))));
  setTimeout(() => {
    if (workerData === 'sleeps') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    for (;;);
  }, 50);
`;

let worker: Worker | null = null;
let watchdog: Watchdog | null = null;

afterEach(async () => {
  watchdog?.close();
  await worker?.terminate();
});

/** A thread at work on the third entry of a message, in its second profile, since now. */
async function watch(how: 'spins' | 'sleeps', kernelKnown = true): Promise<Culprit[]> {
  worker = new Worker(WORKER, { eval: true, workerData: how });
  const [kernelThread] = (await once(worker, 'message')) as [number];
  const progress = new Int32Array(new SharedArrayBuffer(PROGRESS_SLOTS * 4));
  const culprits: Culprit[] = [];
  watchdog?.close();
  watchdog = new Watchdog(DEADLINE_MS, (_task, culprit) => culprits.push(culprit));
  await delay(100);
  Object.entries({ task: 7, message: 0, entry: 2, profile: 1, challenger: NO_PROFILE }).forEach(([slot, value]) => {
    progress[PROGRESS[slot as keyof typeof PROGRESS]] = value;
  });
  progress[PROGRESS.startedAt] = Date.now() | 0;
  progress[PROGRESS.entryStartedAt] = Date.now() | 0;
  watchdog.watch(1, progress.buffer as SharedArrayBuffer, kernelKnown ? kernelThread : null);
  return culprits;
}

it('a thread that works longer than its deadline is overdue, and entry and profile are to blame', async () => {
  let culprits = await watch('spins');
  // On a busy machine it may not get a processor either.
  await until(async () => {
    await until(() => culprits.length === 1);
    if (culprits[0]?.certain) return true;
    await worker?.terminate();
    culprits = await watch('spins');
    return false;
  });
  expect(culprits).toEqual([{ message: 0, entry: 2, profile: 1, certain: true }]);
});

it('one that gets no processor is left alone for a while, and when it is ended nothing is to blame', async () => {
  const culprits = await watch('sleeps');
  await delay(2 * DEADLINE_MS);
  expect(culprits).toEqual([]);
  await until(() => culprits.length === 1);
  expect(culprits).toMatchObject([{ certain: false }]);
});

it('where the kernel does not tell, the time on the wall counts', async () => {
  const culprits = await watch('sleeps', false);
  await until(() => culprits.length === 1);
  expect(culprits).toMatchObject([{ entry: 2, certain: true }]);
});
