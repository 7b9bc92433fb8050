/**
 * A thread that sleeps until each planned time and tells the event loop: timers of Node are late by up to a millisecond,
 * and spinning would take a processor from what is measured.
 */
import { parentPort, workerData } from 'node:worker_threads';

export interface TickerData {
  /** On the clock of `performance.timeOrigin + performance.now()`, milliseconds. */
  readonly startMs: number;
  readonly intervalMs: number;
  readonly ticks: number;
}

const { startMs, intervalMs, ticks } = workerData as TickerData;
const cell = new Int32Array(new SharedArrayBuffer(4));
/** What the kernel adds to a sleep, and the way to the event loop. */
const EARLY_MS = 0.08;

for (let tick = 0; tick < ticks; tick++) {
  const left = startMs + tick * intervalMs - performance.timeOrigin - performance.now() - EARLY_MS;
  if (left > 0) Atomics.wait(cell, 0, 0, left);
  parentPort?.postMessage(tick);
}
