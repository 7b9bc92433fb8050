import { setTimeout as delay } from 'node:timers/promises';
import { BATCH_DECLARATIONS_MAX, PAYLOAD_BYTES_MAX } from '../limits.ts';
import type { Logger } from '../observe/log.ts';
import type { Metrics } from '../observe/metrics.ts';
import { asRestored, type Ledger, type LedgerEntry } from '../state/ledger.ts';
import type { StreamConnection } from '../stream/connection.ts';
import { publishDecisions } from '../stream/decisions.ts';
import type { DeclarationPublisher } from '../stream/declarations.ts';
import { continuity, streamState } from '../stream/state.ts';
import { type Tail, tail } from '../stream/tail.ts';
import { ensureTopology } from '../stream/topology.ts';
import type { DecisionEntry, DeclarationEntry } from '../wire/envelope.ts';
import { identityKey } from '../wire/identity.ts';
import { Comparison } from './comparison.ts';
import type { Replies } from './replies.ts';

/**
 * Holds the streams to the ledger. A broker acknowledges before it syncs, so it can come back without what it had
 * acknowledged: rolled back, or created anew. At start and on every reconnect:
 *
 *   hold the engine ─► did the stream lose something? ─no──────────────────────────────┐
 *                         │ yes: the tail reads it from its first message again          │
 *                         ▼                                                              ▼
 *                      compare with the ledger ─► publish what is missing, restored ─► resume the engine
 *
 * Decisions are published as they are, never made again. Declarations that wait for their decision are published
 * again where DECLARATIONS may have lost them; that one is then decided twice does no harm: the first decision wins.
 */
export interface RepairDeps {
  readonly conn: StreamConnection;
  readonly ingress: string;
  readonly ledger: Ledger;
  readonly replies: Replies;
  readonly publisher: DeclarationPublisher;
  readonly metrics: Pick<Metrics, 'restored' | 'reconnects'>;
  readonly log: Logger;
  /** The engine of this process, if there is one: it waits while the streams are not whole. */
  readonly engine: { pause(): void; resume(): void } | null;
}

const RETRY_MS = 200;
const RESET_POLL_MS = 20;
/** Room for the envelope around the entries of one message. */
const MESSAGE_BYTES_MAX = PAYLOAD_BYTES_MAX - 64 * 1024;
const ENTRY_OVERHEAD_BYTES = 512;

export class Repair {
  private readonly deps: RepairDeps;
  private tail: Tail | null = null;
  private comparison: Comparison | null = null;
  /** DECLARATIONS as last seen whole: when it was created, and the last sequence known to be ours. */
  private declarations: { readonly created: string; readonly sequence: number } | null = null;
  private acknowledged = 0;
  private declarationsLost = true;
  private checking: Promise<void> | null = null;
  private again = false;
  private stopped = false;
  private stopListening: () => void = () => undefined;

  constructor(deps: RepairDeps) {
    this.deps = deps;
  }

  /** Opens the tail of DECISIONS; resolves when ledger and streams agree and the tail has caught up. */
  async start(): Promise<void> {
    const { conn, ledger, replies } = this.deps;
    const kept = ledger.keptPosition();
    this.compareFrom((kept?.commit ?? 0) + 1);
    this.stopListening = conn.onReconnect(() => {
      this.deps.metrics.reconnects.inc();
      void this.check();
    });
    this.tail = tail(conn, 'DECISIONS', 'decisions.>', kept, (messages) => replies.onDecisions(messages), {
      onReset: (why) => this.onReset(why),
      onError: (error) => this.deps.log.warn({ error: String(error) }, 'tail of DECISIONS tries again'),
    });
    await this.check();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.stopListening();
    this.deps.replies.seenListener = null;
    await this.tail?.stop();
    await this.checking;
  }

  /** Whether ledger and streams are known to agree. */
  settled(): boolean {
    return this.tail !== null && this.checking === null;
  }

  /** Messages of DECISIONS that this ingress has taken in. */
  position(): number {
    return this.tail?.position()?.sequence ?? 0;
  }

  /** The broker took a declaration of ours at this sequence. */
  onAcknowledged(sequence: number): void {
    this.acknowledged = Math.max(this.acknowledged, sequence);
  }

  private onReset(why: string): void {
    this.deps.log.warn({ why }, 'DECISIONS has lost messages: it is read from its start and compared with the ledger');
    this.compareFrom(1);
    this.declarationsLost = true;
    void this.check();
  }

  private compareFrom(commit: number): void {
    const comparison = new Comparison(this.deps.ledger, commit);
    this.comparison = comparison;
    this.deps.replies.seenListener = (entry) => comparison.see(entry);
  }

