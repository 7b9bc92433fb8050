import { createHash } from 'node:crypto';
import type { LedgerEntry } from '../../src/state/ledger.ts';
import type { DeclarationEntry } from '../../src/wire/envelope.ts';

/** A ledger entry whose record is so many bytes, different for each identity. */
export function ledgerEntry(id: string, version = 1, submitter = 'local', bytes = 300): LedgerEntry {
  const record = Buffer.alloc(bytes, `${submitter}/${id}/${version} `);
  return {
    identity: { submitter, id, version },
    outcome: 'decided',
    receivedAt: 1_790_000_000_000 + version,
    hash: new Uint8Array(createHash('sha256').update(record).digest()),
    record: new Uint8Array(record),
  };
}

export function declarationEntry(id: string, version = 1): DeclarationEntry {
  const declaration = Buffer.from(`declaration ${id}`);
  return {
    submitter: 'local',
    id,
    version,
    trace: 't',
    receivedAt: 1_790_000_000_000,
    hash: createHash('sha256').update(declaration).digest(),
    declaration,
    previous: null,
    inherited: null,
  };
}
