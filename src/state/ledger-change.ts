import type { Identity } from '../wire/identity.ts';
import type { ChainChange } from './chain-log.ts';
import { encodeKept, type Kept } from './ledger-entry.ts';

/**
 * One thing that waits for the next commit: something for the chain, a declaration that waits for its decision, what a
 * stream has let go, or nothing but the position.
 */
export type Change = ChainChange &
  (
    | { readonly kind: 'kept'; readonly kept: Kept }
    | { readonly kind: 'pending'; readonly identity: Identity; readonly row: Uint8Array }
    | { readonly kind: 'settled'; readonly row: Uint8Array }
    | { readonly kind: 'position' }
  );

export function keptChange(kept: Kept): Change {
  const encoded = encodeKept(kept);
  return { kind: 'kept', kept, entries: [encoded], bytes: encoded.length };
}
