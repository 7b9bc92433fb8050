import type { Condition } from '../criteria/ast.ts';
import type { Corridor, Measure } from './api.ts';
import { get, query, send } from './client.ts';
import type { BacktestReport } from './parts/backtest-report.tsx';

/** What the pages of rules ask the service. Instants are ISO 8601; persons are named by their subjects. */

export const DRAFT_STATES = [
  'draft',
  'in_review',
  'approved',
  'scheduled',
  'active',
  'rejected',
  'withdrawn',
  'retired',
] as const;
export type DraftState = (typeof DRAFT_STATES)[number];

export interface Decided {
  readonly by: string;
  readonly at: string;
  readonly decision: 'approved' | 'rejected';
  readonly comment: string;
}

export interface DraftBrief {
  readonly id: string;
  readonly title: string;
  readonly reason: string;
  readonly base: string;
  readonly revision: number;
  readonly authors: readonly string[];
  readonly state: DraftState;
  readonly changedAt: string;
  readonly changedBy: string;
  readonly files: readonly string[];
  readonly comments: number;
  readonly review: Decided | null;
  readonly launch: {
    readonly activateAt: string | null;
    readonly expireAt: string | null;
    readonly offices: readonly string[];
    readonly regimes: readonly string[];
    readonly percent: number;
  };
  readonly schedule: { readonly activateAt: string; readonly expireAt: string | null; readonly by: string } | null;
  readonly emergency: {
    readonly by: string;
    readonly at: string;
    readonly reason: string;
    readonly review: Decided | null;
  } | null;
  /** An emergency that nobody has looked at yet. */
  readonly awaitsReview: boolean;
  readonly proposedRollback: string | null;
  readonly publication: {
    readonly version: string;
    readonly at: string;
    readonly by: string;
    readonly percent: number;
  } | null;
  readonly trouble: { readonly at: string; readonly text: readonly string[] } | null;
}

export interface DraftInFull extends DraftBrief {
  readonly changes: readonly { readonly file: string; readonly kind: string; readonly text: string | null }[];
  /** Another version is active than the one that it was made from. */
  readonly behind: boolean;
  readonly conflicts: readonly { readonly file: string }[];
  readonly steps: readonly {
    readonly revision: number;
    readonly at: string;
    readonly by: string;
    readonly did: string;
    readonly file: string | null;
  }[];
  readonly discussion: readonly { readonly at: string; readonly by: string; readonly text: string }[];
}

export interface PlacedProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface Check {
  readonly problems: readonly PlacedProblem[];
  readonly failures: readonly PlacedProblem[];
}

export interface Setting {
  readonly name: string;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly outline?: { readonly before: readonly string[]; readonly after: readonly string[] };
}

export interface Change {
  readonly file: string;
  readonly kind: 'added' | 'removed' | 'changed';
  readonly settings: readonly Setting[];
}

export interface Diff {
  readonly before: string | null;
  readonly changes: readonly Change[];
}

export interface PolicyVersion {
  readonly version: string;
  readonly savedAt?: string;
  readonly source?: string;
  readonly parent?: string | null;
  readonly authors?: readonly string[];
  readonly approver?: string | null;
  readonly reason?: string;
  readonly draft?: string | null;
  readonly active?: boolean;
  readonly emergency?: boolean;
}

export interface Activation {
  readonly version: string;
  readonly at: string;
  readonly by: string;
  readonly reason: string;
}

export interface Versions {
  readonly active: string | null;
  readonly versions: readonly PolicyVersion[];
  readonly activations: readonly Activation[];
}

export interface PolicyInFull extends PolicyVersion {
  readonly activations: readonly Activation[];
  readonly files: readonly string[];
}

export interface NodeLease {
  readonly node: string;
  readonly active: string | null;
  readonly since: string;
  readonly contactAt: string;
}

export interface Nodes {
  readonly active: string | null;
  readonly share: { readonly version: string; readonly percent: number } | null;
  readonly nodes: readonly NodeLease[];
}

export interface ProfileBrief {
  readonly id: string;
  readonly title: string;
  readonly target: string;
  readonly corridor: Corridor;
  readonly weight: number;
  readonly mandatory: boolean;
  readonly percentage: number;
  readonly owner: string | null;
  readonly level: string;
}

export interface ProfileInFull {
  readonly version: string;
  readonly profile: ProfileBrief & {
    readonly documentation: Readonly<Record<string, string>>;
    readonly measures: readonly Measure[];
    readonly scope: Readonly<Record<string, unknown>>;
    readonly when: string;
    readonly unless: string | null;
    readonly onError: string;
    readonly tests: readonly { readonly name: string; readonly hits: boolean }[];
  };
  readonly text: string;
  readonly criteria: { readonly when: Condition | null; readonly unless: Condition | null };
}

export interface Backtest {
  readonly id: string;
  readonly draft: string | null;
  readonly state: string;
  readonly error: string | null;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly progress: { readonly step: string; readonly done: number; readonly of: number | null } | null;
  readonly result?: BacktestReport | null;
}

export type Cells = Readonly<Record<string, string>>;

export interface Column {
  readonly name: string;
  readonly type: string | null;
  readonly key: boolean;
}

