import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ensureKeyFile } from '../key-file.ts';
import type { ChainName, HeadEntry } from '../wire/envelope.ts';

/** What a chain signs its heads and seals its commits with: what it signs for one does not fit another. */
export interface LedgerKey {
  /** Ed25519 (RFC 8032), 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Key of the seal that every commit carries (HMAC-SHA256), derived from the private key. */
  readonly sealKey: Uint8Array;
  signHead(commit: number, hash: Uint8Array): HeadEntry;
  /** Ed25519, 64 bytes. */
  sign(message: Uint8Array): Uint8Array;
}

/** DER prefix of an Ed25519 public key (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** `keys/ledger.json` beside the chain's folder. */
export function keyFileOf(dir: string): string {
  return join(dirname(resolve(dir)), 'keys', 'ledger.json');
}

/** Reads the key file; creates it, for its owner alone, where there is none. */
export function openLedgerKey(path: string, chain: ChainName = 'ledger'): LedgerKey {
  ensureKeyFile(path, () => JSON.stringify(newKey()));
  return readLedgerKey(path, chain);
}

export function readLedgerKey(path: string, chain: ChainName = 'ledger'): LedgerKey {
  const file = JSON.parse(readFileSync(path, 'utf8')) as { privateKey: string };
  const der = Buffer.from(file.privateKey, 'base64');
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = rawPublicKey(createPublicKey(privateKey));
  return {
    publicKey,
    sealKey: createHash('sha256').update(`corridor ${chain} seal\n`).update(der).digest(),
    signHead: (commit, hash) => ({
      commit,
      hash,
      signature: sign(null, headMessage(chain, commit, hash), privateKey),
      publicKey,
    }),
    sign: (message) => sign(null, message, privateKey),
  };
}

/** Whether the head is signed by the key that it names, as one of this chain. */
export function isSigned({ commit, hash, publicKey, signature }: HeadEntry, chain: ChainName = 'ledger'): boolean {
  return isSignedBy(publicKey, headMessage(chain, commit, hash), signature);
}

/** Whether the owner of this raw Ed25519 key signed the message. */
export function isSignedBy(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' });
    return verify(null, message, key, signature);
  } catch {
    return false;
  }
}

function headMessage(chain: ChainName, commit: number, hash: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`corridor ${chain} head ${commit}\n`), hash]);
}

function rawPublicKey(key: KeyObject): Uint8Array {
  return key.export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX.length);
}

function newKey(): { algorithm: string; privateKey: string } {
  const { privateKey } = generateKeyPairSync('ed25519');
  return { algorithm: 'Ed25519', privateKey: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64') };
}
