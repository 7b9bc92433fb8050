import type { Identity } from '../wire/identity.ts';
import { encodeKept, type Kept } from './chain.ts';

/**
 * One thing that waits for the next commit: something for the chain, a declaration that waits for its decision, what a
 * stream has let go, or nothing but the position.
 */
export type Change =
  | { readonly kind: 'kept'; readonly kept: Kept; readonly encoded: Uint8Array; readonly bytes: number }
  | { readonly kind: 'pending'; readonly identity: Identity; readonly encoded: Uint8Array; readonly bytes: number }
  | { readonly kind: 'settled'; readonly encoded: Uint8Array; readonly bytes: 0 }
  | { readonly kind: 'position'; readonly bytes: 0 };

export function keptChange(kept: Kept): Change {
  const encoded = encodeKept(kept);
  return { kind: 'kept', kept, encoded, bytes: encoded.length };
}
