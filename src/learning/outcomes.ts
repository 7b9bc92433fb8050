import { OUTCOMES_PER_MESSAGE_MAX } from '../limits.ts';
import { type KeptOutcome, OutcomeStore } from '../state/outcomes.ts';
import type { StreamConnection } from '../stream/connection.ts';
import { Replica } from '../stream/replica.ts';
import { type OutcomeEntry, type OutcomesEntry, open, seal } from '../wire/envelope.ts';

export interface OutcomesDeps {
  readonly conn: StreamConnection;
  readonly dir: string;
  readonly onError: (error: unknown) => void;
  readonly now: () => number;
}

/** What controls found, as every node with a ledger knows it. */
export class Outcomes {
  readonly #deps: OutcomesDeps;
  readonly #store: OutcomeStore;
  #replica!: Replica<OutcomesEntry, null>;
  #told = 0;

  private constructor(deps: OutcomesDeps) {
    this.#deps = deps;
    this.#store = new OutcomeStore(deps.dir);
  }

  /** Resolves when everything that the stream holds is known. */
  static async start(deps: OutcomesDeps): Promise<Outcomes> {
    const outcomes = new Outcomes(deps);
    await outcomes.#follow();
    return outcomes;
  }

  async #follow(): Promise<void> {
    const { conn, onError } = this.#deps;
    this.#replica = await Replica.start<OutcomesEntry, null>({
      ...{ conn, onError, stream: 'OUTCOMES', filter: 'outcomes.>', store: this.#store.stores.of('messages') },
      subjectOf: ({ id }) => `outcomes.${id}`,
      keyOf: ({ id }) => id,
      seal: (entry) => seal('outcomes.recorded', conn.name, entry.recordedAt, '', entry),
      open: (data) => open('outcomes.recorded', data).body,
      revisionOf: () => 1,
      held: () => null,
      onTaken: async ({ outcomes, recordedAt, by }) => {
        await Promise.all(outcomes.map((outcome) => this.#store.put({ ...outcome, recordedAt, by })));
      },
    });
  }

  outcomeOf(submitter: string, id: string): KeptOutcome | null {
    return this.#store.get(submitter, id);
  }

  /** In the order of submitter and declaration. */
  all(): Iterable<KeptOutcome> {
    return this.#store.all();
  }

  /** Kept here when this resolves. The same again changes nothing; another one takes the place of the one before. */
  async record(outcomes: readonly OutcomeEntry[], by: string): Promise<void> {
    const { now, conn } = this.#deps;
    for (let from = 0; from < outcomes.length; from += OUTCOMES_PER_MESSAGE_MAX) {
      const recordedAt = now();
      const part = outcomes.slice(from, from + OUTCOMES_PER_MESSAGE_MAX);
      const id = `${recordedAt.toString(36)}-${(this.#told++).toString(36)}-${hashOf(conn.name)}`;
      await this.#replica.put({ id, recordedAt, by, outcomes: part });
    }
  }

  async stop(): Promise<void> {
    await this.#replica.stop();
    await this.#store.close();
  }
}

/** Two nodes may tell of outcomes in the same millisecond. */
function hashOf(name: string): string {
  let hash = 7;
  for (const character of name) hash = (Math.imul(hash, 31) + (character.codePointAt(0) ?? 0)) >>> 0;
  return hash.toString(36);
}
