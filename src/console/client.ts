import type { Decision, History, Latest, Overview, Session } from './api.ts';

/** What the service takes as a sign that one of its own pages sends a request that changes something. */
const SAFETY_HEADER = { 'corridor-request': '1' };
const TIMEOUT_MS = 15_000;

/** Why there is no answer; each has a page state of its own. */
export type FailureKind =
  | 'offline'
  | 'slow'
  | 'signed_out'
  | 'forbidden'
  | 'not_found'
  | 'busy'
  | 'set_aside'
  | 'error';

/** One thing wrong with what was asked; of rules with its place, of a node with its name. */
export interface Fault {
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly node?: string;
}

export class ClientError extends Error {
  readonly kind: FailureKind;
  /** To be told to whoever looks after the service; null where there was no answer. */
  readonly request: string | null;
  /** Of the service's table of errors. */
  readonly code: string | null;
  readonly faults: readonly Fault[];

  constructor(kind: FailureKind, message: string, request: string | null = null, problem: Problem = {}) {
    super(message);
    this.name = 'ClientError';
    this.kind = kind;
    this.request = request;
    this.code = problem.code ?? null;
    this.faults = problem.faults ?? [];
  }
}

interface Problem {
  readonly title?: string;
  readonly detail?: string;
  readonly code?: string;
  readonly instance?: string;
  readonly faults?: readonly Fault[];
}

export interface DeclarationAddress {
  readonly id: string;
  /** Whose it is; null: one's own. */
  readonly submitter: string | null;
  /** Null: the latest. */
  readonly version: number | null;
}

/** Names of corridors, with commas, and an office; empty: all. */
export type LatestFilter = Readonly<Record<'corridor' | 'office', string>>;

/** What the console asks the service. Every method throws ClientError. */
export const client = {
  session: (signal?: AbortSignal) => get<Session>('/auth/session', signal),
  signOut: () => send<unknown>('/auth/sign-out', { method: 'POST' }),
  overview: (signal?: AbortSignal) => get<Overview>('/v1/overview', signal),
  latest: (filter: LatestFilter, signal?: AbortSignal) => get<Latest>(`/v1/decisions/latest${query(filter)}`, signal),
  history: ({ id, submitter }: DeclarationAddress, signal?: AbortSignal) =>
    get<History>(`/v1/declarations/${encodeURIComponent(id)}${query({ submitter })}`, signal),
  decision: ({ id, submitter, version }: DeclarationAddress, signal?: AbortSignal) =>
    get<Decision>(`/v1/declarations/${encodeURIComponent(id)}/decision${query({ submitter, version })}`, signal),
};

/** `?a=1&b=2` of what is not null. */
export function query(values: Readonly<Record<string, string | number | null>>): string {
  const given = Object.entries(values).filter(([, value]) => value !== null && value !== '');
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text === '' ? '' : `?${text}`;
}

export function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return send<T>(path, signal === undefined ? {} : { signal });
}

/** @throws ClientError */
export async function send<T>(path: string, { signal, ...rest }: RequestInit): Promise<T> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const both = signal ? AbortSignal.any([signal, timeout]) : timeout;
  try {
    const isChange = rest.method !== undefined && rest.method !== 'GET';
    const headers = { accept: 'application/json', ...(isChange ? SAFETY_HEADER : {}), ...rest.headers };
    const response = await fetch(path, {
      ...rest,
      headers,
      signal: both,
      credentials: 'same-origin',
      cache: 'no-store',
    });
    if (!response.ok) throw await failureOf(response);
    if (response.status === 204) return null as T;
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return (isJson ? await response.json() : await response.text()) as T;
  } catch (error) {
    if (error instanceof ClientError || signal?.aborted) throw error;
    throw new ClientError(timeout.aborted ? 'slow' : error instanceof SyntaxError ? 'error' : 'offline', String(error));
  }
}

async function failureOf(response: Response): Promise<ClientError> {
  const problem = (await response.json().catch(() => ({}))) as Problem;
  const request = problem.instance?.split(':').at(-1) ?? response.headers.get('x-request-id');
  const message = problem.detail ?? problem.title ?? '';
  return new ClientError(kindOf(response.status, problem.code), message, request, problem);
}

function kindOf(status: number, code: string | undefined): FailureKind {
  if (code === 'quarantined') return 'set_aside';
  if (status === 401) return 'signed_out';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not_found';
  return status === 429 || status === 503 ? 'busy' : 'error';
}
