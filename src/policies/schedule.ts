import { SCHEDULE_ROUND_MS } from '../limits.ts';
import type { Draft } from './draft.ts';
import type { DraftBoard } from './draft-board.ts';
import * as life from './draft-life.ts';
import type { Publisher } from './publisher.ts';

export interface ScheduleDeps {
  readonly board: DraftBoard;
  readonly publisher: Publisher;
  /** A publication or an expiry was done, or refused; before it is told the draft says so. */
  readonly onDone: (draft: Draft, what: 'activation' | 'expiry', error: unknown) => Promise<void>;
  readonly onError: (error: unknown) => void;
  readonly now: () => number;
}

export interface Schedule {
  /** Does everything that is due. */
  round(): Promise<void>;
  stop(): Promise<void>;
}

/** After something went wrong that was not the policy's fault. */
const RETRY_MS = 10_000;

/**
 * Activates drafts when their time comes and takes them back when it ends. Every node looks, a draft's claim decides
 * which one does it; what came due while no node ran is done by the first that starts.
 */
export function startSchedule(deps: ScheduleDeps): Schedule {
  const { board, onError, now } = deps;
  /** Draft → when it is tried again. */
  const waiting = new Map<string, number>();
  const round = async (): Promise<void> => {
    for (const draft of board.list()) {
      if ((waiting.get(draft.id) ?? 0) > now() || life.isClaimed(draft, now())) continue;
      waiting.delete(draft.id);
      await attend(deps, draft).catch((error: unknown) => {
        waiting.set(draft.id, now() + RETRY_MS);
        onError(error);
      });
    }
  };
  let running = Promise.resolve();
  const timer = setInterval(() => {
    running = running.then(round).catch(onError);
  }, SCHEDULE_ROUND_MS);
  timer.unref();
  return {
    round() {
      running = running.then(round);
      return running;
    },
    async stop() {
      clearInterval(timer);
      await running.catch(() => undefined);
    },
  };
}

async function attend({ board, publisher, onDone, now }: ScheduleDeps, draft: Draft): Promise<void> {
  const { id, state, schedule, claim } = draft;
  if (claim !== null) return publisher.settle(id);
  if (schedule === null) return;
  const { activateAt, expireAt, by } = schedule;
  const isOver = expireAt !== null && expireAt <= now();
  if (state === 'scheduled' && isOver) {
    const text = ['Its whole term passed while no node was there to activate it'];
    await board.change(id, draft.revision, (each) => life.failed(each, text, { by, at: now() }));
  } else if (state === 'scheduled' && activateAt <= now()) {
    const act = () => publisher.publish(id, 'activation', by, draft.reason || draft.title);
    await told(board, draft, 'activation', act, onDone);
  } else if (state === 'active' && isOver && draft.publication?.expiredAt === null) {
    await told(board, draft, 'expiry', () => publisher.expire(id, by), onDone);
  }
}

/** @throws where it is to be tried again: the draft is as it was. */
async function told(
  board: DraftBoard,
  before: Draft,
  what: 'activation' | 'expiry',
  act: () => Promise<Draft>,
  onDone: ScheduleDeps['onDone'],
): Promise<void> {
  try {
    await onDone(await act(), what, null);
  } catch (error) {
    const after = board.get(before.id);
    // Another node was first: it tells.
    if (after.claim !== null || (after.trouble === null && after.state !== before.state)) return;
    if (after.trouble === null || after.trouble.at === before.trouble?.at) throw error;
    await onDone(after, what, error);
  }
}
