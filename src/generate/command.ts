import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { type GenerateOptions, generate } from './generate.ts';
import { partiesOf, partyHeader, partyLine } from './parties.ts';

export interface GenerateCommandOptions extends GenerateOptions {
  /** File for the truth: NDJSON, a row for each declaration with something wrong. */
  readonly truth?: string;
  /** File for the participants as customs has categorised them: CSV for `corridor import parties`. */
  readonly parties?: string;
}

export interface GenerateSummary {
  readonly declarations: number;
  readonly schemes: number;
  readonly errors: number;
}

/** Lines are joined up to this length before they are written. */
const CHUNK_CHARACTERS = 64 * 1024;
const PROGRESS_MS = 1000;

/**
 * `corridor generate`: NDJSON of declarations to `stdout`, as fast as it takes them; progress to `stderr`.
 * @throws where a file cannot be written or an option is out of range.
 */
export async function generateCommand(
  options: GenerateCommandOptions,
  stdout: Writable,
  stderr: Writable,
): Promise<GenerateSummary> {
  if (options.parties !== undefined) await writeParties(options, options.parties);
  const out = new LineWriter(stdout);
  const truth = options.truth === undefined ? null : new LineWriter(createWriteStream(options.truth));
  const progress = new Progress(options.declarations, stderr);
  const counts = { declarations: 0, schemes: 0, errors: 0 };
  for (const generated of generate(options)) {
    counts.declarations++;
    await out.write(`${JSON.stringify(generated.declaration)}\n`);
    if (generated.truth !== null) {
      counts[generated.truth.kind === 'scheme' ? 'schemes' : 'errors']++;
      await truth?.write(`${JSON.stringify(generated.truth)}\n`);
    }
    progress.show(counts.declarations);
    if (out.closed) break;
  }
  await out.flush();
  await truth?.end();
  progress.done(counts);
  return counts;
}

async function writeParties(options: GenerateOptions, file: string): Promise<void> {
  const writer = new LineWriter(createWriteStream(file));
  await writer.write(partyHeader());
  for (const party of partiesOf(options)) await writer.write(partyLine(party));
  await writer.end();
}

/** Writes in chunks and waits where the reader is slower; a reader that goes away ends it. */
class LineWriter {
  /** The reader has gone; what is written is dropped. */
  closed = false;
  private error: Error | null = null;
  private pending = '';
  private wake: (() => void) | null = null;
  private readonly stream: Writable;

  constructor(stream: Writable) {
    this.stream = stream;
    stream.on('drain', () => this.wake?.());
    stream.on('close', () => this.close(null));
    stream.on('error', (error: NodeJS.ErrnoException) => this.close(error.code === 'EPIPE' ? null : error));
  }

  async write(line: string): Promise<void> {
    this.pending += line;
    if (this.pending.length >= CHUNK_CHARACTERS) await this.flush();
  }

  async flush(): Promise<void> {
    const chunk = this.pending;
    this.pending = '';
    this.check();
    if (this.closed || chunk === '' || this.stream.write(chunk)) return;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    this.check();
  }

  async end(): Promise<void> {
    await this.flush();
    if (!this.closed) {
      this.stream.end();
      await once(this.stream, 'close');
    }
    this.check();
  }

  private close(error: Error | null): void {
    this.closed = true;
    this.error ??= error;
    this.wake?.();
  }

  private check(): void {
    if (this.error !== null) throw this.error;
  }
}

class Progress {
  private readonly total: number;
  private readonly stderr: Writable;
  private readonly startedAt = Date.now();
  private shownAt = this.startedAt;

  constructor(total: number, stderr: Writable) {
    this.total = total;
    this.stderr = stderr;
  }

  show(done: number): void {
    if (done % 1000 !== 0) return;
    const now = Date.now();
    if (now - this.shownAt < PROGRESS_MS) return;
    this.shownAt = now;
    this.stderr.write(`${done} of ${this.total} declarations, ${this.rate(done, now)}/s\n`);
  }

  done({ declarations, schemes, errors }: GenerateSummary): void {
    const rate = this.rate(declarations, Date.now());
    this.stderr.write(`${declarations} declarations, ${schemes} with a scheme, ${errors} with an error, ${rate}/s\n`);
  }

  private rate(done: number, now: number): number {
    return Math.round((done * 1000) / Math.max(1, now - this.startedAt));
  }
}
