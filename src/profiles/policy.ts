import { OPEN_PLAN } from '../core/capacity.ts';
import type { Policy } from '../core/policy.ts';
import { bundleVersion, type PolicyBundle } from './bundle.ts';
import { COMPILER_VERSION as LANGUAGE_VERSION } from './cel/version.ts';
import { loadPolicy } from './load.ts';
import { PolicyError } from './problems.ts';
import { CompiledProfileSet } from './profile-set.ts';

/** Of everything between rules and decisions outside the core; changes whenever the same rules could decide otherwise. */
export const COMPILER_VERSION = `profiles-1+${LANGUAGE_VERSION}`;

/**
 * A policy that can decide, from its sources. `progress[0]` will hold the place (in `profiles`) of the profile being
 * evaluated, −1 outside of an evaluation. The policy belongs to the thread that built it.
 * @throws PolicyError with every problem of every file.
 */
export function buildPolicy(bundle: PolicyBundle, options: { readonly progress?: Int32Array } = {}): Policy {
  const { settings, exceptions, profiles, context } = loadPolicy(bundle);
  if (profiles.length === 0) {
    // An empty folder, or a wrong one, must not turn everything green.
    throw new PolicyError([{ file: 'profiles', line: 1, column: 1, message: 'at least one profile is expected' }]);
  }
  return {
    version: bundleVersion(bundle),
    compilerVersion: COMPILER_VERSION,
    profiles: new CompiledProfileSet(profiles, context, options.progress),
    exceptions,
    random: settings.random,
    capacity: OPEN_PLAN,
  };
}
