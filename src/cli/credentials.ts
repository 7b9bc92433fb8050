import type { DevIssuer } from '../access/dev-issuer.ts';
import { devKeyFile, readDevKey } from '../access/dev-key.ts';
import { type DevUser, devUser } from '../access/dev-users.ts';
import { DEV_TOKEN_HOURS } from '../limits.ts';
import type { RunningService } from './service-file.ts';

/** Headers that say who asks; none where nobody has said. */
export type Authorise = () => Promise<Readonly<Record<string, string>>>;

export type Signer = Pick<DevIssuer, 'sign'>;

const TOKEN_MS = DEV_TOKEN_HOURS * 3_600_000;

/**
 * What a command sends as its bearer token: CORRIDOR_TOKEN, else a token for development, signed anew before it ends: of
 * a machine that may submit for anybody, unless another user is named.
 */
export function bearerFor(
  signer: Signer | null,
  env: NodeJS.ProcessEnv = {},
  user: DevUser = devUser('ingest'),
): Authorise {
  const given = env.CORRIDOR_TOKEN ?? '';
  if (given !== '' || signer === null) {
    const headers = given === '' ? {} : { authorization: `Bearer ${given}` };
    return () => Promise.resolve(headers);
  }
  let signed = { until: 0, headers: Promise.resolve<Record<string, string>>({}) };
  return () => {
    const now = Date.now();
    if (now >= signed.until) {
      const token = signer.sign(user, TOKEN_MS);
      signed = { until: now + TOKEN_MS / 2, headers: token.then((text) => ({ authorization: `Bearer ${text}` })) };
    }
    return signed.headers;
  };
}

/** Signs with the key of the service that runs on a folder; null where it has no development issuer, or we no key. */
export async function signerOf(dataDir: string, { devIssuer }: RunningService): Promise<Signer | null> {
  if (devIssuer === null) return null;
  const key = await readDevKey(devKeyFile(dataDir)).catch(() => null);
  return key === null ? null : { sign: (user, ttlMs) => key.sign(devIssuer, user, ttlMs) };
}
