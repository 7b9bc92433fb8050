import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { openAudit } from '../../src/access/audit.ts';
import { createTerminal } from '../../src/cli/command.ts';
import { runCommandLine } from '../../src/cli/command-line.ts';
import { openLedger } from '../../src/state/ledger.ts';
import { AT, auditEvent } from '../access/events.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { ledgerEntry } from '../state/entries.ts';

const ENTRIES = 20;

async function soundFolder(): Promise<string> {
  const data = await temporaryFolder();
  const ledger = openLedger(join(data, 'ledger'));
  const audit = openAudit(join(data, 'audit'));
  for (let n = 0; n < ENTRIES; n++) {
    await ledger.append(ledgerEntry(`D-${n}`));
    await audit.append(auditEvent(`local/D-${n}/1`, { at: AT + n }));
  }
  await Promise.all([ledger.close(), audit.close()]);
  return data;
}

/** A folder in which these bytes of one file are others. */
async function damaged(file: string, offsets: readonly number[]): Promise<string> {
  const data = await soundFolder();
  const bytes = await readFile(join(data, file));
  for (const offset of offsets) bytes[offset] = (bytes[offset] ?? 0) ^ 0xff;
  await writeFile(join(data, file), bytes);
  return data;
}

async function verify(data: string, ...args: string[]) {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const code = await runCommandLine(['verify', '--data', data, ...args], {}, createTerminal(out, err));
  return { code, stdout: String(out.read() ?? ''), stderr: String(err.read() ?? '') };
}

const stands = (chain: string) => `entries up to ${ENTRIES}, commits 1 to ${ENTRIES}: the ${chain} stands\n`;

it('finds that a sound folder stands', async () => {
  const { code, stdout, stderr } = await verify(await soundFolder());
  expect(code, stderr).toBe(0);
  expect(stdout).toBe(stands('ledger') + stands('audit'));
});

it('says that there is no ledger', async () => {
  const { code, stderr } = await verify(await temporaryFolder());
  expect(code).toBe(1);
  expect(stderr).toMatch(/^corridor verify: there is no ledger in/);
});

// Of LMDB's two meta pages: the address that the file is mapped at, and the root of its main tree.
const META = [[24], [24, 4096 + 24], [136, 4096 + 136]];

describe.each(['ledger', 'audit'])('of a damaged %s', (chain) => {
  const file = `${chain}/data.mdb`;
  const problem = { chain, message: 'the file itself is damaged; restore it from a backup' };

  it.each(META)('says so, and goes on with the other (%j)', async (...offsets) => {
    const { code, stdout, stderr } = await verify(await damaged(file, offsets));
    expect(code).toBe(1);
    expect(stderr).toContain(`${chain}: ${problem.message}\n`);
    expect(stdout).toContain(`no entries read: the ${chain} does not stand: 1 problem\n`);
    expect(stdout).toContain(stands(chain === 'ledger' ? 'audit' : 'ledger'));
  });

  it('says so in JSON', async () => {
    const { code, stdout } = await verify(await damaged(file, [24]), '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, problems: [problem], [chain]: { ok: false } });
  });
});
