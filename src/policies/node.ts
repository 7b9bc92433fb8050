import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Engine } from '../engine/engine.ts';
import type { ChallengerPlan, PolicyPlan } from '../engine/plan.ts';
import { beforeNewest } from '../engine/policies.ts';
import { HEARTBEAT_MS, PROPOSAL_MS } from '../limits.ts';
import { unpackBundle } from '../profiles/bundle.ts';
import { problemTexts } from '../profiles/problems.ts';
import type { StreamConnection } from '../stream/connection.ts';
import { publish } from '../stream/publish.ts';
import { lastMessage } from '../stream/state.ts';
import { type Tail, type TailMessage, tail } from '../stream/tail.ts';
import { type NodeEntry, open, type PolicyEntry, type ProposalEntry, type ShareEntry, seal } from '../wire/envelope.ts';
import { readProposal } from './proposals.ts';
import { savedSubject } from './version.ts';

export interface PolicyNodeDeps {
  readonly conn: StreamConnection;
  readonly engine: Engine;
  /** Keeps the sources of a version before anything is decided by it. */
  readonly keep: (version: string, bundle: Uint8Array) => Promise<void>;
  /** How long to decide on without hearing that the policy is still the one. */
  readonly awayMs: number;
  /** A version that is active elsewhere cannot be used here; the one of before goes on. */
  readonly onRefused: (error: unknown) => void;
  readonly onError: (error: unknown) => void;
  readonly beatMs?: number;
}

const ACTIVATED = 'policy.activated';
/** How long to wait until what POLICY holds has been taken, before asking again at the next beat. */
const CATCH_UP_MS = 2000;
const LOOK_MS = 20;

/**
 * An engine's part in what is decided by: it follows POLICY, prepares what is proposed, swaps to what is activated, and
 * says on NODES that it lives, by what it decides, and what became of the newest proposal.
 *
 *   policy.proposed  ─► engine.prepare ─► nodes.<id>, at once
 *   policy.activated ─► engine.activate ─► nodes.<id>, at once
 *   every beat       ─► nodes.<id>; is the newest activation the one that was taken here?
 *
 * One that does not hear so for too long holds its engine until it does; one that comes back to the broker, until it
 * has taken what was activated meanwhile.
 */
export class PolicyNode {
  readonly #deps: PolicyNodeDeps;
  readonly #subject = `nodes.${randomBytes(8).toString('hex')}`;
  readonly #since = Date.now();
  /** Sequence of the newest activation that is in force here. */
  #taken = 0;
  #challenger: string | null = null;
  #prepared: NodeEntry['prepared'] = null;
  /** Monotonic milliseconds. */
  #confirmedAt = performance.now();
  #beating: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #tail!: Tail;
  #stopListening: () => void = () => undefined;
  #stopped = false;

  private constructor(deps: PolicyNodeDeps) {
    this.#deps = deps;
  }

  /** Resolves when the engine decides by what is active, or has refused it; its lease begins then. */
  static async start(deps: PolicyNodeDeps): Promise<PolicyNode> {
    const node = new PolicyNode(deps);
    await node.#follow();
    return node;
  }

