import { createHash } from 'node:crypto';
import type { Instant } from '../core/declaration.ts';
import { CorridorError } from '../errors.ts';
import { SHARE_KEPT_MS, SHARE_ROUND_MS } from '../limits.ts';
import type { Application } from './applications.ts';
import { type Contest, contestOf, type Period, type VersionTallies } from './contest.ts';

/** What is read of an activation of a policy, by which a share begins, grows, or ends. */
export interface ShareActivation {
  readonly version: string;
  readonly at: Instant;
  readonly by: string;
  readonly reason: string;
  readonly challenger: { readonly version: string; readonly percent: number; readonly launch: string } | null;
}

/** A share of the declarations that a version was given, from its first percent to its end. */
export interface Launch {
  readonly launch: string;
  readonly began: Instant;
  /** Null: it goes on. */
  readonly ended: Instant | null;
  readonly by: string;
  readonly reason: string;
  /** The most that it had. */
  readonly percent: number;
  /** In their order: a change of lists alone makes another version of either side. */
  readonly champions: readonly string[];
  readonly challengers: readonly string[];
  /** The challenger decided everything afterwards. */
  readonly won: boolean;
}

/** @param activations The oldest first. @returns launches, the oldest first. */
export function launchesOf(activations: readonly ShareActivation[]): Launch[] {
  const launches: Launch[] = [];
  let open: Launch | null = null;
  for (const { version, at, by, reason, challenger } of activations) {
    if (open !== null && open.launch !== challenger?.launch) {
      launches.push({ ...open, ended: at, won: challenger === null && open.challengers.includes(version) });
      open = null;
    }
    if (challenger === null) continue;
    const { launch, percent }: NonNullable<ShareActivation['challenger']> = challenger;
    const before: Launch = open ?? {
      ...{ launch, by, reason, began: at, ended: null, won: false },
      ...{ percent, champions: [], challengers: [] },
    };
    const challengers: string[] = [...new Set([...before.challengers, challenger.version])];
    open = { ...before, percent, champions: [...new Set([...before.champions, version])], challengers };
  }
  return open === null ? launches : [...launches, open];
}

export interface SharesDeps {
  /** The newest first. */
  readonly activations: () => readonly ShareActivation[];
  readonly applications: {
    list(): readonly { readonly id: string; readonly state: Application['state'] }[];
    save(application: Application): Promise<void>;
  };
  /** What each version decided in a period, by the ledger of this node. */
  readonly count: (period: Period) => Promise<VersionTallies>;
  readonly node: string;
  readonly onError: (error: unknown) => void;
  readonly now: () => number;
}

/** Shares of versions, as trials of the policy: each is kept from its beginning, and with its result when it has ended. */
export class Shares {
  readonly #deps: SharesDeps;
  readonly #timer: NodeJS.Timeout;
  #round: Promise<void> = Promise.resolve();
  #latest: { readonly key: string; readonly at: number; readonly contest: Promise<Contest> } | null = null;

  constructor(deps: SharesDeps) {
    this.#deps = deps;
    this.#timer = setInterval(() => void this.keep(), SHARE_ROUND_MS);
    this.#timer.unref();
  }

  #launches(): Launch[] {
    return launchesOf(this.#deps.activations().toReversed());
  }

  /** Saves what has begun or ended since. */
  keep(): Promise<void> {
    this.#round = this.#round.then(() => this.#keep()).catch(this.#deps.onError);
    return this.#round;
  }

  async #keep(): Promise<void> {
    const { applications } = this.#deps;
    const kept = new Map(applications.list().map(({ id, state }) => [id, state]));
    for (const launch of this.#launches()) {
      const state = launch.ended === null ? 'running' : 'done';
      if (kept.get(this.#idOf(launch)) === state) continue;
      await applications.save(this.#applicationOf(launch, state === 'done' ? await this.#contest(launch) : null));
    }
  }

  /** Of this node: each counts what it decided itself. */
  #idOf({ launch }: Launch): string {
    return createHash('sha256').update(`${launch}\n${this.#deps.node}`).digest('hex').slice(0, 32);
  }

  #applicationOf(launch: Launch, contest: Contest | null): Application {
    const { began, ended, by, reason, percent, won } = launch;
    return {
      ...{ id: this.#idOf(launch), kind: 'share', title: reason, by, node: this.#deps.node, draft: null, error: null },
      ...{ candidate: launch.challengers.at(-1) ?? '', base: launch.champions.at(-1) ?? '' },
      ...{ startedAt: began, endedAt: ended, state: ended === null ? 'running' : 'done' },
      result: contest && { percent, won, ...contest },
    };
  }

  /** Champion against challenger since the share began; counted anew once in a while. @throws CorridorError `not_found` */
  async current(): Promise<Contest & { readonly since: Instant; readonly percent: number }> {
    const launch = this.#launches().at(-1);
    if (launch === undefined || launch.ended !== null) {
      throw new CorridorError('not_found', 'No version has a share');
    }
    return { since: launch.began, percent: launch.percent, ...(await this.#contest(launch)) };
  }

  #contest(launch: Launch): Promise<Contest> {
    const { count, now } = this.#deps;
    const { began, ended, champions, challengers } = launch;
    const key = JSON.stringify([launch.launch, ended, champions, challengers]);
    if (this.#latest?.key === key && now() - this.#latest.at < SHARE_KEPT_MS) return this.#latest.contest;
    const tallies = count({ since: began, until: ended ?? Number.POSITIVE_INFINITY });
    const contest = tallies.then((counted) => contestOf(counted, champions, challengers));
    this.#latest = { key, at: now(), contest };
    contest.catch(() => {
      this.#latest = null;
    });
    return contest;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#round;
  }
}
