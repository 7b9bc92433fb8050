import { ChainCheck, keyIfThere, type Verification } from '../state/chain-verify.ts';
import { CHAIN_START } from '../state/checkpoint.ts';
import { keyFileOf } from '../state/ledger-key.ts';
import type { HeadEntry } from '../wire/envelope.ts';
import { decodeEvent } from './audit-codec.ts';
import { hourOf, openAuditStore, readHour } from './audit-store.ts';

/**
 * Checks an audit from end to end, also beside a running service: its chain (see `ChainCheck`), and the rows by which
 * events of a time are found.
 * @param heads Heads of it that have left the machine.
 * @throws where `dir` holds no audit.
 */
export function verifyAudit(
  dir: string,
  heads: readonly HeadEntry[] = [],
  keyFile: string = keyFileOf(dir),
): Verification {
  const store = openAuditStore(dir, true);
  try {
    // No event turn until the end, hence one snapshot.
    const check = new ChainCheck(store, keyIfThere(keyFile, 'audit'), heads);
    check.run(CHAIN_START, (commit, number, bytes) => {
      const span = readHour(store, hourOf(decodeEvent(bytes).at));
      if (span === null || number < span.first || number > span.last) {
        check.report(commit, 'its hour’s row is wrong', number);
      }
    });
    return check.result();
  } finally {
    void store.root.close();
  }
}
