import { setTimeout as delay } from 'node:timers/promises';
import type { DeclarationInput } from '../core/normalise.ts';
import { DAY_MS } from '../generate/calendar.ts';
import { generate } from '../generate/generate.ts';

/** Generated declarations for one to look at, sent one by one as a trader's system would. */
export interface Traffic {
  /** Resolves when what was sent is answered. */
  stop(): Promise<void>;
}

const TICK_MS = 50;
/** Requests on their way at once; a service that answers slower than that gets less. */
const IN_FLIGHT_MAX = 64;

/** An open loop: what a tick owes is sent whether or not the last one is answered, up to the bound. */
export function startTraffic(url: string, perSecond: number): Traffic {
  const declarations = endless(perSecond);
  const flight = new Set<Promise<void>>();
  const stop = new AbortController();
  const running = run();

  async function run(): Promise<void> {
    let owed = 0;
    let last = performance.now();
    while (!stop.signal.aborted) {
      await delay(TICK_MS);
      const now = performance.now();
      owed = Math.min(IN_FLIGHT_MAX, owed + ((now - last) / 1000) * perSecond);
      last = now;
      for (; owed >= 1 && flight.size < IN_FLIGHT_MAX; owed--) send();
    }
  }

  function send(): void {
    const sent: Promise<void> = submit(url, declarations.next().value).finally(() => flight.delete(sent));
    flight.add(sent);
  }

  return {
    async stop() {
      stop.abort();
      await running;
      await Promise.all(flight);
    },
  };
}

/** Today's declarations, and when they are used up those of another seed. The ids are new at each start. */
function* endless(perSecond: number): Generator<DeclarationInput, never> {
  for (let seed = Date.now(); ; seed++) {
    const from = new Date().toISOString().slice(0, 10);
    const declarations = Math.ceil((perSecond * DAY_MS) / 1000);
    for (const { declaration } of generate({ declarations, seed, from, days: 1 })) yield declaration;
  }
}

/** Errors show in the service's own numbers; traffic to look at has no use for them. */
async function submit(url: string, declaration: DeclarationInput): Promise<void> {
  try {
    const response = await fetch(new URL('/v1/declarations', url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(declaration),
    });
    await response.arrayBuffer();
  } catch {
    // The service is stopping or overloaded.
  }
}