  async #follow(): Promise<void> {
    const { conn, engine, onError, beatMs = HEARTBEAT_MS } = this.#deps;
    const from = await beforeNewest(conn);
    this.#tail = tail(conn, 'POLICY', 'policy.*', from, (messages) => this.#take(messages), {
      onError,
      onReset: () => {
        this.#taken = 0;
      },
    });
    await this.#tail.caughtUp();
    this.#stopListening = conn.onReconnect(() => {
      engine.pause('policy');
      void this.#beat();
    });
    await this.#beat();
    this.#timer = setInterval(() => void this.#beat(), beatMs);
  }

  /** Of several activations the newest counts, and a proposal only where none has come after it. */
  async #take(messages: readonly TailMessage[]): Promise<void> {
    const activated = messages.findLast(({ subject }) => subject === ACTIVATED);
    const proposed = messages.findLast(({ subject }) => subject !== ACTIVATED);
    if (activated !== undefined) await this.#activate(activated);
    if (proposed === undefined || proposed.sequence < (activated?.sequence ?? 0)) return;
    const proposal = readProposal(proposed.data);
    if (proposal !== null) await this.#answer(proposal);
  }

  async #activate({ data, sequence }: TailMessage): Promise<void> {
    const { engine, keep, onRefused } = this.#deps;
    try {
      const entry = open(ACTIVATED, data).body;
      const { version, bundle, challenger = null } = entry;
      await keep(version, bundle);
      if (challenger !== null) await keep(challenger.version, challenger.bundle);
      await engine.activate(unpackBundle(bundle), challengerOf(entry));
      this.#challenger = challenger?.version ?? null;
      this.#taken = sequence;
    } catch (error) {
      onRefused(error);
    }
    void this.#forget();
  }

  async #answer(proposal: ProposalEntry): Promise<void> {
    const { id, version, at, withdrawn } = proposal;
    if (withdrawn || Math.abs(Date.now() - at) > PROPOSAL_MS) return this.#forget();
    const problems = await this.#prepare(proposal);
    this.#prepared = { proposal: id, version, problems };
    await this.#tell();
  }

  /** @returns what is wrong with it; empty: it is ready. */
  async #prepare({ version, challenger }: ProposalEntry): Promise<readonly string[]> {
    try {
      await this.#deps.engine.prepare({
        bundle: await this.#saved(version),
        challenger: challenger && (await this.#savedChallenger(challenger)),
      });
      return [];
    } catch (error) {
      return problemTexts(error);
    }
  }

  async #savedChallenger({ version, percent, launch }: ShareEntry): Promise<ChallengerPlan> {
    return { bundle: await this.#saved(version), percent, launch };
  }

  async #saved(version: string): Promise<PolicyPlan['bundle']> {
    const message = await lastMessage(this.#deps.conn, 'POLICY', savedSubject(version));
    if (message === null) throw new Error(`the broker does not hold the version ${version}`);
    return unpackBundle(open('policy.saved', message.data).body.bundle);
  }

  async #forget(): Promise<void> {
    this.#prepared = null;
    await this.#tell();
  }

  /** One after another: none takes longer than the broker may, and a late one makes those after it late, never many. */
  #beat(): Promise<void> {
    this.#beating = this.#beating.then(() => this.#beatNow()).catch(this.#deps.onError);
    return this.#beating;
  }

  async #beatNow(): Promise<void> {
    const { engine, awayMs } = this.#deps;
    if (this.#stopped) return;
    const told = this.#tell();
    if (await this.#isNewest().catch(() => false)) this.#confirmedAt = performance.now();
    if (performance.now() - this.#confirmedAt <= awayMs) engine.resume('policy');
    else engine.pause('policy');
    await told;
  }

  /** Whether what POLICY names as active is what was taken here. */
  async #isNewest(): Promise<boolean> {
    const until = performance.now() + CATCH_UP_MS;
    const newest = await lastMessage(this.#deps.conn, 'POLICY', ACTIVATED);
    const isTaken = (): boolean => newest === null || this.#taken >= newest.sequence;
    while (!isTaken() && performance.now() < until && !this.#stopped) await delay(LOOK_MS);
    return isTaken();
  }

  /** At once; where the broker is away, the next beat says it. */
  async #tell(leaving = false): Promise<void> {
    const { conn, engine, onError, beatMs = HEARTBEAT_MS } = this.#deps;
    const entry: NodeEntry = {
      node: conn.name,
      since: this.#since,
      active: engine.policyVersion(),
      challenger: this.#challenger,
      prepared: this.#prepared,
      leaving,
    };
    const data = seal('nodes.told', conn.name, Date.now(), '', entry);
    await publish(conn, this.#subject, data, { withinMs: beatMs }).catch(onError);
  }

  /** Nobody waits for it any longer. The engine goes on. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    this.#stopListening();
    await this.#tail.stop();
    await this.#beating;
    await this.#tell(true);
  }
}

function challengerOf({ challenger = null }: PolicyEntry): ChallengerPlan | null {
  if (challenger === null) return null;
  const { bundle, percent, launch } = challenger;
  return { bundle: unpackBundle(bundle), percent, launch };
}
