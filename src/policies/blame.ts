import { CorridorError, type RequestFault } from '../errors.ts';
import { textOf } from './merge.ts';
import { pointerOf } from './problems.ts';
import type { PolicyVersion, PolicyVersions } from './version.ts';

/** Who changed a file of the policy, and when. */
export interface ConflictFault extends RequestFault {
  readonly file: string;
  readonly by: string;
  readonly at: string;
  readonly version: string;
}

/** How far back it is looked for. */
const VERSIONS_MAX = 500;

/** The draft and the active policy have each changed these files since they were one. */
export async function conflictOf(
  versions: PolicyVersions,
  files: readonly string[],
  base: string,
  active: string,
): Promise<CorridorError> {
  const faults: ConflictFault[] = [];
  for (const file of files) faults.push(await faultOf(versions, file, base, active));
  const detail = `${files.join(', ')} changed in the active policy as well: choose a side for each`;
  return new CorridorError('changed_meanwhile', detail, { faults });
}

async function faultOf(versions: PolicyVersions, file: string, base: string, active: string): Promise<ConflictFault> {
  const { version, by, at } = (await changeOf(versions, file, base, active)) ?? activationOf(versions, active);
  const when = new Date(at).toISOString();
  const message = `${by} changed it on ${when.slice(0, 16).replace('T', ' ')} (version ${version})`;
  return { pointer: pointerOf(file), message, file, by, at: when, version };
}

interface Change {
  readonly version: string;
  readonly by: string;
  readonly at: number;
}

/** The newest version in which the file is another than in the one before. */
async function changeOf(versions: PolicyVersions, file: string, base: string, active: string): Promise<Change | null> {
  const known = new Map(versions.list().map((version) => [version.version, version]));
  let at: PolicyVersion | undefined = known.get(active);
  for (let left = VERSIONS_MAX; left > 0 && at !== undefined && at.version !== base; left--) {
    const { version, parent, authors, savedAt } = at;
    if (parent === null) return null;
    const [after, before] = [await versions.bundle(version), await versions.bundle(parent)];
    if (after === null || before === null) return null;
    if (textOf(after, file) !== textOf(before, file)) return { version, by: authors.join(', '), at: savedAt };
    at = known.get(parent);
  }
  return null;
}

/** After a rollback no version between them need have changed it: whoever rolled back has. */
function activationOf(versions: PolicyVersions, active: string): Change {
  const event = versions.active();
  return { version: active, by: event?.by ?? 'somebody', at: event?.at ?? 0 };
}
