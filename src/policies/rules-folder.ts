import type { Engine } from '../engine/engine.ts';
import { newestPolicy, publishPolicy } from '../engine/policies.ts';
import type { Logger } from '../observe/log.ts';
import { bundleVersion, packBundle, readBundle } from '../profiles/bundle.ts';
import type { StreamConnection } from '../stream/connection.ts';

export interface RulesFolderDeps {
  readonly conn: StreamConnection;
  readonly engine: Engine;
  readonly rulesDir: string;
  readonly keep: (version: string, bundle: Uint8Array) => Promise<void>;
  readonly log: Logger;
}

/**
 * Has a machine's folder of rules decide, here first, where a faulty one fails, then everywhere; until a version that
 * came from elsewhere has ever been activated: then it no longer counts, lest a start takes back what was published.
 * @throws PolicyError
 */
export async function decideByFolder({ conn, engine, rulesDir, keep, log }: RulesFolderDeps): Promise<void> {
  if ((await newestPolicy(conn))?.origin === 'console') {
    log.warn(
      { folder: rulesDir },
      'the folder of rules no longer counts: the policy comes from the console; corridor policy draft brings in as a draft what differs in the folder',
    );
    return;
  }
  const bundle = await readBundle(rulesDir);
  await keep(bundleVersion(bundle), packBundle(bundle));
  await engine.activate(bundle);
  await publishPolicy(conn, bundle);
}
