import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { onBeat } from '../../src/ingress/beat.ts';
import { ANSWER_BEAT_MS } from '../../src/limits.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** In beats: when something comes that took so long. */
async function answeredAfter(beats: number, fails = false): Promise<number> {
  const started = Date.now();
  const work = async () => {
    await new Promise((resolve) => setTimeout(resolve, beats * ANSWER_BEAT_MS));
    if (fails) throw new Error('no');
  };
  const answered = onBeat(work).catch((error: Error) => expect(error.message).toBe('no'));
  const at = answered.then(() => (Date.now() - started) / ANSWER_BEAT_MS);
  await vi.runAllTimersAsync();
  return at;
}

it('what took less than a beat comes on the first, whatever it took', async () => {
  for (const beats of [0, 0.2, 0.4, 0.8]) expect(await answeredAfter(beats)).toBe(1);
});

it('then each comes twice as late as the one before', async () => {
  for (const [beats, at] of [
    [1.2, 2],
    [2.4, 4],
    [5, 8],
    [15.8, 16],
  ] as const) {
    expect(await answeredAfter(beats)).toBe(at);
  }
});

it('an error keeps the beat as well', async () => {
  expect(await answeredAfter(0, true)).toBe(1);
  expect(await answeredAfter(3, true)).toBe(4);
});

it('nothing goes on after the answer', async () => {
  await answeredAfter(1.2);
  expect(vi.getTimerCount()).toBe(0);
});
