import { parentPort, workerData } from 'node:worker_threads';
import { closeForWriting, openForWriting } from '../state/models-store.ts';
import { connectStream } from '../stream/connection.ts';
import { type Follower, type FollowerListener, followInto } from './follower.ts';
import { createProjector } from './projector.ts';
import { takeKept } from './rebuild.ts';
import type { ProjectionData, ProjectionOrder, ProjectionReport } from './thread-protocol.ts';

/**
 * The one thread that writes the read models. It has a connection of its own and follows the streams beside the way
 * of a declaration; the parent hears how far it is.
 *
 *   DECISIONS ─┐                                        ┌─► evaluating threads
 *              ├─► follower ─► projector ─► LMDB models ┼─► ingress
 *   PARTIES  ──┘       │                                └─► command line
 *                      └─ applied, reset, failed ─► parent
 */
export async function project(): Promise<void> {
  const { modelsDir, ledgerDir, broker, brokerRole, name } = workerData as ProjectionData;
  const orders = new Orders();
  const store = openForWriting(modelsDir);
  const projector = createProjector(store, (sequence, error) => {
    report({ kind: 'unreadable', stream: 'DECISIONS', sequence, message: messageOf(error) });
  });
  report({ kind: 'ready' });
  if (ledgerDir !== null && projector.position('DECISIONS') === null) await takeKept(projector, ledgerDir);
  const conn = await Promise.race([connectStream({ ...broker, name, role: brokerRole }), orders.stop]);
  if (conn !== undefined) {
    const follower = followInto(projector, conn, REPORTING);
    orders.serve(follower);
    await orders.stop;
    await follower.stop();
    await conn.close();
  }
  await closeForWriting(modelsDir, store);
  report({ kind: 'stopped' });
  // A connection that is still being tried would keep the thread.
  if (conn === undefined) process.exit(0);
}

const REPORTING: FollowerListener = {
  applied: (stream, sequence) => report({ kind: 'applied', stream, sequence }),
  reset: (stream, why) => report({ kind: 'reset', stream, why }),
  unreadable: (stream, sequence, error) => report({ kind: 'unreadable', stream, sequence, message: messageOf(error) }),
  failed: (stream, error) => report({ kind: 'failed', stream, message: messageOf(error) }),
};

/** What the parent asks for; what comes before there is a follower waits for it. */
class Orders {
  /** Resolves when the parent says stop. */
  readonly stop: Promise<undefined>;
  #follower: Follower | null = null;
  #early: number[] = [];

  constructor() {
    this.stop = new Promise((resolve) => {
      parentPort?.on('message', (order: ProjectionOrder) => {
        if (order.kind === 'catch_up') {
          this.#catchUp(order.asked);
          return;
        }
        parentPort?.close();
        resolve(undefined);
      });
    });
  }

  serve(follower: Follower): void {
    this.#follower = follower;
    for (const asked of this.#early.splice(0)) this.#catchUp(asked);
  }

  #catchUp(asked: number): void {
    if (this.#follower === null) {
      this.#early.push(asked);
      return;
    }
    this.#follower.caughtUp().then(
      () => report({ kind: 'caught_up', asked }),
      () => setTimeout(() => this.#catchUp(asked), CATCH_UP_RETRY_MS).unref(),
    );
  }
}

/** The broker was away when the end of a stream was asked for. */
const CATCH_UP_RETRY_MS = 200;

function report(message: ProjectionReport): void {
  parentPort?.postMessage(message);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
