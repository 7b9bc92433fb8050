import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { generateCommand } from '../../src/generate/command.ts';

class Sink extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

describe('generateCommand', () => {
  it('writes declarations, the truth about them and the participants', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'corridor-generate-'));
    const [stdout, stderr] = [new Sink(), new Sink()];
    const options = { declarations: 600, seed: 5, truth: join(folder, 'truth'), parties: join(folder, 'parties.csv') };
    const summary = await generateCommand(options, stdout, stderr);
    const ids = stdout.text
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { id: string }).id);
    expect(ids).toHaveLength(600);
    const truth = (await readFile(options.truth, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(truth).toHaveLength(summary.schemes + summary.errors);
    for (const { id } of truth) expect(ids).toContain(id);
    expect((await readFile(options.parties, 'utf8')).split('\n').length).toBeGreaterThan(1000);
    expect(stderr.text).toContain('600 declarations');
  });

  it('waits for a reader that is slower', async () => {
    const pipe = new PassThrough({ highWaterMark: 1024 });
    let most = 0;
    let read = 0;
    const done = generateCommand({ declarations: 300, seed: 5 }, pipe, new Sink());
    for await (const chunk of pipe as AsyncIterable<Buffer>) {
      most = Math.max(most, pipe.readableLength + pipe.writableLength);
      read += chunk.toString().split('\n').length - 1;
      if (read === 300) break;
    }
    await done;
    expect(read).toBe(300);
    expect(most).toBeLessThan(512 * 1024);
  });

  it('ends quietly where the reader goes away', async () => {
    const pipe = new PassThrough({ highWaterMark: 1024 });
    const done = generateCommand({ declarations: 5000, seed: 5 }, pipe, new Sink());
    await new Promise((resolve) => pipe.once('data', resolve));
    pipe.destroy();
    expect((await done).declarations).toBeLessThan(5000);
  });

  it('says so where a file cannot be written', async () => {
    const options = { declarations: 10, seed: 5, truth: join(tmpdir(), 'no-such-folder', 'truth') };
    await expect(generateCommand(options, new Sink(), new Sink())).rejects.toThrow(/ENOENT/);
  });
});
