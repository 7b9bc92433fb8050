import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ANSWER_BEAT_MS } from '../limits.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Keeps the beat within its answer: line by line. */
    readonly ownBeat?: boolean;
  }
}

/**
 * How long an answer takes depends on what is looked for and on what was found: on profiles, hits, the length of the
 * reasons. So those who may not know these get their answers on a beat that starts with the work: ANSWER_BEAT_MS
 * after it, or twice as long after, or four times …, whichever comes first once the answer is there. The beat runs from
 * the beginning by itself; the work changes nothing about when a beat comes, only which one is taken.
 */
class Beat {
  private done = false;
  private readonly last: Promise<void> = this.run();

  /** Resolves at the first beat from now on. */
  next(): Promise<void> {
    this.done = true;
    return this.last;
  }

  private async run(): Promise<void> {
    await pause(ANSWER_BEAT_MS);
    for (let ms = ANSWER_BEAT_MS; !this.done; ms *= 2) await pause(ms);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Does the work; its result, or its error, comes on the beat. */
export async function onBeat<T>(work: () => Promise<T>): Promise<T> {
  const beat = new Beat();
  try {
    return await work();
  } finally {
    await beat.next();
  }
}

/** Whether all that this caller may see of any decision is the outcome. */
function seesOutcomesOnly({ access }: FastifyRequest): boolean {
  return access?.rights.every(({ view }) => view === 'outcome') ?? false;
}

/**
 * From here on whatever answers such a caller, errors included, keeps the beat. It starts when all of the request is
 * here: whoever could hold back the end of a body would choose where in a beat the work begins, and see how long it took.
 */
export function registerBeat(server: FastifyInstance): void {
  const beats = new WeakMap<FastifyRequest, Beat>();
  server.addHook('preHandler', (request, reply, done) => {
    if (seesOutcomesOnly(request) && request.routeOptions.config.ownBeat !== true && !reply.raw.destroyed) {
      const beat = new Beat();
      beats.set(request, beat);
      // Nobody waits any more: a beat that nobody ends would go on for ever.
      reply.raw.once('close', () => void beat.next());
    }
    done();
  });
  server.addHook('onSend', (request, _reply, _payload, done) => {
    const beat = beats.get(request);
    if (beat === undefined) done();
    else void beat.next().then(() => done());
  });
}
