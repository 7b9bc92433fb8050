import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Paths of PEM files. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface Authority {
  readonly ca: string;
  /** A certificate of this name for 127.0.0.1 and localhost. */
  issue(name: string): Promise<Certificate>;
}

const openssl = (...args: readonly string[]) => promisify(execFile)('openssl', args);
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** A certificate authority of one test, in a folder of that test. */
export async function createAuthority(folder: string, name = 'ca'): Promise<Authority> {
  const ca = { cert: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) };
  const own = ['-days', '2', '-subj', `/CN=${name}`, '-keyout', ca.key, '-out', ca.cert];
  await openssl('req', '-x509', ...KEY, ...own, '-addext', 'keyUsage=critical,keyCertSign,cRLSign');
  return {
    ca: ca.cert,
    async issue(subject) {
      const path = (ending: string) => join(folder, `${name}-${subject}.${ending}`);
      await openssl('req', ...KEY, '-subj', `/CN=${subject}`, '-keyout', path('key'), '-out', path('csr'));
      await writeFile(path('ext'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
      const signing = ['-CA', ca.cert, '-CAkey', ca.key, '-CAcreateserial', '-days', '2', '-extfile', path('ext')];
      await openssl('x509', '-req', '-in', path('csr'), ...signing, '-out', path('pem'));
      return { cert: path('pem'), key: path('key') };
    },
  };
}
