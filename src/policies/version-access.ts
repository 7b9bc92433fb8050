import { setTimeout as delay } from 'node:timers/promises';
import { CorridorError } from '../errors.ts';
import { ACTIVATION_ATTEMPTS_MAX } from '../limits.ts';
import { type PolicyBundle, withFiles } from '../profiles/bundle.ts';
import type { Changes } from './draft.ts';
import { notActivated } from './problems.ts';
import type { ActivationEvent, PolicyVersions, VersionOrigin } from './version.ts';

/** @throws CorridorError `not_ready` */
export function mustBeActive(versions: PolicyVersions): ActivationEvent {
  const active = versions.active();
  if (active === null) throw new CorridorError('not_ready', 'No policy is active yet');
  return active;
}

/** @throws CorridorError `not_found` */
export async function mustBundle(versions: PolicyVersions, version: string): Promise<PolicyBundle> {
  const bundle = await versions.bundle(version);
  if (bundle === null) throw new CorridorError('not_found', `There is no version ${version} of the policy`);
  return bundle;
}

const PAUSE_MS = 200;

/**
 * Does something on top of the active version: again where another one becomes active meanwhile, or is just being
 * activated, for one at a time is.
 * @throws what `act` throws; CorridorError `changed_meanwhile` where that goes on.
 */
export async function onActive<T>(
  versions: PolicyVersions,
  act: (bundle: PolicyBundle, version: string) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    await versions.caughtUp();
    const { version } = mustBeActive(versions);
    try {
      return await act(await mustBundle(versions, version), version);
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error;
      if (attempt >= ACTIVATION_ATTEMPTS_MAX) throw error.cause;
      await delay(PAUSE_MS * (0.5 + Math.random()));
    }
  }
}

/** Another activation was first. */
class Overtaken extends Error {}

async function overtakable<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    if (!(cause instanceof CorridorError) || cause.code !== 'changed_meanwhile') throw cause;
    throw new Overtaken('another activation was first', { cause });
  }
}

/**
 * For `onActive`: keeps a version that was made from `over`, and has it decide; `percent` below 100: a share.
 * @returns the version. @throws CorridorError `not_activated`
 */
export async function decideBy(
  versions: PolicyVersions,
  bundle: PolicyBundle,
  origin: VersionOrigin & { readonly parent: string },
  by: string,
  percent = 100,
): Promise<string> {
  const { reason, parent } = origin;
  const { version } = await overtakable(() => versions.save(bundle, origin));
  const result = await overtakable(() =>
    percent < 100 ? versions.share(version, percent, by, reason) : versions.activate(version, by, reason, parent),
  );
  if (!result.activated) throw notActivated(result.refusals);
  return version;
}

/**
 * Whoever activates a version by its name alone gives no approval: it has one, or has decided before. One that was
 * kept and then refused (an emergency, a list) has neither.
 * @throws CorridorError `not_found`, `wrong_state`
 */
export function mustBeApproved(versions: PolicyVersions, version: string): void {
  const known = versions.list().find((each) => each.version === version);
  if (known === undefined) throw new CorridorError('not_found', `There is no version ${version} of the policy`);
  const hasDecided = versions
    .activations()
    .some((each) => each.version === version || each.challenger?.version === version);
  if (known.approver !== null || hasDecided) return;
  throw new CorridorError('wrong_state', 'Nobody has approved this version, and it has never decided');
}

/** @throws CorridorError `invalid_request` where names or sizes of files are out of bounds. */
export function changed(bundle: PolicyBundle, changes: Changes): PolicyBundle {
  try {
    return withFiles(bundle, changes);
  } catch (cause) {
    throw new CorridorError('invalid_request', cause instanceof Error ? cause.message : 'not a policy', { cause });
  }
}

/** For `onActive`: the active version decides everything again. @returns it. @throws CorridorError `not_activated` */
export async function endShare(versions: PolicyVersions, by: string, reason: string): Promise<string> {
  const result = await overtakable(() => versions.endShare(by, reason));
  if (!result.activated) throw notActivated(result.refusals);
  return result.version;
}

/** Whether a version is this one, but for changes of lists since. */
export function isFrom(versions: PolicyVersions, version: string, origin: string): boolean {
  const known = new Map(versions.list().map((each) => [each.version, each]));
  let at = known.get(version);
  while (at !== undefined && at.version !== origin && at.source === 'lists') at = known.get(at.parent ?? '');
  return version === origin || at?.version === origin;
}
