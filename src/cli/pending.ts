import { setTimeout as delay } from 'node:timers/promises';
import type { AnsweredDecision } from './batch-client.ts';
import type { Authorise } from './credentials.ts';

const PAUSE_MS = 100;
const PATIENCE_MS = 30_000;

/** Asks again and again for a decision that was not ready; null where it does not come in time. */
export async function fetchDecision(
  url: string,
  location: string,
  authorise: Authorise,
): Promise<AnsweredDecision | null> {
  const address = new URL(location, url);
  for (const until = performance.now() + PATIENCE_MS; performance.now() < until; ) {
    const response = await fetch(address, { headers: await authorise() });
    const body = await response.text();
    if (response.status === 200) return JSON.parse(body) as AnsweredDecision;
    await delay(PAUSE_MS);
  }
  return null;
}