  /** One check at a time; what happens during one leads to another after it. */
  private check(): Promise<void> {
    if (this.checking !== null) {
      this.again = true;
      return this.checking;
    }
    this.deps.engine?.pause();
    this.checking = this.untilWhole().finally(() => {
      this.checking = null;
      if (!this.stopped) this.deps.engine?.resume();
    });
    return this.checking;
  }

  private async untilWhole(): Promise<void> {
    while (!this.stopped) {
      this.again = false;
      try {
        if (await this.deps.conn.ready(RETRY_MS)) {
          await ensureTopology(this.deps.conn);
          await this.restoreDecisions();
          await this.restoreDeclarations();
          if (!this.again) return;
        }
      } catch (error) {
        this.deps.log.warn({ error: String(error) }, 'the comparison of ledger and streams is tried again');
        await delay(RETRY_MS);
      }
    }
  }

  private async restoreDecisions(): Promise<void> {
    await this.untilTailKnows();
    const { comparison } = this;
    if (comparison === null || this.stopped) return;
    await this.tail?.caughtUp();
    if (this.stopped) return;
    if (this.comparison !== comparison) return this.restoreDecisions();
    const restored = await this.publishMissing(comparison);
    if (this.comparison !== comparison) return this.restoreDecisions();
    this.comparison = null;
    this.deps.replies.seenListener = null;
    if (restored > 0) this.deps.log.warn({ restored }, 'decisions that the stream had lost were published again');
  }

  /** Waits until the tail has noticed what we see: that its place in the stream is gone. */
  private async untilTailKnows(): Promise<void> {
    while (!this.stopped) {
      const position = this.tail?.position() ?? null;
      if (position === null) return;
      const { continuity: how } = await continuity(this.deps.conn, 'DECISIONS', position);
      if (how === 'continues') return;
      await delay(RESET_POLL_MS);
    }
  }

  private async publishMissing(comparison: Comparison): Promise<number> {
    const { conn, ingress, ledger, metrics } = this.deps;
    const settled = ledger.settledThrough(await streamState(conn, 'DECISIONS'));
    let restored = 0;
    for await (const group of inMessages(comparison.missing(settled))) {
      if (this.stopped) break;
      await publishDecisions(conn, ingress, group.entries);
      for (const done of group.done) done();
      restored += group.entries.length;
      metrics.restored.inc({ stream: 'DECISIONS' }, group.entries.length);
    }
    return restored;
  }

  private async restoreDeclarations(): Promise<void> {
    const { conn, log } = this.deps;
    const { created, lastSequence } = await streamState(conn, 'DECLARATIONS');
    const known = this.declarations;
    const whole = known !== null && known.created === created && lastSequence >= this.acknowledged;
    if (!whole || this.declarationsLost) {
      const restored = await this.publishWaiting();
      if (restored > 0) log.warn({ restored }, 'declarations that wait for their decision were published again');
      this.acknowledged = 0;
    }
    this.declarationsLost = false;
    this.declarations = { created, sequence: lastSequence };
  }

  private async publishWaiting(): Promise<number> {
    const { publisher, metrics } = this.deps;
    let restored = 0;
    let group: Promise<unknown>[] = [];
    for (const entry of this.waiting()) {
      group.push(publisher.submit(entry));
      restored += 1;
      if (group.length < BATCH_DECLARATIONS_MAX) continue;
      await Promise.all(group);
      group = [];
    }
    await Promise.all(group);
    metrics.restored.inc({ stream: 'DECLARATIONS' }, restored);
    return restored;
  }

  /** Answered with 202, or acknowledged and waited for; each once. */
  private *waiting(): Iterable<DeclarationEntry> {
    const seen = new Set<string>();
    for (const entries of [this.deps.ledger.pending(), this.deps.replies.acknowledged()]) {
      for (const entry of entries) {
        const key = identityKey(entry);
        if (seen.has(key)) continue;
        seen.add(key);
        yield entry;
      }
    }
  }
}

interface RestoredGroup {
  readonly entries: DecisionEntry[];
  readonly done: (() => void)[];
}

/** Entries in groups that fit into one message each. */
async function* inMessages(
  missing: AsyncIterable<{ entry: LedgerEntry; done: () => void }>,
): AsyncGenerator<RestoredGroup> {
  let group: RestoredGroup = { entries: [], done: [] };
  let bytes = 0;
  for await (const { entry, done } of missing) {
    const size = entry.record.byteLength + ENTRY_OVERHEAD_BYTES;
    const full = group.entries.length >= BATCH_DECLARATIONS_MAX || bytes + size > MESSAGE_BYTES_MAX;
    if (full && group.entries.length > 0) {
      yield group;
      group = { entries: [], done: [] };
      bytes = 0;
    }
    group.entries.push(asRestored(entry));
    group.done.push(done);
    bytes += size;
  }
  if (group.entries.length > 0) yield group;
}
