import { CorridorError } from '../errors.ts';
import {
  API_KEY_DAYS_MAX,
  API_KEYS_MAX,
  REVOCATIONS_MAX,
  REVOCATIONS_RESERVED,
  TOKEN_LIFETIME_MAX_MS,
} from '../limits.ts';
import type { StreamConnection } from '../stream/connection.ts';
import { publish } from '../stream/publish.ts';
import { purgeSubject } from '../stream/purge.ts';
import { type Tail, type TailMessage, tail } from '../stream/tail.ts';
import { type AccessEntry, type RevocationEntry, seal } from '../wire/envelope.ts';
import { keyOf, outranks, readEntry, subjectOf } from './access-entry.ts';
import { type KeyEntry, newKey, principalOfKey } from './api-keys.ts';
import type { DirectoryStore } from './directory-store.ts';
import type { Principal } from './principal.ts';

export interface DirectoryDeps {
  readonly conn: StreamConnection;
  readonly store: DirectoryStore;
  /** Whether this node may publish: one that decides only takes in what others say. */
  readonly tells: boolean;
  /** Somebody came with other roles, offices or party than the last time. */
  readonly onRolesChanged: (principal: Principal, before: string | null, after: string) => Promise<void>;
  readonly onError: (error: unknown) => void;
  readonly now?: () => number;
}

/** What a new key is to be. */
export interface KeyRequest {
  readonly name: string;
  readonly role: KeyEntry['role'];
  readonly scopes: readonly string[];
  readonly submitters: readonly string[];
  readonly days: number;
}

const DAY_MS = 86_400_000;
const PRUNE_EVERY_MS = 3_600_000;

/**
 * API keys and revocations: told to every node by the stream ACCESS, kept by each on its own disk as well. Nothing that
 * was revoked comes back, whatever the broker loses: what the stream lacks of what is kept here is published again.
 *
 *   create, revoke ─► ACCESS ─► tail of every node ─► store ─► memory ─► each request
 */
export class Directory {
  readonly #deps: DirectoryDeps;
  readonly #now: () => number;
  readonly #keys = new Map<string, { readonly entry: KeyEntry; readonly principal: Principal }>();
  readonly #revocations = new Map<string, RevocationEntry>();
  /** Keys of entries that the stream has shown since it was last followed from its beginning. */
  readonly #streamed = new Set<string>();
  #tail: Tail | null = null;
  #pruning: NodeJS.Timeout | undefined;

  private constructor(deps: DirectoryDeps) {
    this.#deps = deps;
    this.#now = deps.now ?? Date.now;
    for (const entry of deps.store.entries()) this.#remember(entry);
  }

  /** Resolves when everything that the stream holds is known. */
  static async start(deps: DirectoryDeps): Promise<Directory> {
    const directory = new Directory(deps);
    await directory.#follow();
    return directory;
  }

