import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { CorridorError } from '../errors.ts';
import { APPLICATION_BYTES_MAX } from '../limits.ts';
import { EntryStores } from '../state/entry-store.ts';
import type { StreamConnection } from '../stream/connection.ts';
import { Replica } from '../stream/replica.ts';
import { type ApplicationEntry, open, seal } from '../wire/envelope.ts';

export const APPLICATION_KINDS = ['backtest', 'shadow', 'share'] as const;
export const APPLICATION_STATES = ['waiting', 'running', 'done', 'cancelled', 'failed', 'interrupted'] as const;

/** A trial of a policy, and what came of it. */
export interface Application {
  readonly id: string;
  readonly kind: (typeof APPLICATION_KINDS)[number];
  readonly title: string;
  /** What is tried, beside what: versions of the policy. */
  readonly candidate: string;
  readonly base: string;
  readonly draft: string | null;
  readonly by: string;
  /** Where it runs. */
  readonly node: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly state: (typeof APPLICATION_STATES)[number];
  /** Why it failed. */
  readonly error: string | null;
  /** A report, as of its kind; null before there is one. */
  readonly result: unknown;
  /** What it goes on from after a restart; shown to nobody. */
  readonly resume?: unknown;
}

interface Held {
  readonly revision: number;
  readonly application: Omit<Application, 'result' | 'resume'>;
}

export interface ApplicationsDeps {
  readonly conn: StreamConnection;
  readonly dataDir: string;
  /** Of this node, the same after a restart. */
  readonly node: string;
  readonly onError: (error: unknown) => void;
  readonly now: () => number;
}

/** Trials of policies and their results, as every node with a ledger keeps them. */
export class Applications {
  readonly #deps: ApplicationsDeps;
  readonly #stores: EntryStores;
  #replica!: Replica<ApplicationEntry, Held>;

  private constructor(deps: ApplicationsDeps) {
    this.#deps = deps;
    this.#stores = new EntryStores(join(deps.dataDir, 'applications'));
  }

  /** Resolves when everything that the stream holds is known, and what a restart of this node ended says so. */
  static async start(deps: ApplicationsDeps): Promise<Applications> {
    const applications = new Applications(deps);
    await applications.#follow();
    await applications.#interrupt();
    return applications;
  }

  async #follow(): Promise<void> {
    const { conn, onError, now } = this.#deps;
    this.#replica = await Replica.start<ApplicationEntry, Held>({
      ...{ conn, onError, stream: 'APPLICATIONS', filter: 'applications.>', store: this.#stores.of('applications') },
      subjectOf: ({ id }) => `applications.${id}`,
      keyOf: ({ id }) => id,
      seal: (entry) => seal('applications.changed', conn.name, now(), '', entry),
      open: (data) => open('applications.changed', data).body,
      revisionOf: ({ revision }) => revision,
      held: (entry) => {
        const { result: _, resume: __, ...application } = unpack(entry);
        return { revision: entry.revision, application };
      },
    });
  }

  async #interrupt(): Promise<void> {
    const { node, now } = this.#deps;
    for (const { application } of this.#replica.all()) {
      const isOver = application.state !== 'running' && application.state !== 'waiting';
      if (application.node !== node || isOver || application.kind !== 'backtest') continue;
      await this.save({ ...application, state: 'interrupted', endedAt: now(), result: null });
    }
  }

  /** The newest first, without their results. */
  list(): Omit<Application, 'result' | 'resume'>[] {
    const all = this.#replica.all().map(({ application }) => application);
    return all.sort((a, b) => b.startedAt - a.startedAt);
  }

  /** @throws CorridorError `not_found` */
  get(id: string): Application {
    const entry = /^[a-z0-9]{1,40}$/.test(id) ? this.#replica.read(id) : null;
    if (entry === null) throw new CorridorError('not_found', 'There is no such trial');
    return unpack(entry);
  }

  /** The first time, or in place of what was saved before. @throws CorridorError */
  async save(application: Application): Promise<void> {
    const packed = gzipSync(JSON.stringify(application));
    if (packed.length > APPLICATION_BYTES_MAX) {
      throw new CorridorError('body_too_large', 'The result is too large to be kept');
    }
    const revision = (this.#replica.get(application.id)?.revision ?? 0) + 1;
    await this.#replica.put({ id: application.id, revision, packed });
  }

  async stop(): Promise<void> {
    await this.#replica.stop();
    await this.#stores.close();
  }
}

function unpack({ packed }: ApplicationEntry): Application {
  return JSON.parse(gunzipSync(packed).toString('utf8')) as Application;
}
