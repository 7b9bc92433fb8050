import { randomBytes } from 'node:crypto';
import { CorridorError } from '../errors.ts';
import { PREPARE_WITHIN_MS, PROPOSAL_MS } from '../limits.ts';
import type { StreamConnection } from '../stream/connection.ts';
import { isOvertaken, publish } from '../stream/publish.ts';
import { lastMessage } from '../stream/state.ts';
import { open, type ProposalEntry, seal } from '../wire/envelope.ts';
import type { Lease, Leases } from './leases.ts';
import type { Refusal } from './version.ts';

export interface ProposalsDeps {
  readonly conn: StreamConnection;
  readonly leases: Leases;
  readonly onError: (error: unknown) => void;
  /** How long live nodes may take to say that they are ready. */
  readonly prepareWithinMs?: number;
}

/** What is proposed: an activation that has not happened. */
export type Proposed = Pick<ProposalEntry, 'number' | 'version' | 'challenger' | 'by'>;

const SUBJECT = 'policy.proposed';

/**
 * The first of the two phases of an activation: every node that holds its lease prepares what is proposed beside what
 * it decides by, and says in its lease what became of that. One proposal at a time.
 *
 *   propose ─► policy.proposed ─► every engine: compile, try, warm up ─► nodes.<id>
 *   activate, where nobody refuses ◄──────────────────────────────────────┘
 */
export class Proposals {
  readonly #deps: ProposalsDeps;

  constructor(deps: ProposalsDeps) {
    this.#deps = deps;
  }

  /**
   * Calls `activate` when every live node is ready for it, and only then.
   * @returns who refuses, or keeps silent; empty: it was activated.
   * @throws CorridorError `changed_meanwhile` where another activation is under way, or what `activate` throws.
   */
  async run(proposed: Proposed, activate: () => Promise<void>): Promise<readonly Refusal[]> {
    const proposal = await this.#propose(proposed);
    try {
      const refusals = await this.#answers(proposal);
      if (refusals.length > 0) await this.#withdraw(proposal);
      else await activate();
      return refusals;
    } catch (error) {
      await this.#withdraw(proposal);
      throw error;
    }
  }

  /** Whether somebody may still activate something under this number. */
  async isUnderWay(number: number): Promise<boolean> {
    const last = await lastMessage(this.#deps.conn, 'POLICY', SUBJECT);
    return last !== null && isOpen(readProposal(last.data), number);
  }

  async #propose(proposed: Proposed): Promise<ProposalEntry> {
    const { conn, leases } = this.#deps;
    const last = await lastMessage(conn, 'POLICY', SUBJECT);
    if (last !== null && isOpen(readProposal(last.data), proposed.number)) {
      throw new CorridorError('changed_meanwhile', 'Another version is being activated; try again when it has been');
    }
    const id = randomBytes(8).toString('hex');
    const proposal: ProposalEntry = { ...proposed, id, at: Date.now(), withdrawn: false };
    try {
      await publish(conn, SUBJECT, sealed(proposal), { lastSubjectSequence: last?.sequence ?? 0 });
    } catch (error) {
      if (!isOvertaken(error)) throw error;
      throw new CorridorError('changed_meanwhile', 'Somebody else activates a version now', { cause: error });
    }
    await leases.caughtUp();
    return proposal;
  }

  async #answers({ id }: ProposalEntry): Promise<readonly Refusal[]> {
    const { leases, prepareWithinMs = PREPARE_WITHIN_MS } = this.#deps;
    const answers = await leases.watch(prepareWithinMs, (live) => answersOf(live, id));
    return (
      answers ??
      leases
        .live()
        .filter((lease) => isSilent(lease, id))
        .map(silence)
    );
  }

  /** Nodes need not hold it ready any longer; where this fails, it stands in the way of others for a while. */
  async #withdraw(proposal: ProposalEntry): Promise<void> {
    const { conn, onError } = this.#deps;
    await publish(conn, SUBJECT, sealed({ ...proposal, withdrawn: true })).catch(onError);
  }
}

/** Whether it still stands in the way of the activation with this number. */
function isOpen(proposal: ProposalEntry | null, number: number): boolean {
  if (proposal === null || proposal.withdrawn || proposal.number < number) return false;
  return Math.abs(Date.now() - proposal.at) < PROPOSAL_MS;
}

export function readProposal(data: Uint8Array): ProposalEntry | null {
  try {
    return open(SUBJECT, data).body;
  } catch {
    return null;
  }
}

function sealed(proposal: ProposalEntry): Uint8Array {
  return seal(SUBJECT, proposal.by, proposal.at, '', proposal);
}

/** Null while all that have answered are ready and some have not. */
function answersOf(live: readonly Lease[], proposal: string): readonly Refusal[] | null {
  const refusals = live.flatMap(({ node, prepared }) =>
    prepared?.proposal === proposal && prepared.problems.length > 0 ? [{ node, problems: prepared.problems }] : [],
  );
  if (refusals.length > 0) return refusals;
  return live.some((lease) => isSilent(lease, proposal)) ? null : [];
}

/** A node that decides nothing yet takes what is active before it begins. */
function isSilent({ active, prepared }: Lease, proposal: string): boolean {
  return active !== null && prepared?.proposal !== proposal;
}

function silence({ node }: Lease): Refusal {
  return { node, problems: ['it lives and does not say that it is ready'] };
}
