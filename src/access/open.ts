import { join } from 'node:path';
import type { Logger } from '../observe/log.ts';
import type { StreamConnection } from '../stream/connection.ts';
import { Authenticator } from './authenticator.ts';
import { Directory, type DirectoryDeps } from './directory.ts';
import { DirectoryStore } from './directory-store.ts';
import type { Issuer } from './tokens.ts';

export interface AccessDeps extends Pick<DirectoryDeps, 'onRolesChanged' | 'tells'> {
  readonly conn: StreamConnection;
  readonly dataDir: string;
  /** Asked at each verification. */
  readonly issuer: () => Issuer;
  readonly log: Logger;
}

/** What says who asks, in this process. */
export interface OpenAccess {
  readonly directory: Directory;
  readonly authenticator: Authenticator;
  stop(): Promise<void>;
}

/** Resolves when every key and revocation is known. */
export async function openAccess({
  conn,
  dataDir,
  issuer,
  log,
  tells,
  onRolesChanged,
}: AccessDeps): Promise<OpenAccess> {
  const directory = await Directory.start({
    conn,
    tells,
    store: new DirectoryStore(join(dataDir, 'access')),
    onRolesChanged,
    onError: (error) => log.warn({ error: String(error) }, 'keys and revocations: tried again'),
  });
  return { directory, authenticator: new Authenticator(directory, issuer), stop: () => directory.stop() };
}
