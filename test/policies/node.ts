import { join } from 'node:path';
import { type Checker, openChecker } from '../../src/policies/checker.ts';
import type { Changes, Draft } from '../../src/policies/draft.ts';
import { DraftBoard } from '../../src/policies/draft-board.ts';
import { Leases } from '../../src/policies/leases.ts';
import { Lists } from '../../src/policies/lists.ts';
import { Publisher } from '../../src/policies/publisher.ts';
import { type Schedule, startSchedule } from '../../src/policies/schedule.ts';
import { Versions } from '../../src/policies/versions.ts';
import { Workflow } from '../../src/policies/workflow.ts';
import type { StreamConnection } from '../../src/stream/connection.ts';
import { connectStream } from '../../src/stream/connection.ts';
import { ensureTopology } from '../../src/stream/topology.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { type NatsServer, startNats } from '../helpers/nats.ts';
import { fixtureBundle } from '../helpers/policy.ts';

export interface PolicyNode {
  readonly board: DraftBoard;
  readonly versions: Versions;
  readonly workflow: Workflow;
  readonly publisher: Publisher;
  readonly lists: Lists;
  readonly schedule: Schedule;
  /** What its schedule did: draft, what, how it ended. */
  readonly done: [Draft, string, unknown][];
  stop(): Promise<void>;
}

/** A broker, a clock, and nodes that change the policy on them; none of them decides. */
export class PolicySite {
  readonly nats: NatsServer;
  readonly conn: StreamConnection;
  readonly errors: string[] = [];
  clock = Date.parse('2026-11-24T08:00:00Z');
  readonly #root: string;
  readonly #checker: Checker = openChecker();
  readonly #nodes = new Set<PolicyNode>();

  private constructor(nats: NatsServer, conn: StreamConnection, root: string) {
    this.nats = nats;
    this.conn = conn;
    this.#root = root;
  }

  static async open(): Promise<PolicySite> {
    const nats = await startNats();
    const conn = await connectStream({ url: nats.url, name: 'test' });
    await ensureTopology(conn);
    return new PolicySite(nats, conn, await temporaryFolder());
  }

  async node(name: string): Promise<PolicyNode> {
    const onError = (error: unknown) => void this.errors.push(String(error));
    const now = () => this.clock;
    const { conn } = this;
    const dataDir = join(this.#root, name);
    const leases = await Leases.start({ conn, onError });
    const versions = await Versions.start({ conn, dataDir, leases, onError, now });
    const board = await DraftBoard.start({ conn, dataDir, onError, now });
    const deps = { board, versions, checker: this.#checker, now };
    const workflow = new Workflow(deps);
    const publisher = new Publisher({ ...deps, node: name });
    const done: PolicyNode['done'] = [];
    const onDone = async (...what: PolicyNode['done'][number]) => void done.push(what);
    const schedule = startSchedule({ board, publisher, onDone, onError, now });
    const stop = async (): Promise<void> => {
      if (!this.#nodes.delete(node)) return;
      await schedule.stop();
      await board.stop();
      await versions.stop();
      await leases.stop();
    };
    const lists = new Lists(deps);
    const node: PolicyNode = { board, versions, workflow, publisher, lists, schedule, done, stop };
    this.#nodes.add(node);
    return node;
  }

  /** A node on which the policy of the tests is active. */
  async begun(name = 'one'): Promise<PolicyNode> {
    const node = await this.node(name);
    const origin = {
      source: 'folder',
      parent: null,
      authors: ['seed'],
      approver: null,
      reason: '',
      draft: null,
    } as const;
    const { version } = await node.versions.save(fixtureBundle(), origin);
    await node.versions.activate(version, 'seed', 'the beginning');
    return node;
  }

  async close(): Promise<void> {
    for (const node of [...this.#nodes]) await node.stop();
    await this.#checker.stop();
    await this.conn.close();
    await this.nats.close();
  }
}

export const UV = 'profiles/UV-001.yaml';

/** A profile of the test policy with another weight. */
export function weighted(weight: number, file = UV): string {
  const text = fixtureBundle().files[file] ?? '';
  return text.replace(/^weight:.*$/m, `weight: ${weight}`);
}

/** A draft of ana that boris has approved. */
export async function approvedChanges(node: PolicyNode, changes: Changes): Promise<string> {
  const { id } = await node.workflow.createDraft({ title: Object.keys(changes).join(), changes }, 'ana');
  await node.workflow.submit(id, null, 'ana');
  await node.workflow.decide(id, null, 'approved', '', 'boris');
  return id;
}

export function approvedDraft(node: PolicyNode, weight = 0.33, file = UV): Promise<string> {
  return approvedChanges(node, { [file]: weighted(weight, file) });
}

/** Text of a file in the policy that is active. */
export async function activeText(node: PolicyNode, file = UV): Promise<string> {
  const bundle = await node.versions.bundle(node.versions.active()?.version ?? '');
  return bundle?.files[file] ?? '';
}
