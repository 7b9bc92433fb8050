import { decode, encode } from '../wire/messagepack.ts';
import { GENESIS, sameBytes } from './chain.ts';
import { isSignedBy, type LedgerKey } from './ledger-key.ts';

/** Where the chain begins: what stood before has left the ledger. Signed, so that nobody else can cut it off. */
export interface Checkpoint extends ChainStart {
  /** When it was made, epoch milliseconds. */
  readonly at: number;
  /** Declarations whose identities are known of though their decisions are gone. */
  readonly departed: number;
  /** Ed25519 over all of the above. */
  readonly signature: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** The commit that the next one follows. */
export interface ChainStart {
  /** Of the last commit that is not there. */
  readonly commit: number;
  readonly hash: Uint8Array;
  /** Number of the first entry that is. */
  readonly next: number;
}

export const CHAIN_START: ChainStart = { commit: 0, hash: GENESIS, next: 1 };

type Unsigned = Omit<Checkpoint, 'signature' | 'publicKey'>;

export function signCheckpoint(unsigned: Unsigned, key: LedgerKey): Checkpoint {
  return { ...unsigned, signature: key.sign(messageOf(unsigned)), publicKey: key.publicKey };
}

/** Whether the key that it names signed it, and that is the expected one where one is given. */
export function isCheckpointSigned(checkpoint: Checkpoint, expected: Uint8Array | null): boolean {
  const { publicKey, signature } = checkpoint;
  if (expected !== null && !sameBytes(publicKey, expected)) return false;
  return isSignedBy(publicKey, messageOf(checkpoint), signature);
}

export function encodeCheckpoint({ commit, hash, next, at, departed, signature, publicKey }: Checkpoint): Uint8Array {
  return encode([commit, hash, next, at, departed, signature, publicKey]);
}

/** @throws where the bytes are no checkpoint. */
export function decodeCheckpoint(bytes: Uint8Array): Checkpoint {
  const fields = decode(bytes);
  if (!Array.isArray(fields) || fields.length !== 7) throw new Error('not a checkpoint');
  const [commit, hash, next, at, departed, signature, publicKey] = fields as [
    number,
    Uint8Array,
    number,
    number,
    number,
    Uint8Array,
    Uint8Array,
  ];
  return { commit, hash, next, at, departed, signature, publicKey };
}

function messageOf({ commit, hash, next, at, departed }: Unsigned): Buffer {
  return Buffer.concat([Buffer.from(`corridor ledger checkpoint ${commit} ${next} ${at} ${departed}\n`), hash]);
}