  async #follow(): Promise<void> {
    const { conn, onError } = this.#deps;
    this.#tail = tail(conn, 'ACCESS', 'access.>', null, (messages) => this.#apply(messages), {
      onError,
      onReset: () => {
        this.#streamed.clear();
        void this.#restore().catch(onError);
      },
    });
    await this.#restore();
    this.#pruning = setInterval(() => void this.prune().catch(onError), PRUNE_EVERY_MS);
    this.#pruning.unref();
  }

  /** Publishes what is kept here and the stream does not hold. */
  async #restore(): Promise<void> {
    await this.#tail?.caughtUp();
    if (!this.#deps.tells) return;
    for (const entry of this.#entries()) if (!this.#streamed.has(keyOf(entry))) await this.#publish(entry);
  }

  async #apply(messages: readonly TailMessage[]): Promise<void> {
    for (const { data, sequence } of messages) {
      const entry = readEntry(data);
      if (entry === null) this.#deps.onError(new Error(`message ${sequence} of ACCESS cannot be read`));
      else await this.#take(entry);
    }
  }

  async #take(entry: AccessEntry): Promise<void> {
    const key = keyOf(entry);
    const before = entry.kind === 'key' ? this.#keys.get(entry.id)?.entry : this.#revocations.get(key);
    if (before !== undefined && !outranks(entry, before)) {
      // An older one on the stream is put right by what is kept here.
      if (outranks(before, entry) && this.#deps.tells) await this.#publish(before);
      else this.#streamed.add(key);
      return;
    }
    this.#streamed.add(key);
    await this.#deps.store.put(key, entry);
    this.#remember(entry);
  }

  #entries(): AccessEntry[] {
    return [...[...this.#keys.values()].map(({ entry }) => entry), ...this.#revocations.values()];
  }

  #remember(entry: AccessEntry): void {
    if (entry.kind === 'key') this.#keys.set(entry.id, { entry, principal: principalOfKey(entry) });
    else this.#revocations.set(keyOf(entry), entry);
  }

  async #publish(entry: AccessEntry): Promise<void> {
    const { conn } = this.#deps;
    await publish(conn, subjectOf(entry), seal('access.changed', conn.name, this.#now(), '', entry));
  }

  /** Takes effect here when this resolves, elsewhere within a moment. @throws CorridorError */
  async #change(entry: AccessEntry): Promise<void> {
    await this.#publish(entry);
    await this.#take(entry);
  }

  key(id: string): { readonly entry: KeyEntry; readonly principal: Principal } | undefined {
    return this.#keys.get(id);
  }

  keys(): KeyEntry[] {
    return [...this.#keys.values()].map(({ entry }) => entry).sort((a, b) => b.createdAt - a.createdAt);
  }

  revocations(): RevocationEntry[] {
    return [...this.#revocations.values()].sort((a, b) => b.at - a.at);
  }

  isRevoked({ subject, credential, issuedAt }: Principal): boolean {
    if (this.#revocations.size === 0) return false;
    if (this.#revocations.has(`token\n${credential}`)) return true;
    const all = this.#revocations.get(`subject\n${subject}`);
    return all !== undefined && issuedAt <= all.at;
  }

  /** @returns the key's entry, and its text, which is known to nobody else from here on. @throws CorridorError */
  async createKey(request: KeyRequest, by: string): Promise<{ readonly entry: KeyEntry; readonly text: string }> {
    const live = this.keys().filter(({ revokedAt, expiresAt }) => revokedAt === null && expiresAt > this.#now());
    if (live.length >= API_KEYS_MAX) throw new CorridorError('overloaded', `There are ${API_KEYS_MAX} keys at most`);
    const { id, hash, text } = newKey();
    const { name, role, scopes, submitters } = request;
    const createdAt = this.#now();
    const expiresAt = createdAt + Math.min(request.days, API_KEY_DAYS_MAX) * DAY_MS;
    const life = { createdAt, createdBy: by, expiresAt, revokedAt: null, revokedBy: null };
    const entry: KeyEntry = { kind: 'key', id, name, role, scopes, submitters, hash, ...life };
    await this.#change(entry);
    return { entry, text };
  }

  /** @throws CorridorError `not_found` */
  mustKey(id: string): KeyEntry {
    const known = this.#keys.get(id)?.entry;
    if (known === undefined) throw new CorridorError('not_found', 'There is no key with this id');
    return known;
  }

  /** @throws CorridorError `not_found` */
  async revokeKey(id: string, by: string): Promise<KeyEntry> {
    const known = this.mustKey(id);
    if (known.revokedAt !== null) return known;
    const entry = { ...known, revokedAt: this.#now(), revokedBy: by };
    await this.#change(entry);
    return entry;
  }

  /** An administrator's: from now on one token, or all that a subject has by now, are refused. @throws CorridorError */
  revoke(kind: RevocationEntry['kind'], value: string, reason: string, by: string): Promise<RevocationEntry> {
    const at = this.#now();
    return this.#refuse({ kind, value, at, until: at + TOKEN_LIFETIME_MAX_MS, by, reason }, REVOCATIONS_MAX);
  }

  /** One's own: this token is refused from now on, as long as it would have lived. @throws CorridorError */
  signOut({ credential: value, subject: by, expiresAt: until }: Principal): Promise<RevocationEntry> {
    const entry = { kind: 'token', value, at: this.#now(), until, by, reason: 'signed out' } as const;
    return this.#refuse(entry, REVOCATIONS_MAX - REVOCATIONS_RESERVED);
  }

  async #refuse(entry: RevocationEntry, max: number): Promise<RevocationEntry> {
    if (this.#revocations.size >= max) throw new CorridorError('overloaded', 'Too many revocations');
    await this.#change(entry);
    return entry;
  }

  /** Notices who comes with other rights than the last time: roles are given elsewhere, by the identity provider. */
  async seen(principal: Principal): Promise<void> {
    const { store, onRolesChanged } = this.#deps;
    const { subject, roles, offices, party } = principal;
    const after = JSON.stringify({ roles, offices, party });
    const before = store.subject(subject);
    if (before === after) return;
    await onRolesChanged(principal, before, after);
    await store.putSubject(subject, after);
  }

  /** Forgets revocations of what has expired by itself, and keys that ended long ago. Called every hour. */
  async prune(): Promise<void> {
    for (const entry of this.#entries().filter((each) => keptUntil(each) <= this.#now())) {
      const key = keyOf(entry);
      if (this.#deps.tells) await purgeSubject(this.#deps.conn, 'ACCESS', subjectOf(entry));
      await this.#deps.store.remove(key);
      if (entry.kind === 'key') this.#keys.delete(entry.id);
      else this.#revocations.delete(key);
      this.#streamed.delete(key);
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#pruning);
    await this.#tail?.stop();
    await this.#deps.store.close();
  }
}

/** A key stays to be looked up for as long as it may have lived: by then a revoked one has expired as well. */
function keptUntil(entry: AccessEntry): number {
  if (entry.kind !== 'key') return entry.until;
  return Math.min(entry.expiresAt, entry.revokedAt ?? Infinity) + API_KEY_DAYS_MAX * DAY_MS;
}
