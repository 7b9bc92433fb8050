import { setTimeout as delay } from 'node:timers/promises';
import type { Authorise } from '../../src/cli/credentials.ts';
import type { DeclarationInput } from '../../src/core/normalise.ts';

/** A service, and how one says who asks. */
export interface Target {
  readonly url: string;
  readonly authorise: Authorise;
}

/**
 * A client that does not give up: it sends declarations, again under the same identity after every error, and
 * remembers the bytes of every answer. An answer that ever differs from the first is kept as a contradiction.
 */
export class Load {
  /** Declaration id → the body of its answer. */
  readonly answered = new Map<string, string>();
  readonly contradictions: string[] = [];
  readonly refused: string[] = [];
  private readonly target: Target;
  private stopping = false;
  private readonly senders: Promise<void>[] = [];
  private next = 0;

  constructor(target: Target) {
    this.target = target;
  }

  /** Starts clients that send one after the other what `make` gives for 0, 1, 2 …, pausing between. */
  start(clients: number, pauseMs: number, make: (n: number) => DeclarationInput): void {
    for (let i = 0; i < clients; i++) {
      this.senders.push(
        (async () => {
          while (!this.stopping) {
            await this.send(make(this.next++));
            await delay(pauseMs);
          }
        })(),
      );
    }
  }

  /** Resolves when every declaration begun has its answer. */
  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.senders);
  }

  /** Sends one declaration until it is decided; a definite refusal is remembered. */
  async send(declaration: DeclarationInput): Promise<void> {
    for (let attempt = 0; attempt < 600; attempt++) {
      const answer = await post(this.target, declaration);
      if (answer?.status === 200) return this.remember(declaration.id, answer.body);
      if (answer !== null && answer.status >= 400 && answer.status < 500) {
        this.refused.push(`${declaration.id}: ${answer.status} ${answer.body}`);
        return;
      }
      await delay(50);
    }
    this.refused.push(`${declaration.id}: no answer`);
  }

  private remember(id: string, body: string): void {
    const before = this.answered.get(id);
    if (before !== undefined && before !== body) this.contradictions.push(id);
    this.answered.set(id, body);
  }
}

/** One request; null where the connection failed. */
export async function post(
  { url, authorise }: Target,
  body: unknown,
): Promise<{ status: number; body: string } | null> {
  try {
    const answer = await fetch(`${url}/v1/declarations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(await authorise()) },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(5000),
    });
    return { status: answer.status, body: await answer.text() };
  } catch {
    return null;
  }
}
