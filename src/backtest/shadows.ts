import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { CorridorError } from '../errors.ts';
import { RESULT_SAMPLES_MAX, SEGMENT_DECLARATIONS, SHADOW_BEAT_MS, SHADOW_SAVE_MS, SHADOWS_MAX } from '../limits.ts';
import { bundleVersion, type PolicyBundle, packBundle, unpackBundle } from '../profiles/bundle.ts';
import { capacitiesOf } from '../profiles/capacities.ts';
import { reportOf } from './report.ts';
import { BacktestThreads, countAll } from './run.ts';
import { addTally, emptyTally, type TallyData } from './tally.ts';

/** What a shadow says of itself; its keeper is not of this folder. */
export interface ShadowRecord {
  readonly id: string;
  readonly kind: 'shadow';
  readonly title: string;
  readonly candidate: string;
  readonly base: string;
  readonly draft: string | null;
  readonly by: string;
  readonly node: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly state: 'running' | 'done' | 'failed';
  readonly error: string | null;
  readonly result: unknown;
  /** What it goes on from after a restart; shown to nobody. */
  readonly resume: ShadowMemory | null;
}

export interface ShadowMemory {
  readonly tally: TallyData;
  /** First commit of the ledger that it has not counted. */
  readonly nextCommit: number;
  readonly until: number;
  /** Packed bundles, in base64. */
  readonly before: string;
  readonly after: string;
}

export interface ShadowsDeps {
  readonly dataDir: string;
  readonly node: string;
  /** Commit that the ledger ends with. */
  readonly head: () => number;
  /** Port: keeps it for good. */
  readonly save: (record: ShadowRecord) => Promise<void>;
  readonly onError: (error: unknown) => void;
  readonly now: () => number;
}

export interface ShadowOrder {
  readonly title: string;
  readonly before: PolicyBundle;
  readonly after: PolicyBundle;
  readonly draft: string | null;
  readonly by: string;
  readonly hours: number;
}

interface Shadow {
  record: ShadowRecord;
  readonly before: PolicyBundle;
  readonly after: PolicyBundle;
  readonly tally: TallyData;
  nextCommit: number;
  readonly until: number;
  savedAt: number;
}

const HOUR_MS = 3_600_000;

/**
 * Policies that decide what comes in again, without any effect: they follow the ledger, a second behind, in a thread
 * of their own, and take up after a restart where they were. Each declaration that this node keeps counts once.
 */
export class Shadows {
  readonly #deps: ShadowsDeps;
  readonly #running = new Map<string, Shadow>();
  #threads: BacktestThreads | null = null;
  #beating: Promise<void> = Promise.resolve();
  readonly #timer: NodeJS.Timeout;

