import type { Verification } from '../state/chain-verify.ts';
import { verifyLedger } from '../state/verify.ts';
import type { ChainName, HeadEntry } from '../wire/envelope.ts';
import { verifyAudit } from './audit-verify.ts';

/** What a process that verifies is asked. */
export interface VerifyOrder {
  readonly chain: ChainName;
  readonly dir: string;
  readonly heads: readonly HeadEntry[];
}

/** What it answers; nothing where the chain's file ends it. */
export type VerifyAnswer =
  | { readonly result: Verification }
  /** Whether LMDB itself refuses the file. */
  | { readonly error: string; readonly damaged: boolean };

/** Serves one order of the process that started this one. */
export function serveVerification(): void {
  process.once('message', (order: VerifyOrder) => process.send?.(answerTo(order), () => process.exit()));
}

function answerTo({ chain, dir, heads }: VerifyOrder): VerifyAnswer {
  try {
    return { result: chain === 'ledger' ? verifyLedger(dir, heads) : verifyAudit(dir, heads) };
  } catch (error) {
    const { message } = error as Error;
    return { error: message, damaged: message.startsWith('MDB_') };
  }
}
