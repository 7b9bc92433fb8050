import { setTimeout as delay } from 'node:timers/promises';
import type { DeclarationInput } from '../core/normalise.ts';
import { DAY_MS } from '../generate/calendar.ts';
import { type GenerateOptions, generate } from '../generate/generate.ts';
import type { Broker } from '../stream/login.ts';
import type { BrokerRole } from '../stream/permissions.ts';
import { SUBMITTER_PATTERN } from '../wire/identity.ts';
import { categorise } from './categorise.ts';
import type { Authorise } from './credentials.ts';

/** Generated declarations for one to look at, sent one by one as the system that many lodge through would. */
export interface Traffic {
  /** Resolves when what was sent is answered. */
  stop(): Promise<void>;
}

const TICK_MS = 50;
/** Requests on their way at once; a service that answers slower than that gets less. */
const IN_FLIGHT_MAX = 64;
/** Seed of those who trade: the same at every start, so that they have a past, and the users for development a part. */
export const TRAFFIC_PEOPLE = 'traffic';

export interface TrafficOptions {
  readonly url: string;
  readonly broker: Broker;
  /** Of the service whose login it shares. */
  readonly role: BrokerRole;
  readonly perSecond: number;
  readonly authorise: Authorise;
  /** Is told what goes wrong: it is no reason for a service to end. */
  message(text: string): void;
}

/** An open loop: what a tick owes is sent whether or not the last one is answered, up to the bound. */
export async function startTraffic(options: TrafficOptions): Promise<Traffic> {
  const { url, broker, role, perSecond, authorise } = options;
  const failed = (what: string) => (error: Error) => options.message(`generated traffic: ${what}: ${error.message}`);
  const plan = {
    seed: Date.now(),
    people: TRAFFIC_PEOPLE,
    declarations: Math.ceil((perSecond * DAY_MS) / 1000),
    days: 1,
  };
  await categorise(broker, { ...plan, from: today() }, role).catch(failed('its parties have no categories'));
  const declarations = endless(plan);
  const flight = new Set<Promise<void>>();
  const stop = new AbortController();
  const running = run().catch(failed('it has ended'));

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
    const sent: Promise<void> = submit(url, declarations.next().value, authorise).finally(() => flight.delete(sent));
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

/** Today's declarations, and tomorrow's: the day is in their ids, and so is the seed of this start. */
function* endless(plan: GenerateOptions): Generator<DeclarationInput, never> {
  for (;;) {
    for (const { declaration } of generate({ ...plan, from: today() })) yield declaration;
  }
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}

/** Errors show in the service's own numbers; traffic to look at has no use for them. */
async function submit(url: string, declaration: DeclarationInput, authorise: Authorise): Promise<void> {
  try {
    const response = await fetch(new URL('/v1/declarations', url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...submitterHeader(declaration), ...(await authorise()) },
      body: JSON.stringify(declaration),
    });
    await response.arrayBuffer();
  } catch {
    // The service is stopping or overloaded.
  }
}

/** Who lodges it: for transit its carrier (EAEU Customs Code, article 83), else the broker, else the declarant itself. */
export function lodgerOf({ regime, parties = [] }: DeclarationInput): string | null {
  const idOf = (role: string) => parties.find((party) => party.role === role)?.id ?? null;
  return (regime === 'transit' ? idOf('carrier') : null) ?? idOf('broker') ?? idOf('declarant');
}

function submitterHeader(declaration: DeclarationInput): Record<string, string> {
  const lodger = lodgerOf(declaration);
  return lodger !== null && SUBMITTER_PATTERN.test(lodger) ? { 'corridor-submitter': lodger } : {};
}
