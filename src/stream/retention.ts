import { FORGOTTEN_MODELS_MS, SILENT_MODELS_MS, STREAM_FILL_MAX, STREAM_FILL_TARGET } from '../limits.ts';
import { REQUEST_DEADLINE_MS, type StreamConnection } from './connection.ts';
import { forgetPositions, hasLedger, type NodePositions, readPositions } from './positions.ts';
import { continuity, type StreamState, sequenceAt, streamState, trim } from './state.ts';
import { ENGINE_CONSUMER, type StreamName } from './streams.ts';

/** What one round found and did. */
export interface Trimmed {
  readonly stream: StreamName;
  /** Messages let go. */
  readonly count: number;
}

/** Everything that engines had acknowledged stood in DECISIONS up to here. */
interface Mark {
  readonly epoch: number;
  readonly declarations: { readonly created: string; readonly acknowledged: number };
  readonly decisions: { readonly created: string; readonly last: number };
}

/**
 * Lets go of what is kept elsewhere, so that streams never fill:
 *
 *   DECISIONS     what every node has taken in (ledgers and read models), once it is old or the stream fills;
 *                 never behind the place of a node that is away
 *   DECLARATIONS  what engines have acknowledged, once every node has taken in the decisions on it
 *
 * Any number of nodes may do this at once: each trims to a place that is safe whoever does it.
 */
export class StreamRetention {
  readonly #conn: StreamConnection;
  readonly #ageMs: number;
  /** Two at most: the one that is waited for, and the next. */
  #marks: Mark[] = [];

  /** @param ageMs How long DECISIONS keeps what everybody has taken in, where there is room. */
  constructor(conn: StreamConnection, ageMs: number) {
    this.#conn = conn;
    this.#ageMs = ageMs;
  }

  async round(): Promise<Trimmed[]> {
    const epoch = this.#conn.epoch();
    const state = await streamState(this.#conn, 'DECISIONS');
    const taken = await takenByAll(this.#conn, await this.#nodes());
    const mayGo = Math.max(await this.#oldBefore(state), fillsBefore(state));
    return [
      await this.#trim('DECISIONS', state, Math.min(taken + 1, mayGo), epoch),
      await this.#trimDeclarations(taken, state, epoch),
    ];
  }

  /** Those of read models alone that have been silent for long are forgotten: every container made anew is another one. */
  async #nodes(): Promise<NodePositions[]> {
    const nodes = await readPositions(this.#conn);
    const gone = nodes.filter((node) => !hasLedger(node) && node.at < Date.now() - FORGOTTEN_MODELS_MS);
    for (const { node } of gone) await forgetPositions(this.#conn, node);
    return nodes.filter((node) => !gone.includes(node));
  }

  async #oldBefore(state: StreamState): Promise<number> {
    return sequenceAt(this.#conn, 'DECISIONS', state, Date.now() - this.#ageMs);
  }

  /** The last message stays, so that the broker never forgets how far the stream was. */
  async #trim(stream: StreamName, state: StreamState, keepFrom: number, epoch: number): Promise<Trimmed> {
    const first = Math.min(keepFrom, state.lastSequence);
    if (first <= state.firstSequence) return { stream, count: 0 };
    // After a lost connection the same numbers may mean other messages.
    if (epoch !== this.#conn.epoch()) throw new Error('the connection was lost');
    await trim(this.#conn, stream, first);
    return { stream, count: first - state.firstSequence };
  }

  async #trimDeclarations(taken: number, decisions: StreamState, epoch: number): Promise<Trimmed> {
    const state = await streamState(this.#conn, 'DECLARATIONS');
    this.#marks = this.#marks.filter((mark) => this.#stands(mark, state, decisions));
    const reached = this.#marks.filter((mark) => taken >= mark.decisions.last).at(-1);
    this.#marks = this.#marks.filter((mark) => taken < mark.decisions.last).slice(0, 1);
    this.#marks.push(await this.#mark());
    return this.#trim('DECLARATIONS', state, (reached?.declarations.acknowledged ?? 0) + 1, epoch);
  }

  /** A mark from before a lost connection may speak of another stream, or of an end that was rolled back. */
  #stands({ epoch, declarations, decisions }: Mark, now: StreamState, decisionsNow: StreamState): boolean {
    const same = declarations.created === now.created && decisions.created === decisionsNow.created;
    return same && epoch === this.#conn.epoch() && decisions.last <= decisionsNow.lastSequence;
  }

  /** In this order: an engine acknowledges when its decisions are in DECISIONS. */
  async #mark(): Promise<Mark> {
    const epoch = this.#conn.epoch();
    const manager = await this.#conn.nats.jetstreamManager({ timeout: REQUEST_DEADLINE_MS, checkAPI: false });
    const { created } = await streamState(this.#conn, 'DECLARATIONS');
    const { ack_floor } = await manager.consumers.info('DECLARATIONS', ENGINE_CONSUMER);
    const decisions = await streamState(this.#conn, 'DECISIONS');
    return {
      epoch,
      declarations: { created, acknowledged: ack_floor.stream_seq },
      decisions: { created: decisions.created, last: decisions.lastSequence },
    };
  }
}

/** The last sequence of DECISIONS that every node that counts has taken in; 0 where one has lost its place. */
export async function takenByAll(conn: StreamConnection, nodes: readonly NodePositions[]): Promise<number> {
  const heardSince = Date.now() - SILENT_MODELS_MS;
  const counted = nodes.filter((node) => hasLedger(node) || node.at >= heardSince);
  let taken = Number.MAX_SAFE_INTEGER;
  for (const position of counted.flatMap(({ positions }) => positions)) {
    const { continuity: how } = await continuity(conn, 'DECISIONS', position);
    taken = Math.min(taken, how === 'continues' ? position.sequence : 0);
  }
  return counted.length === 0 ? 0 : taken;
}

/** From where on to keep so that a stream that is nearly full is so no more; messages count as equally large. */
function fillsBefore({ firstSequence, messages, bytes, maxBytes }: StreamState): number {
  if (maxBytes <= 0 || bytes < maxBytes * STREAM_FILL_MAX) return 0;
  return firstSequence + Math.ceil(messages * (1 - (maxBytes * STREAM_FILL_TARGET) / bytes));
}
