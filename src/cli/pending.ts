import { setTimeout as delay } from 'node:timers/promises';
import type { AnsweredDecision, AnsweredPending } from './batch-client.ts';

const PAUSE_MS = 100;
const PATIENCE_MS = 30_000;

/** Asks again and again for a decision that was not ready; null where it does not come in time. */
export async function fetchDecision(
  url: string,
  { declarationId, version }: AnsweredPending['pending'],
): Promise<{ decision: AnsweredDecision; text: string } | null> {
  const address = new URL(`/v1/declarations/${encodeURIComponent(declarationId)}/decision?version=${version}`, url);
  for (const until = performance.now() + PATIENCE_MS; performance.now() < until; ) {
    const response = await fetch(address);
    const text = await response.text();
    if (response.status === 200) return { decision: JSON.parse(text) as AnsweredDecision, text };
    await delay(PAUSE_MS);
  }
  return null;
}
