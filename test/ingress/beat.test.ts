import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Principal } from '../../src/access/principal.ts';
import { onBeat, registerBeat } from '../../src/ingress/beat.ts';
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

describe('a server', () => {
  let server: FastifyInstance;

  beforeEach(async () => {
    vi.useRealTimers();
    server = fastify();
    server.addContentTypeParser('application/x-ndjson', { parseAs: 'string' }, (_request, _body, done) => done(null));
    server.decorateRequest('access', null);
    server.addHook('onRequest', (request, _reply, done) => {
      const outcome = { reach: 'own', view: 'outcome' } as const;
      request.access = { principal: {} as Principal, rights: [outcome] };
      done();
    });
    registerBeat(server);
    for (const method of ['GET', 'POST']) server.route({ method, url: '/', handler: async () => 'done' });
  });
  afterEach(() => server.close());

  /** A timer may come a part of a millisecond early. */
  const AT_LEAST = ANSWER_BEAT_MS - 1;

  it('keeps the beat whatever the request says of its content', async () => {
    for (const type of ['application/json', 'application/x-ndjson']) {
      const started = performance.now();
      await server.inject({ url: '/', headers: { 'content-type': type } });
      expect(performance.now() - started).toBeGreaterThanOrEqual(AT_LEAST);
    }
  });

  it('starts the beat at the end of the body, so that nobody can choose where in it the work begins', async () => {
    const afterEnd = async (heldMs: number): Promise<number> => {
      let ended = 0;
      const body = async function* () {
        yield '"held ';
        await delay(heldMs);
        ended = performance.now();
        yield 'back"';
      };
      const headers = { 'content-type': 'application/json' };
      await server.inject({ method: 'POST', url: '/', headers, payload: Readable.from(body()) });
      return performance.now() - ended;
    };
    // One of these would end just before a beat that had begun with the headers.
    const held = Array.from({ length: 4 * ANSWER_BEAT_MS }, (_, more) => 6 * ANSWER_BEAT_MS + more);
    for (const ms of await Promise.all(held.map(afterEnd))) expect(ms).toBeGreaterThanOrEqual(AT_LEAST);
  });
});
