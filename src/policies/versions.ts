import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CorridorError } from '../errors.ts';
import { PREPARE_WITHIN_MS } from '../limits.ts';
import { bundleVersion, type PolicyBundle, packBundle, unpackBundle } from '../profiles/bundle.ts';
import { buildPolicy } from '../profiles/policy.ts';
import { PolicyError, problemTexts } from '../profiles/problems.ts';
import { runVectors } from '../profiles/vectors.ts';
import { EntryStores } from '../state/entry-store.ts';
import { Replica } from '../stream/replica.ts';
import { open, type PolicyEntry, type PolicyVersionEntry, type ShareEntry, seal } from '../wire/envelope.ts';
import { Proposals, type ProposalsDeps } from './proposals.ts';
import { carriedOver } from './share.ts';
import {
  type ActivationEvent,
  type ActivationResult,
  type PolicyVersion,
  type PolicyVersions,
  savedSubject,
  type VersionOrigin,
} from './version.ts';

export interface VersionsDeps extends ProposalsDeps {
  readonly dataDir: string;
  readonly now?: () => number;
}

const ACTIVATED = 'policy.activated';
const SEEN_MS = 20;

/**
 * The versions of the policy and their activations, as every node with a ledger keeps them.
 *
 *   save ─► policy.saved.<digest>        once each
 *   activate ─► policy.proposed          every live engine prepares it and says so
 *               policy.activated         numbered; every engine decides by the newest
 */
export class Versions implements PolicyVersions {
  readonly #deps: VersionsDeps;
  readonly #now: () => number;
  readonly #stores: EntryStores;
  readonly #proposals: Proposals;
  #versions!: Replica<PolicyVersionEntry, PolicyVersion>;
  #activations!: Replica<PolicyEntry, NumberedActivation>;

  private constructor(deps: VersionsDeps) {
    this.#deps = deps;
    this.#now = deps.now ?? Date.now;
    this.#stores = new EntryStores(join(deps.dataDir, 'policies'));
    this.#proposals = new Proposals(deps);
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
      subjectOf: ({ version }) => savedSubject(version),
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
      held: ({ version, number = 0, at = 0, by = '', reason = '', origin = 'folder', challenger = null }) => {
        return { version, number, at, by, reason, origin, challenger: challenger && shareOf(challenger) };
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
    return this.#newest();
  }

  /** Whether folders of rules no longer count. */
  governed(): boolean {
    return this.#newest()?.origin === 'console';
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
    const entry = this.#mustRead(version);
    const newest = this.#newest();
    if (newest?.version === version) return { activated: true, version };
    if (over !== undefined && newest?.version !== over) {
      throw new CorridorError('changed_meanwhile', 'Another version has been activated meanwhile');
    }
    const challenger = newest === null ? null : await this.#carriedOver(newest, entry, by, reason);
    return this.#decideBy(entry, challenger, by, reason);
  }

  async share(version: string, percent: number, by: string, reason: string): Promise<ActivationResult> {
    this.#mustRead(version);
    const newest = this.#newest();
    if (newest === null) throw new CorridorError('not_ready', 'No policy is active yet');
    const { challenger } = newest;
    if (newest.version === version) refuse('This version decides everything already');
    if (challenger !== null && challenger.version !== version) {
      refuse(`The version ${challenger.version} has a share; end that first`);
    }
    if (challenger !== null && percent < challenger.percent) refuse('A share only grows; end it, then begin anew');
    if (challenger?.percent === percent) return { activated: true, version };
    if (percent >= 100) return this.activate(version, by, reason);
    const { launch = randomBytes(8).toString('hex') } = challenger ?? {};
    return this.#decideBy(this.#mustRead(newest.version), { version, percent, launch }, by, reason);
  }

  async endShare(by: string, reason: string): Promise<ActivationResult> {
    const newest = this.#newest();
    if (newest === null || newest.challenger === null) throw new CorridorError('not_found', 'No version has a share');
    return this.#decideBy(this.#mustRead(newest.version), null, by, reason);
  }

  #newest(): NumberedActivation | null {
    return this.#activations.all().at(-1) ?? null;
  }

  #mustRead(version: string): PolicyVersionEntry {
    const entry = this.#versions.read(version);
    if (entry === null) throw new CorridorError('not_found', 'There is no such version of the policy');
    return entry;
  }

  async #carriedOver(
    { version, challenger }: NumberedActivation,
    next: PolicyVersionEntry,
    by: string,
    reason: string,
  ): Promise<ShareEntry | null> {
    if (challenger === null || challenger.version === next.version) return null;
    const [before, after] = [this.#mustRead(version), next].map(({ bundle }) => unpackBundle(bundle));
    const parent = challenger.version;
    const carried = carriedOver(
      before as PolicyBundle,
      after as PolicyBundle,
      unpackBundle(this.#mustRead(parent).bundle),
    );
    if (carried === null) return null;
    const origin = { source: 'lists', parent, authors: [by], approver: null, reason, draft: null } as const;
    return { ...challenger, version: (await this.save(carried, origin)).version };
  }

  /** Both phases: see proposals.ts. */
  async #decideBy(
    { version, bundle }: PolicyVersionEntry,
    share: ShareEntry | null,
    by: string,
    reason: string,
  ): Promise<ActivationResult> {
    const { conn, leases } = this.#deps;
    const challenger = share && { ...share, bundle: this.#mustRead(share.version).bundle };
    if (!leases.live().some(({ active }) => active !== null)) {
      const problems = [bundle, ...(challenger === null ? [] : [challenger.bundle])].flatMap(problemsOf);
      if (problems.length > 0) return { activated: false, version, refusals: [{ node: conn.name, problems }] };
    }
    const number = (this.#newest()?.number ?? 0) + 1;
    const refusals = await this.#proposals
      .run({ number, version, challenger: share, by }, () =>
        this.#activations.put({ version, bundle, number, origin: 'console', by, reason, at: this.#now(), challenger }),
      )
      .catch(async (error: unknown) => {
        if (error instanceof CorridorError && error.code === 'changed_meanwhile') await this.#seen(number);
        throw error;
      });
    return refusals.length > 0 ? { activated: false, version, refusals } : { activated: true, version };
  }

  /** Whoever was first is known here then, so that whoever tries again does so on top of it; or it came to nothing. */
  async #seen(number: number): Promise<void> {
    const until = Date.now() + PREPARE_WITHIN_MS;
    for (let looks = 1; (this.#newest()?.number ?? 0) < number && Date.now() < until; looks++) {
      // Mostly it comes: the broker is not asked each time.
      if (looks % 10 === 0 && !(await this.#proposals.isUnderWay(number).catch(() => true))) return;
      await delay(SEEN_MS);
    }
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

function shareOf({ version, percent, launch }: ShareEntry): ShareEntry {
  return { version, percent, launch };
}

/** With what an older message says about itself outside of its body. */
function readActivation(data: Uint8Array): PolicyEntry {
  const { at, by, body } = open(ACTIVATED, data);
  return { at, by, ...body };
}

/** Where nobody decides who could tell. */
function problemsOf(packed: Uint8Array): readonly string[] {
  try {
    const bundle = unpackBundle(packed);
    const failures = runVectors(bundle, buildPolicy(bundle));
    return failures.length > 0 ? problemTexts(new PolicyError(failures)) : [];
  } catch (error) {
    return problemTexts(error);
  }
}

function refuse(detail: string): never {
  throw new CorridorError('wrong_state', detail);
}