  /** @param known Those that a restart of this node left running. */
  constructor(deps: ShadowsDeps, known: readonly ShadowRecord[]) {
    this.#deps = deps;
    for (const record of known) this.#resume(record);
    this.#timer = setInterval(() => {
      this.#beating = this.#beating.then(() => this.#beat()).catch(deps.onError);
    }, SHADOW_BEAT_MS);
    this.#timer.unref();
  }

  #resume(record: ShadowRecord): void {
    const { resume } = record;
    if (resume === null) return;
    const [before, after] = [resume.before, resume.after].map((text) => unpackBundle(Buffer.from(text, 'base64')));
    if (before === undefined || after === undefined) return;
    const { tally, nextCommit, until } = resume;
    const whole = emptyTally();
    addTally(whole, timed(tally));
    this.#running.set(record.id, { record, before, after, tally: whole, nextCommit, until, savedAt: 0 });
  }

  /** Resolves when it is on record; it counts what is decided from then on. @throws CorridorError `overloaded` */
  async start({ before, after, hours, ...order }: ShadowOrder): Promise<ShadowRecord> {
    const { now, head, node } = this.#deps;
    if (this.#running.size >= SHADOWS_MAX) throw new CorridorError('overloaded', `${SHADOWS_MAX} shadows run already`);
    const startedAt = now();
    const record: ShadowRecord = {
      ...{ id: randomUUID().replaceAll('-', ''), kind: 'shadow', ...order, node, startedAt, endedAt: null },
      ...{ candidate: bundleVersion(after), base: bundleVersion(before), state: 'running', error: null },
      ...{ result: null, resume: null },
    };
    const until = startedAt + hours * HOUR_MS;
    const shadow = { record, before, after, tally: emptyTally(), nextCommit: head() + 1, until, savedAt: startedAt };
    await this.#save(shadow, {});
    this.#running.set(record.id, shadow);
    return shadow.record;
  }

  /** Declarations counted so far; null: it does not run here. */
  progress(id: string): { readonly declarations: number; readonly until: string } | null {
    const shadow = this.#running.get(id);
    if (shadow === undefined) return null;
    return { declarations: shadow.tally.declarations, until: new Date(shadow.until).toISOString() };
  }

  /** Counts what there is, and ends it. @throws CorridorError `wrong_state` where it does not run here. */
  async end(id: string): Promise<void> {
    if (!this.#running.has(id)) throw new CorridorError('wrong_state', 'It does not run here');
    const ending = this.#beating.then(async () => {
      const shadow = this.#running.get(id);
      if (shadow === undefined) return;
      await this.#count(shadow);
      await this.#finish(shadow, 'done');
    });
    this.#beating = ending.catch(() => undefined);
    await ending;
  }

  async #beat(): Promise<void> {
    const { now } = this.#deps;
    for (const shadow of [...this.#running.values()]) {
      try {
        await this.#count(shadow);
        if (now() >= shadow.until) await this.#finish(shadow, 'done');
        else if (now() - shadow.savedAt >= SHADOW_SAVE_MS) await this.#save(shadow, {});
      } catch (error) {
        this.#deps.onError(error);
        // What does not compile never will; anything else is tried again with the next beat.
        if (error instanceof Error && error.name === 'PolicyError') await this.#finish(shadow, 'failed', error.message);
      }
    }
  }

  /** Everything that the ledger has taken in since. */
  async #count(shadow: Shadow): Promise<void> {
    const { dataDir, head } = this.#deps;
    const { before, after } = shadow;
    this.#threads ??= new BacktestThreads(1);
    while (shadow.nextCommit <= head()) {
      const order = { kind: 'since', ledgerDir: join(dataDir, 'ledger'), fromCommit: shadow.nextCommit } as const;
      const answer = await this.#threads.run({ ...order, max: SEGMENT_DECLARATIONS });
      if (!('nextCommit' in answer)) throw new Error('the thread answered something else');
      if (answer.segment !== null) {
        const parts = [{ kind: 'bytes', bytes: answer.segment }] as const;
        const outcomesDir = join(dataDir, 'outcomes');
        addTally(shadow.tally, await countAll(this.#threads, { parts, before, after, threads: 1, outcomesDir }));
      }
      shadow.nextCommit = answer.nextCommit;
    }
  }

  async #finish(shadow: Shadow, state: 'done' | 'failed', error: string | null = null): Promise<void> {
    this.#running.delete(shadow.record.id);
    await this.#save(shadow, { state, error, endedAt: this.#deps.now() });
  }

  async #save(shadow: Shadow, change: Partial<ShadowRecord>): Promise<void> {
    const { before, after, tally, nextCommit, until } = shadow;
    const { profiles, ...report } = reportOf(tally, capacitiesOf(after));
    const shown = profiles.map((each) => ({ ...each, samples: each.samples.slice(0, RESULT_SAMPLES_MAX) }));
    const pack = (bundle: PolicyBundle) => Buffer.from(packBundle(bundle)).toString('base64');
    const memory: ShadowMemory = { tally: slim(tally), nextCommit, until, before: pack(before), after: pack(after) };
    const isOver = change.state !== undefined;
    shadow.savedAt = this.#deps.now();
    const result = { ...report, profiles: shown };
    shadow.record = { ...shadow.record, result, resume: isOver ? null : memory, ...change };
    await this.#deps.save(shadow.record);
  }

  /** What runs goes on after the next start. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#beating;
    const { onError } = this.#deps;
    for (const shadow of this.#running.values()) await this.#save(shadow, {}).catch(onError);
    await this.#threads?.close();
  }
}

/** Without the samples beyond those that are shown. */
function slim(tally: TallyData): TallyData {
  const profiles = Object.entries(tally.profiles).map(([id, { samples, ...each }]) => {
    return [id, { ...each, samples: samples.slice(0, RESULT_SAMPLES_MAX) }] as const;
  });
  return { ...tally, profiles: Object.fromEntries(profiles) };
}

/** JSON has no infinity: of nothing, from and until are null. */
function timed(tally: TallyData): TallyData {
  return { ...tally, from: tally.from ?? Infinity, until: tally.until ?? -Infinity };
}
