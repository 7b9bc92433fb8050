import type { Instant } from '../core/declaration.ts';
import type { PolicyBundle } from '../profiles/bundle.ts';
import type { ShareEntry, VersionSource } from '../wire/envelope.ts';

/** Who made a version of the policy, from what and why. Never changed; an activation is an event of its own. */
export interface VersionOrigin {
  readonly source: VersionSource;
  /** Version that it was made from; null for the first. */
  readonly parent: string | null;
  /** Subjects of everyone who edited it. */
  readonly authors: readonly string[];
  /** Null where nobody had to approve. */
  readonly approver: string | null;
  readonly reason: string;
  /** Draft that it was published from. */
  readonly draft: string | null;
}

export interface PolicyVersion extends VersionOrigin {
  /** Label and digest of the bundle: equal bundles are one version. */
  readonly version: string;
  readonly savedAt: Instant;
}

/** Why a node does not take a version. */
export interface Refusal {
  readonly node: string;
  /** File, line and column where known, and what is wrong there. */
  readonly problems: readonly string[];
}

export type ActivationResult =
  | { readonly activated: true; readonly version: string }
  /** Nothing has changed anywhere. */
  | { readonly activated: false; readonly version: string; readonly refusals: readonly Refusal[] };

export interface ActivationEvent {
  readonly version: string;
  readonly at: Instant;
  readonly by: string;
  readonly reason: string;
  /** Decides a share of the declarations beside it. */
  readonly challenger: ShareEntry | null;
}

/** Where on the stream POLICY a version is kept. Labels may hold points, which part subjects; the digest is enough. */
export function savedSubject(version: string): string {
  return `policy.saved.${version.slice(version.lastIndexOf('-') + 1)}`;
}

/** Port: the versions of the policy, as every node knows them. */
export interface PolicyVersions {
  /** Null where none has been activated. */
  active(): ActivationEvent | null;
  /** The newest first. */
  activations(): readonly ActivationEvent[];
  list(): readonly PolicyVersion[];
  bundle(version: string): Promise<PolicyBundle | null>;
  /** Keeps a version for good; the same bundle again is the version of before. Compiles nothing. */
  save(bundle: PolicyBundle, origin: VersionOrigin): Promise<PolicyVersion>;
  /**
   * Prepares it on every live node, then has all of them decide by it; an older version is a rollback. A challenger goes
   * on where the new version changes lists alone, with the same changes; otherwise its share ends.
   * @param over Version that it was made to replace.
   * @throws CorridorError `changed_meanwhile` where another one than `over` is active by now, or is being activated.
   */
  activate(version: string, by: string, reason: string, over?: string): Promise<ActivationResult>;
  /**
   * Has a version decide so many percent of the declarations beside the active one, or more than it does; 100: all.
   * Prepared like any activation. @throws CorridorError `wrong_state` where it would be less, or another has a share.
   */
  share(version: string, percent: number, by: string, reason: string): Promise<ActivationResult>;
  /** The active version decides everything again. @throws CorridorError `not_found` where it does. */
  endShare(by: string, reason: string): Promise<ActivationResult>;
  /** Resolves when everything is known that had been said anywhere at the time of the call. */
  caughtUp(): Promise<void>;
}
