import { RETENTION_ROUND_MS } from '../limits.ts';
import type { Logger } from '../observe/log.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Ledger } from '../state/ledger.ts';
import type { StreamPosition } from '../state/position.ts';
import { type SettledMark, withMark } from '../state/settled.ts';
import type { StreamConnection } from '../stream/connection.ts';
import { announcePositions, NOWHERE } from '../stream/positions.ts';
import { StreamRetention, type Trimmed } from '../stream/retention.ts';
import { streamState } from '../stream/state.ts';

export interface RetentionDeps {
  readonly conn: StreamConnection;
  /** `ledger.<ingress>`, or `models.<node>` where there is no ledger. */
  readonly node: string;
  /** Null: this node says how far it is, and leaves the trimming to those that have one. */
  readonly ledger: Ledger | null;
  /** How far the read models are. */
  readonly projected: () => StreamPosition | null;
  /** Whether ledger and streams are known to agree. */
  readonly settled: () => boolean;
  /** How long DECISIONS keeps what every node has taken in, where there is room. */
  readonly ageMs: number;
  readonly metrics: Pick<Metrics, 'streamTrimmed'>;
  readonly log: Logger;
}

/** Of the span that DECISIONS keeps: how fine the ledger's memory is of what the stream has let go. */
const MARKS_PER_AGE = 16;

/** Says how far this node is, and trims the streams behind what every node has taken in. */
export class Retention {
  readonly #deps: RetentionDeps;
  readonly #streams: StreamRetention;
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> = Promise.resolve();
  #inRound = false;
  #stopped = false;
  /** Wait for the stream to let go of them; ascending, and all of one epoch. */
  #marks: SettledMark[] = [];
  #marksEpoch = 0;
  #markedAt = 0;

  private constructor(deps: RetentionDeps, everyMs: number) {
    this.#deps = deps;
    this.#streams = new StreamRetention(deps.conn, deps.ageMs);
    this.#timer = setInterval(() => {
      if (this.#inRound) return;
      this.#inRound = true;
      this.#running = this.#tryRound().finally(() => {
        this.#inRound = false;
      });
    }, everyMs);
  }

  /** Resolves when the broker knows of this node: from then on nothing goes that it has not taken in. */
  static async start(deps: RetentionDeps, everyMs: number = RETENTION_ROUND_MS): Promise<Retention> {
    await announce(deps);
    return new Retention(deps, everyMs);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  async #tryRound(): Promise<void> {
    if (this.#stopped || !this.#deps.conn.connected()) return;
    try {
      await this.#round();
    } catch (error) {
      this.#deps.log.warn({ error: String(error) }, 'the streams could not be trimmed; it is tried again');
    }
  }

  async #round(): Promise<void> {
    const { ledger, settled } = this.#deps;
    await ledger?.keepPosition();
    await announce(this.#deps);
    if (ledger === null || !settled()) return;
    for (const trimmed of await this.#streams.round()) this.#observe(trimmed);
    await this.#settle(ledger);
  }

  /** Remembers in the ledger what the stream has let go, so that a repair does not publish all of history again. */
  async #settle(ledger: Ledger): Promise<void> {
    const { conn, settled } = this.#deps;
    const epoch = conn.epoch();
    const commit = ledger.keptPosition()?.commit ?? 0;
    // Read last: everything up to that commit stands before the end of the stream, restored entries too.
    const state = await streamState(conn, 'DECISIONS');
    if (this.#marksEpoch !== epoch || !settled()) this.#marks = [];
    this.#marksEpoch = epoch;
    const gone = this.#marks.filter(({ sequence }) => sequence < state.firstSequence).at(-1);
    this.#marks = this.#marks.filter(({ sequence }) => sequence >= state.firstSequence);
    if (gone !== undefined) await ledger.settle(gone);
    if (Date.now() - this.#markedAt < this.#deps.ageMs / MARKS_PER_AGE) return;
    const mark = { created: state.created, sequence: state.lastSequence, commit };
    this.#marks = withMark(
      this.#marks.filter(({ sequence }) => sequence < mark.sequence),
      mark,
    );
    this.#markedAt = Date.now();
  }

  #observe({ stream, count }: Trimmed): void {
    const { metrics, log } = this.#deps;
    metrics.streamTrimmed.inc({ stream }, count);
    if (count > 0) log.debug({ stream, count }, 'let go of what is kept elsewhere');
  }
}

function announce({ conn, node, ledger, projected }: RetentionDeps): Promise<void> {
  const positions = [projected() ?? NOWHERE];
  if (ledger !== null) positions.push(ledger.keptPosition() ?? NOWHERE);
  return announcePositions(conn, node, positions);
}
