import { get, query, send } from './client.ts';
import type { BacktestReport } from './parts/backtest-report.tsx';

export const TRIAL_KINDS = ['backtest', 'shadow', 'share'] as const;

/** A trial of a policy: on history, beside what comes in, or on a share of it. */
export interface Trial {
  readonly id: string;
  readonly kind: (typeof TRIAL_KINDS)[number];
  readonly title: string;
  /** Versions: what is tried, beside what. */
  readonly candidate: string;
  readonly base: string;
  readonly draft: string | null;
  readonly by: string;
  readonly node: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly state: string;
  readonly error: string | null;
}

export interface TrialInFull extends Trial {
  /** Of a backtest or shadow a report, of a share a contest; null while there is none. */
  readonly result: BacktestReport | Contest | null;
}

export interface Contest {
  readonly percent: number;
  readonly champion: Side;
  readonly challenger: Side;
  readonly controlRate: Difference | null;
  readonly hitRate: Difference | null;
}

interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface Side {
  readonly version: string;
  readonly declarations: number;
  readonly controls: number;
  readonly labelled: number;
  readonly findings: number;
  readonly controlInterval: Interval | null;
  readonly hitInterval: Interval | null;
}

/** Challenger less champion, from −1 to 1, and the two-sided p of the test. */
export interface Difference {
  readonly difference: number;
  readonly p: number;
}

/** How far one that runs here has come. */
export interface Progress {
  readonly step?: string;
  readonly done?: number;
  readonly of?: number | null;
  readonly declarations?: number;
}

interface Running {
  readonly id: string;
  readonly progress: Progress | null;
}

const at = encodeURIComponent;
const json = (body: object): RequestInit => ({
  ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
  body: JSON.stringify(body),
});

/** Every method throws ClientError. */
export const trials = {
  list: (signal?: AbortSignal) => get<{ applications: readonly Trial[] }>('/v1/applications', signal),
  one: (id: string, signal?: AbortSignal) => get<TrialInFull>(`/v1/applications/${at(id)}`, signal),
  compare: (a: string, b: string, signal?: AbortSignal) =>
    get<{ a: TrialInFull; b: TrialInFull }>(`/v1/applications/compare${query({ a, b })}`, signal),
  share: (signal?: AbortSignal) => get<Contest & { since: string }>('/v1/share/comparison', signal),
  async progress(signal?: AbortSignal): Promise<ReadonlyMap<string, Progress>> {
    const [{ backtests }, { shadows }] = await Promise.all([
      get<{ backtests: readonly Running[] }>('/v1/backtests', signal),
      get<{ shadows: readonly Running[] }>('/v1/shadows', signal),
    ]);
    return new Map([...backtests, ...shadows].flatMap(({ id, progress }) => (progress ? [[id, progress]] : [])));
  },
  backtest: (body: object) => send<{ readonly id: string }>('/v1/backtests', json(body)),
  shadow: (body: object) => send<{ readonly id: string }>('/v1/shadows', json(body)),
  end: ({ id, kind }: Trial) => send<null>(`/v1/${kind}s/${at(id)}`, { method: 'DELETE' }),
};
