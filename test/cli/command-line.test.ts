import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTerminal } from '../../src/cli/command.ts';
import { runCommandLine } from '../../src/cli/command-line.ts';
import { COMMANDS } from '../../src/cli/registry.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'corridor-cli-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(...args: string[]): Promise<Outcome> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const written = Promise.all([text(stdout), text(stderr)]);
  const code = await runCommandLine(args, { CORRIDOR_DATA: folder }, createTerminal(stdout, stderr));
  stdout.end();
  stderr.end();
  const [out, messages] = await written;
  return { code, stdout: out, stderr: messages };
}

const SHIPPED = join(import.meta.dirname, '../../rules');
const POLICY = join(import.meta.dirname, '../helpers/policy');

describe('every command', () => {
  it.each(COMMANDS.map(({ name }) => name))('%s explains itself and refuses an unknown option', async (name) => {
    const help = await run(name, '--help');
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toContain(`usage: corridor ${name}`);
    const command = await COMMANDS.find((entry) => entry.name === name)?.load();
    for (const option of Object.keys(command?.options ?? {})) expect(help.stdout).toContain(`--${option}`);
    expect(await run(name, '--nonsense')).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('the command line', () => {
  it('shows what there is, as data when asked and as a message when it was not understood', async () => {
    expect(await run('--help')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('corridor COMMAND'),
      stderr: '',
    });
    expect(await run()).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('corridor COMMAND') });
    expect(await run('fly')).toMatchObject({ code: 2, stderr: expect.stringContaining('no command "fly"') });
  });

  it('names every faulty setting at once', async () => {
    const { code, stderr } = await run('start', '--port', '99999', '--host', '0.0.0.0', '--role', 'king');
    expect(code).toBe(2);
    expect(stderr).toMatch(/--role: must be one of/);
    expect(stderr).toMatch(/CORRIDOR_HOST: .*127\.0\.0\.1/);
    expect(stderr).toMatch(/--port: must be /);
  });

  it('prints its version as text and as JSON', async () => {
    const { version } = JSON.parse(await readFile(join(import.meta.dirname, '../../package.json'), 'utf8'));
    expect((await run('version')).stdout).toContain(version);
    expect(JSON.parse((await run('version', '--json')).stdout)).toMatchObject({ version });
  });
});

describe('corridor profiles', () => {
  it('check says that a policy holds', async () => {
    expect(await run('profiles', 'check', '--rules', POLICY)).toMatchObject({ code: 0, stderr: '' });
  });

  it('check names every problem with its place and fails', async () => {
    const rules = join(folder, 'rules');
    const { cp } = await import('node:fs/promises');
    await cp(POLICY, rules, { recursive: true });
    const file = join(rules, 'profiles/UV-001.yaml');
    await writeFile(
      file,
      (await readFile(file, 'utf8')).replace(/^when:[\s\S]*?(?=^[a-z])/m, 'when: item.nonsense > 1\n'),
    );
    const { code, stdout } = await run('profiles', 'check', '--rules', rules);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^profiles\/UV-001\.yaml:\d+:\d+ .*nonsense/m);
    const json = JSON.parse((await run('profiles', 'check', '--rules', rules, '--json')).stdout);
    expect(json).toMatchObject({ ok: false, problems: [{ file: 'profiles/UV-001.yaml' }] });
  });

  it('list prints them', async () => {
    const lines = (await run('profiles', 'list', '--rules', POLICY, '--json')).stdout.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).id)).toContain('UV-001');
  });

  it('knows no other word', async () => {
    expect(await run('profiles', 'burn')).toMatchObject({ code: 2 });
    expect(await run('profiles')).toMatchObject({ code: 2 });
  });
});

describe('corridor verify and replay', () => {
  it('fail where there is no ledger', async () => {
    expect(await run('verify')).toMatchObject({ code: 1, stdout: '' });
    expect(await run('replay', 'X')).toMatchObject({ code: 1, stdout: '' });
  });
});

describe('corridor decide', () => {
  it('says what it needs', async () => {
    expect(await run('decide')).toMatchObject({ code: 2, stderr: expect.stringContaining('FILE is missing') });
    expect(await run('decide', 'a.csv')).toMatchObject({ code: 2, stderr: expect.stringContaining('--mapping') });
    expect(await run('decide', 'a.txt')).toMatchObject({ code: 2, stderr: expect.stringContaining('--format') });
  });

  it('names the place of a fault in a mapping', async () => {
    const mapping = join(folder, 'm.yaml');
    await writeFile(mapping, 'declaration:\n  id: 7\n');
    const { code, stderr } = await run('decide', 'a.csv', '--mapping', mapping);
    expect(code).toBe(1);
    expect(stderr).toContain(`${mapping}:2:7 declaration/id must be a text`);
  });
});

