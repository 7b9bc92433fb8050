import { CorridorError } from '../errors.ts';
import { readCsv, SheetError } from '../integration/sheet.ts';
import { readXlsx } from '../integration/xlsx.ts';
import { CRITERIA_BYTES_MAX } from '../limits.ts';
import type { PolicyBundle } from '../profiles/bundle.ts';
import { PolicyError } from '../profiles/problems.ts';
import { type Migration, Migrator } from './migration.ts';
import { readAsycuda } from './migration-asycuda.ts';
import { readTable } from './migration-table.ts';

export const MIGRATION_KINDS = ['table-xlsx', 'table-csv', 'asycuda'] as const;

export interface MigrationInput {
  readonly kind: (typeof MIGRATION_KINDS)[number];
  readonly bytes: Uint8Array;
  /** Of profiles out of criteria, which name none. */
  readonly target?: string;
  /** Variables of criteria that this installation knows → paths of the data dictionary. */
  readonly fields?: Readonly<Record<string, string>>;
}

/**
 * Rules of another system as profiles of this one, beside those of a policy.
 * @throws CorridorError `invalid_request` where the file as a whole cannot be read.
 */
export function migrate(
  { kind, bytes, target = 'untruthful_declaration', fields = {} }: MigrationInput,
  base: PolicyBundle,
): Migration {
  const migrator = new Migrator(base);
  try {
    if (kind === 'asycuda') readAsycuda(textOf(bytes), migrator, { target, fields });
    else readTable(kind === 'table-xlsx' ? readXlsx(bytes) : readCsv(bytes), migrator);
  } catch (cause) {
    if (cause instanceof SheetError) throw new CorridorError('invalid_request', `The file ${cause.message}`, { cause });
    throw cause;
  }
  return migrator.finish();
}

export interface MigrationTask {
  readonly input: MigrationInput;
  readonly base: PolicyBundle;
}

/** What a thread gives back: errors keep no class on the way. */
export type MigrationOutcome = { readonly migration: Migration } | { readonly refused: string };

export function migrationOf({ input, base }: MigrationTask): MigrationOutcome {
  try {
    return { migration: migrate(input, base) };
  } catch (error) {
    if (error instanceof CorridorError || error instanceof PolicyError) return { refused: error.message };
    throw error;
  }
}

/** Old exports are in whatever the office's machine spoke: bytes that are not UTF-8 are taken for Windows' Cyrillic. */
function textOf(bytes: Uint8Array): string {
  if (bytes.length > CRITERIA_BYTES_MAX) throw new SheetError(`is larger than ${CRITERIA_BYTES_MAX} bytes`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1251').decode(bytes);
  }
}
