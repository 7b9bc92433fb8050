import { join } from 'node:path';
import { CorridorError } from '../errors.ts';
import { bundleVersion, type PolicyBundle, packBundle, unpackBundle } from '../profiles/bundle.ts';
import { buildPolicy } from '../profiles/policy.ts';
import { PolicyError } from '../profiles/problems.ts';
import { EntryStores } from '../state/entry-store.ts';
import type { StreamConnection } from '../stream/connection.ts';
import { Replica } from '../stream/replica.ts';
import { open, type PolicyEntry, type PolicyVersionEntry, seal } from '../wire/envelope.ts';
import type { ActivationEvent, ActivationResult, PolicyVersion, PolicyVersions, VersionOrigin } from './version.ts';

export interface VersionsDeps {
  readonly conn: StreamConnection;
  readonly dataDir: string;
  readonly onError: (error: unknown) => void;
  readonly now?: () => number;
}

const ACTIVATED = 'policy.activated';

/**
 * The versions of the policy and their activations, as every node with a ledger keeps them.
 *
 *   save ─► policy.saved.<digest>        once each
 *   activate ─► policy.activated         numbered; every engine decides by the newest
 */
export class Versions implements PolicyVersions {
  readonly #deps: VersionsDeps;
  readonly #now: () => number;
  readonly #stores: EntryStores;
  #versions!: Replica<PolicyVersionEntry, PolicyVersion>;
  #activations!: Replica<PolicyEntry, NumberedActivation>;

  private constructor(deps: VersionsDeps) {
    this.#deps = deps;
    this.#now = deps.now ?? Date.now;
    this.#stores = new EntryStores(join(deps.dataDir, 'policies'));
  }

  /** Resolves when everything that the stream holds is known. */
  static async start(deps: VersionsDeps): Promise<Versions> {
    const versions = new Versions(deps);
    await versions.#follow();
    return versions;
  }

  async #follow(): Promise<void> {
    const { conn, onError } = this.#deps;
    this.#versions = await Replica.start<PolicyVersionEntry, PolicyVersion>({
      ...{ conn, onError, stream: 'POLICY', filter: 'policy.saved.*', store: this.#stores.of('versions') },
      subjectOf: ({ version }) => `policy.saved.${digestOf(version)}`,
      keyOf: ({ version }) => version,
      seal: (entry) => seal('policy.saved', conn.name, entry.savedAt, '', entry),
      open: (data) => open('policy.saved', data).body,
      revisionOf: () => 1,
      held: ({ bundle: _, ...version }) => version,
    });
    this.#activations = await Replica.start<PolicyEntry, NumberedActivation>({
      ...{ conn, onError, stream: 'POLICY', filter: ACTIVATED, store: this.#stores.of('activations') },
      subjectOf: () => ACTIVATED,
      keyOf: ({ number = 0 }) => String(number).padStart(10, '0'),
      seal: (entry) => seal(ACTIVATED, entry.by ?? conn.name, entry.at ?? this.#now(), '', entry),
      open: (data) => readActivation(data),
      revisionOf: () => 1,
      held: ({ version, number = 0, at = 0, by = '', reason = '', origin = 'folder' }) => {
        return { version, number, at, by, reason, origin };
      },
      onTaken: (entry) => this.#keepFolders(entry),
    });
  }

  /** What a machine's folder of rules brought is a version like any other. */
  async #keepFolders({ version, bundle, origin, by = '', reason = '' }: PolicyEntry): Promise<void> {
    if (origin === 'console' || this.#versions.get(version) !== null) return;
    const savedAt = this.#now();
    const entry = { version, bundle, savedAt, source: 'folder', parent: null, authors: [by], approver: null } as const;
    // Every node tries; the first is the one that counts.
    await this.#versions.put({ ...entry, reason, draft: null }).catch(this.#deps.onError);
  }

  active(): ActivationEvent | null {
    return this.#activations.all().at(-1) ?? null;
  }

  /** Whether folders of rules no longer count. */
  governed(): boolean {
    return this.#activations.all().at(-1)?.origin === 'console';
  }

  activations(): readonly ActivationEvent[] {
    return this.#activations.all().reverse();
  }

  list(): readonly PolicyVersion[] {
    return this.#versions.all().sort((a, b) => b.savedAt - a.savedAt);
  }

  bundle(version: string): Promise<PolicyBundle | null> {
    const entry = this.#versions.read(version);
    return Promise.resolve(entry === null ? null : unpackBundle(entry.bundle));
  }

  async save(bundle: PolicyBundle, origin: VersionOrigin): Promise<PolicyVersion> {
    const version = bundleVersion(bundle);
    const known = this.#versions.get(version);
    if (known !== null) return known;
    const entry: PolicyVersion = { ...origin, version, savedAt: this.#now() };
    await this.#versions.put({ ...entry, bundle: packBundle(bundle) });
    return entry;
  }

  async activate(version: string, by: string, reason: string, over?: string): Promise<ActivationResult> {
    const entry = this.#versions.read(version);
    if (entry === null) throw new CorridorError('not_found', 'There is no such version of the policy');
    const newest = this.#activations.all().at(-1);
    if (newest?.version === version) return { activated: true, version };
    if (over !== undefined && newest?.version !== over) {
      throw new CorridorError('changed_meanwhile', 'Another version has been activated meanwhile');
    }
    const problems = problemsOf(unpackBundle(entry.bundle));
    if (problems.length > 0) {
      return { activated: false, version, refusals: [{ node: this.#deps.conn.name, problems }] };
    }
    const number = (newest?.number ?? 0) + 1;
    const told = { number, origin: 'console', by, reason, at: this.#now() } as const;
    await this.#activations.put({ version, bundle: entry.bundle, ...told });
    return { activated: true, version };
  }

  async caughtUp(): Promise<void> {
    await Promise.all([this.#versions.caughtUp(), this.#activations.caughtUp()]);
  }

  async stop(): Promise<void> {
    await Promise.all([this.#activations.stop(), this.#versions.stop()]);
    await this.#stores.close();
  }
}

interface NumberedActivation extends ActivationEvent {
  readonly number: number;
  readonly origin: 'folder' | 'console';
}

/** Labels may hold points, which part subjects; the digest alone tells versions apart. */
function digestOf(version: string): string {
  return version.slice(version.lastIndexOf('-') + 1);
}

/** With what an older message says about itself outside of its body. */
function readActivation(data: Uint8Array): PolicyEntry {
  const { at, by, body } = open(ACTIVATED, data);
  return { at, by, ...body };
}

function problemsOf(bundle: PolicyBundle): string[] {
  try {
    buildPolicy(bundle);
    return [];
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return error.problems.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`);
  }
}