describe('profiles explain', () => {
  it('takes a profile apart', async () => {
    const { code, stdout, stderr } = await run('profiles', 'explain', 'UV-001', '--rules', SHIPPED);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n').slice(0, 9)).toEqual([
      'UV-001  Customs value per kg under 60 % of the median of these goods and this origin',
      'undervaluation, yellow, weight 0.50',
      'hits each item with',
      '  all of',
      '    stats.valuePerKg(item).n >= 30',
      '    item.netMassKg > 0.0',
      '    item.customsValue / item.netMassKg < 0.6 * stats.valuePerKg(item).p50',
      'unless',
      '  trader.authorisedOperator',
    ]);
  });

  it('gives the tree as JSON', async () => {
    const { stdout } = await run('profiles', 'explain', 'UV-001', '--rules', SHIPPED, '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      id: 'UV-001',
      when: { kind: 'group', of: 'all' },
      unless: { kind: 'flag', value: { kind: 'path', path: ['trader', 'authorisedOperator'] } },
    });
  });

  it('says where a condition is no CEL, and which profile there is not', async () => {
    const rules = join(folder, 'broken');
    await cp(SHIPPED, rules, { recursive: true });
    const file = join(rules, 'profiles/UV-001.yaml');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('unless: trader.authorisedOperator', 'unless: (trader.authorisedOperator'));
    const broken = await run('profiles', 'explain', 'UV-001', '--rules', rules);
    expect(broken).toMatchObject({ code: 1, stdout: '' });
    expect(broken.stderr).toMatch(/profiles\/UV-001\.yaml:\d+:9 .*never closed/);
    const missing = await run('profiles', 'explain', 'XX-999', '--rules', SHIPPED);
    expect(missing).toMatchObject({ code: 1, stdout: '' });
    expect(missing.stderr).toContain('no profile is called XX-999');
    expect(await run('profiles', 'explain')).toMatchObject({ code: 2 });
  });
});

describe('profiles diff', () => {
  it('says what differs, setting by setting and line by line', async () => {
    const rules = join(folder, 'changed');
    await cp(SHIPPED, rules, { recursive: true });
    const change = async (file: string, edit: (text: string) => string) =>
      writeFile(join(rules, file), edit(await readFile(join(rules, file), 'utf8')));
    await change('profiles/UV-001.yaml', (text) =>
      text.replace('weight: 0.5', 'weight: 0.6').replace('< 0.6 *', '< 0.7 *'),
    );
    await change('profiles/UV-002.yaml', (text) => `# Looked at again.\n${text}`);
    await change('lists/hubs.csv', (text) => `${text.trimEnd()}\nXK\n`);
    await rm(join(rules, 'profiles/UV-006.yaml'));
    const { code, stdout } = await run('profiles', 'diff', SHIPPED, '--rules', rules);
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toEqual([
      'lists/hubs.csv  changed',
      '  + line: XK',
      'profiles/UV-001.yaml  changed',
      '  - weight: 0.5',
      '  + weight: 0.6',
      expect.stringMatching(/^ {2}- when: .*< 0\.6 \* stats/),
      expect.stringMatching(/^ {2}\+ when: .*< 0\.7 \* stats/),
      'profiles/UV-002.yaml  says the same: comments, order or layout differ',
      'profiles/UV-006.yaml  removed',
    ]);
    const back = await run('profiles', 'diff', rules, '--rules', SHIPPED, '--json');
    expect(JSON.parse(back.stdout.trim().split('\n').at(-1) ?? '')).toEqual({
      file: 'profiles/UV-006.yaml',
      kind: 'added',
      settings: [],
    });
  });

  it('says where nothing differs, or there is nothing to compare with', async () => {
    const same = await run('profiles', 'diff', SHIPPED, '--rules', SHIPPED);
    expect(same).toMatchObject({ code: 0, stdout: '' });
    expect(same.stderr).toContain('no difference');
    expect(await run('profiles', 'diff', join(folder, 'nowhere'))).toMatchObject({ code: 1, stdout: '' });
    expect(await run('profiles', 'diff')).toMatchObject({ code: 2 });
  });
});