export interface ListBrief {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly rows: number;
}

export interface ListRow {
  readonly cells: Cells;
  readonly state: 'holds' | 'ahead' | 'over';
}

export interface ListPage {
  readonly digest: string;
  readonly columns: readonly Column[];
  readonly version: string;
  readonly total: number;
  readonly skip: number;
  readonly rows: readonly ListRow[];
}

export interface Upload {
  readonly added: { readonly rows: readonly Cells[]; readonly total: number };
  readonly removed: { readonly rows: readonly Cells[]; readonly total: number };
  readonly same: number;
  readonly problems: readonly PlacedProblem[];
}

export interface Migrated {
  readonly draft: string | null;
  readonly report: {
    readonly read: readonly {
      readonly id: string;
      readonly title: string;
      readonly line: number;
      readonly tests: number;
    }[];
    readonly remarks: readonly {
      readonly kind: 'refused' | 'noted';
      readonly line: number;
      readonly column: number;
      readonly message: string;
    }[];
  };
}

const at = encodeURIComponent;

function sendJson<T>(method: string, path: string, body: unknown, revision?: number): Promise<T> {
  const condition = revision === undefined ? {} : { 'if-match': `"${revision}"` };
  return send<T>(path, {
    method,
    ...(body === undefined
      ? { headers: condition }
      : { body: JSON.stringify(body), headers: { ...condition, 'content-type': 'application/json' } }),
  });
}

/** Every method throws ClientError. `revision`: of the draft that was looked at. */
export const rules = {
  profiles: (signal?: AbortSignal) =>
    get<{ version: string; profiles: readonly ProfileBrief[] }>('/v1/profiles', signal),
  profile: (id: string, signal?: AbortSignal) => get<ProfileInFull>(`/v1/profiles/${at(id)}`, signal),
  drafts: (signal?: AbortSignal) => get<{ drafts: readonly DraftBrief[] }>('/v1/drafts', signal),
  draft: (id: string, signal?: AbortSignal) => get<DraftInFull>(`/v1/drafts/${at(id)}`, signal),
  draftCheck: (id: string, signal?: AbortSignal) => get<Check>(`/v1/drafts/${at(id)}/check`, signal),
  draftDiff: (id: string, signal?: AbortSignal) => get<Diff>(`/v1/drafts/${at(id)}/diff`, signal),
  newDraft: (body: { title: string; reason: string }) => sendJson<DraftInFull>('POST', '/v1/drafts', body),
  deleteDraft: (id: string, revision: number) => sendJson<null>('DELETE', `/v1/drafts/${at(id)}`, undefined, revision),
  move: (id: string, move: string, revision: number, body?: unknown) =>
    sendJson<DraftInFull>('POST', `/v1/drafts/${at(id)}/${move}`, body, revision),
  policies: (signal?: AbortSignal) => get<Versions>('/v1/policies', signal),
  policy: (version: string, signal?: AbortSignal) => get<PolicyInFull>(`/v1/policies/${at(version)}`, signal),
  policyDiff: (version: string, against: string | null, signal?: AbortSignal) =>
    get<Diff>(`/v1/policies/${at(version)}/diff${query({ against })}`, signal),
  activate: (version: string, reason: string) =>
    sendJson<unknown>('POST', `/v1/policies/${at(version)}/activate`, { reason }),
  backtests: (signal?: AbortSignal) => get<{ backtests: readonly Backtest[] }>('/v1/backtests', signal),
  backtest: (id: string, signal?: AbortSignal) => get<Backtest>(`/v1/backtests/${at(id)}`, signal),
  startBacktest: (body: object) => sendJson<Backtest>('POST', '/v1/backtests', body),
  cancelBacktest: (id: string) => sendJson<null>('DELETE', `/v1/backtests/${at(id)}`, undefined),
  nodes: (signal?: AbortSignal) => get<Nodes>('/v1/nodes', signal),
  share: (version: string, percent: number, reason: string) =>
    sendJson<unknown>('POST', `/v1/policies/${at(version)}/share`, { percent, reason }),
  endShare: () => sendJson<unknown>('DELETE', '/v1/share', undefined),
  lists: (signal?: AbortSignal) => get<{ lists: readonly ListBrief[] }>('/v1/lists', signal),
  list: (name: string, page: { q: string; skip: number; take: number }, signal?: AbortSignal) =>
    get<ListPage>(`/v1/lists/${at(name)}${query(page)}`, signal),
  addRow: (name: string, body: object) => sendJson<unknown>('POST', `/v1/lists/${at(name)}/rows`, body),
  removeRow: (name: string, cells: Cells, reason: string) =>
    sendJson<unknown>('DELETE', `/v1/lists/${at(name)}/rows`, { rows: [cells], reason }),
  upload: (name: string, text: string, how: { dryRun?: number; reason?: string }) =>
    send<Upload>(`/v1/lists/${at(name)}${query({ dryRun: how.dryRun ?? null, reason: how.reason ?? null })}`, {
      method: 'PUT',
      body: text,
      headers: { 'content-type': 'text/csv' },
    }),
  migrate: (body: object) => sendJson<Migrated>('POST', '/v1/migrations', body),
};
