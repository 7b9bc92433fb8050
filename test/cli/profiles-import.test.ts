import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { workbook } from '../helpers/workbook.ts';

const MAIN = resolve('dist/src/main.js');
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'corridor-import-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [MAIN, 'profiles', 'import', ...args], { encoding: 'utf8' });
}

const HEAD = ['id', 'title', 'target', 'corridor', 'measures', 'instructions', 'weight', 'hsCode'];
const ROW = ['T-1', 'A rule', 'undervaluation', 'yellow', 'documentary_check', 'Look.', 0.4, 'startsWith("61")'];

describe('profiles import', () => {
  it('prints what a workbook became and what it did not, with line and column', async () => {
    const file = join(folder, 'rules.xlsx');
    await writeFile(file, workbook([HEAD, ROW, ['T-2', ...ROW.slice(1, 7), '> ]']]));
    const { status, stdout, stderr } = run(file);
    expect(stdout.split('\n')).toEqual([
      `${file}:2  T-1  A rule  (2 tests)`,
      `${file}:3:8 refused: cell H3, item.hsCode, character 3: a text, like "CN", is expected`,
      '',
    ]);
    expect([status, stderr]).toEqual([1, 'profiles: 1; parts refused: 1\n']);
  });

  it('writes profiles into a folder, never over one that is there', async () => {
    const file = join(folder, 'criteria.txt');
    await writeFile(file, 'Criteria "A"; If CtyOrigCod = "US" Then BlueLane IS 5; Endif;');
    const into = join(folder, 'rules');
    expect(run(file, '--into', into).status).toBe(0);
    const written = await readFile(join(into, 'profiles/ASY-A.yaml'), 'utf8');
    expect(written).toContain('when: item.originCountry == "US"');
    expect(run(file, '--into', into).status).toBe(1);
    expect(await readFile(join(into, 'profiles/ASY-A.yaml'), 'utf8')).toBe(written);
  });

  it('says it as JSON, and refuses a kind that it does not know', async () => {
    const file = join(folder, 'json.txt');
    await writeFile(file, 'If CtyOrigCod = "US" Then GreenLane IS 5; Endif;');
    expect(JSON.parse(run(file, '--json').stdout)).toMatchObject({
      files: {},
      read: [],
      remarks: [{ kind: 'refused', line: 1, column: 27 }],
    });
    expect(run(file, '--kind', 'xml').status).toBe(2);
  });
});
