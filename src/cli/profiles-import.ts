import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { SHEET_BYTES_MAX } from '../limits.ts';
import { type MigrationInput, migrate } from '../policies/migrate.ts';
import type { MigrationReport } from '../policies/migration.ts';
import type { PolicyBundle } from '../profiles/bundle.ts';
import { CommandFailure, EXIT_DONE, EXIT_FAILED, type Invocation, textOption, UsageError } from './command.ts';

const KINDS = ['table', 'asycuda'] as const;

/** Rules of another system: what becomes of them, and into a folder of rules where one is named. */
export async function importProfiles(
  base: PolicyBundle,
  file: string,
  { values, terminal }: Invocation,
): Promise<number> {
  const input: MigrationInput = { kind: kindOf(file, textOption(values, 'kind')), bytes: await bytesOf(file) };
  const { files, report } = migrate(input, base);
  const into = textOption(values, 'into');
  if (into !== undefined) await writeAll(into, files);
  if (values.json === true) await terminal.data(`${JSON.stringify({ files, ...report })}\n`);
  else await terminal.data(`${lines(file, report).join('\n')}\n`);
  const refused = report.remarks.filter(({ kind }) => kind === 'refused').length;
  terminal.message(
    `profiles: ${report.read.length}${into === undefined ? '' : ` written to ${into}`}; parts refused: ${refused}`,
  );
  return refused === 0 ? EXIT_DONE : EXIT_FAILED;
}

function kindOf(file: string, kind: string | undefined): MigrationInput['kind'] {
  if (kind !== undefined && !(KINDS as readonly string[]).includes(kind)) {
    throw new UsageError(`--kind must be ${KINDS.join(' or ')}, not ${kind}`);
  }
  const ending = extname(file).toLowerCase();
  const isTable = kind === undefined ? ['.xlsx', '.csv', '.tsv'].includes(ending) : kind === 'table';
  if (!isTable) return 'asycuda';
  return ending === '.xlsx' ? 'table-xlsx' : 'table-csv';
}

async function bytesOf(file: string): Promise<Buffer> {
  const { size } = await stat(file);
  if (size > SHEET_BYTES_MAX) throw new CommandFailure(`${file} has ${size} bytes; the limit is ${SHEET_BYTES_MAX}`);
  return readFile(file);
}

/** Nothing that is there is written over. */
async function writeAll(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: 'wx' });
  }
}

function lines(file: string, { read, remarks }: MigrationReport): string[] {
  return [
    ...read.map(({ id, title, line, tests }) => `${file}:${line}  ${id}  ${title}  (${tests} tests)`),
    ...remarks.map(({ kind, line, column, message }) => `${file}:${line}:${column} ${kind}: ${message}`),
  ];
}
