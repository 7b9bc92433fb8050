import { decide } from '../core/decide.ts';
import type { Instant } from '../core/declaration.ts';
import type { Draw } from '../core/facts.ts';
import type { Policy } from '../core/policy.ts';
import { type Challenger, isInShare } from '../core/share.ts';
import { BATCH_DECLARATIONS_MAX, PAYLOAD_BYTES_MAX } from '../limits.ts';
import { type DecisionEntry, type DeclarationEntry, open, seal } from '../wire/envelope.ts';
import { encode } from '../wire/messagepack.ts';
import { encodeRecord } from '../wire/record.ts';
import { BatchFacts, gatherFacts, type KnownFacts } from './facts.ts';
import {
  type EvaluateResult,
  type EvaluateTask,
  type HeldEntry,
  IDLE,
  type Mark,
  type MessageAnswer,
  noProfileAtWork,
  PROGRESS,
} from './protocol.ts';
import { isEntry, readDeclaration } from './read-declaration.ts';
import { Counter } from './tally.ts';

export interface EvaluatorParts {
  readonly policy: Policy;
  readonly challenger?: Challenger | null;
  /** `refresh` starts a new snapshot. */
  readonly models: KnownFacts & { refresh(): void };
  readonly draw: (declarationId: string) => Draw;
  readonly by: string;
  readonly progress: Int32Array;
}

/** Envelope, headers and keys of a DECISIONS message beside its records. */
const MESSAGE_OVERHEAD_BYTES = 16 * 1024;
const ENTRY_OVERHEAD_BYTES = 512;
const REASON_LENGTH_MAX = 500;

/** One thread's work: bytes of DECLARATIONS messages in, sealed DECISIONS messages out, under one plan and snapshot. */
export class Evaluator {
  private readonly parts: EvaluatorParts;
  private readonly facts: BatchFacts;

  constructor(parts: EvaluatorParts) {
    this.parts = parts;
    this.facts = new BatchFacts(parts.models);
  }

  evaluate(task: EvaluateTask): EvaluateResult {
    const { models, progress } = this.parts;
    const started = performance.now();
    const batch: Batch = { decidedAt: Date.now(), counter: new Counter(), task };
    Atomics.store(progress, PROGRESS.entry, -1);
    noProfileAtWork(progress);
    Atomics.store(progress, PROGRESS.startedAt, Date.now() | 0);
    Atomics.store(progress, PROGRESS.entryStartedAt, Date.now() | 0);
    Atomics.store(progress, PROGRESS.task, task.id);
    try {
      models.refresh();
      this.facts.begin();
      const answers = task.ends.map((end, index) =>
        this.message(batch, index, task.bytes.subarray(task.ends[index - 1] ?? 0, end)),
      );
      return { answers, tally: batch.counter.tally(), elapsedMs: performance.now() - started };
    } finally {
      Atomics.store(progress, PROGRESS.task, IDLE);
    }
  }

  private message(batch: Batch, message: number, bytes: Uint8Array): MessageAnswer {
    let body: readonly unknown[];
    let trace: string;
    try {
      const envelope = open('declarations.submitted', bytes);
      ({ body, trace } = envelope);
      if (!Array.isArray(body) || body.length > BATCH_DECLARATIONS_MAX)
        throw new Error('no list of entries, or too long');
    } catch (error) {
      return { readable: false, reason: reasonOf(error) };
    }
    const decided: DecisionEntry[] = [];
    const held: HeldEntry[] = [];
    for (const [index, entry] of body.entries()) {
      this.step(message, index);
      this.entry(batch, message, index, entry, decided, held);
    }
    return { readable: true, parts: this.seal(decided, typeof trace === 'string' ? trace : ''), held };
  }

  private step(message: number, entry: number): void {
    const { progress } = this.parts;
    noProfileAtWork(progress);
    Atomics.store(progress, PROGRESS.message, message);
    Atomics.store(progress, PROGRESS.entryStartedAt, Date.now() | 0);
    Atomics.store(progress, PROGRESS.entry, entry);
  }

  /** Decides one entry, or sets it aside: whatever is wrong with it stays its own. */
  private entry(
    batch: Batch,
    message: number,
    index: number,
    entry: unknown,
    decided: DecisionEntry[],
    held: HeldEntry[],
  ): void {
    const { marks } = batch.task;
    const mark =
      marks.length === 0 ? undefined : marks.find((each) => each.message === message && each.entry === index);
    try {
      if (!isEntry(entry)) throw new Error('not an entry with an identity');
      if (mark !== undefined && mark.quarantine !== null) throw new Error(mark.quarantine);
      decided.push(this.decideOne(batch, entry, mark));
    } catch (error) {
      const reason = reasonOf(error);
      held.push({ index, reason, bytes: encode(entry) });
      if (isEntry(entry)) decided.push(answer(entry, 'quarantined', new TextEncoder().encode(reason)));
    }
  }

  private decideOne(
    { decidedAt, task, counter }: Batch,
    entry: DeclarationEntry,
    mark: Mark | undefined,
  ): DecisionEntry {
    const declaration = readDeclaration(entry);
    const draw = this.parts.draw(declaration.id);
    const suspended = mark === undefined ? task.suspended : [...new Set([...task.suspended, ...mark.suspended])].sort();
    const facts = gatherFacts(declaration, entry, this.facts, draw, decidedAt, suspended);
    const decision = decide(declaration, facts, this.policyFor(draw));
    const record = encodeRecord(entry.submitter, entry.declaration, facts, decision);
    if (record.byteLength > PAYLOAD_BYTES_MAX - MESSAGE_OVERHEAD_BYTES) throw new Error('the record is too large');
    counter.add(declaration, decision);
    return answer(entry, 'decided', record);
  }

  private policyFor(draw: Draw): Policy {
    const { policy, challenger = null } = this.parts;
    return challenger !== null && isInShare(draw, challenger) ? challenger.policy : policy;
  }

  /** As few messages as the payload limit allows: one, but for records of unusual size. */
  private seal(entries: readonly DecisionEntry[], trace: string): Uint8Array[] {
    const groups: DecisionEntry[][] = [];
    let room = 0;
    for (const entry of entries) {
      const bytes = entry.record.byteLength + ENTRY_OVERHEAD_BYTES;
      if (bytes > room) {
        groups.push([]);
        room = PAYLOAD_BYTES_MAX - MESSAGE_OVERHEAD_BYTES;
      }
      groups.at(-1)?.push(entry);
      room -= bytes;
    }
    return groups.map((group) => seal('decisions.made', this.parts.by, Date.now(), trace, group));
  }
}

interface Batch {
  readonly decidedAt: Instant;
  readonly counter: Counter;
  readonly task: EvaluateTask;
}

function answer(entry: DeclarationEntry, outcome: DecisionEntry['outcome'], record: Uint8Array): DecisionEntry {
  const { submitter, id, version, trace, receivedAt, hash } = entry;
  return { submitter, id, version, trace, outcome, receivedAt, hash, record, restored: false };
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, REASON_LENGTH_MAX);
}
