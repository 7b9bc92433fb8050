import { CorridorError } from '../errors.ts';
import { type PolicyBundle, withFiles } from '../profiles/bundle.ts';
import type { Changes } from './draft.ts';
import type { ActivationEvent, PolicyVersions } from './version.ts';

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

/** @throws CorridorError `invalid_request` where names or sizes of files are out of bounds. */
export function changed(bundle: PolicyBundle, changes: Changes): PolicyBundle {
  try {
    return withFiles(bundle, changes);
  } catch (cause) {
    throw new CorridorError('invalid_request', cause instanceof Error ? cause.message : 'not a policy', { cause });
  }
}
