import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { normalise } from '../src/core/normalise.ts';
import { Evaluator } from '../src/engine/evaluate.ts';
import { generate } from '../src/generate/generate.ts';
import { readBundle } from '../src/profiles/bundle.ts';
import { buildPolicy } from '../src/profiles/policy.ts';
import { openModels } from '../src/state/models.ts';
import { type DecisionEntry, type DeclarationEntry, open, seal } from '../src/wire/envelope.ts';
import { encode } from '../src/wire/messagepack.ts';

/**
 * What the read models cost: CPU time per decision of the projector alone, in a process of its own, on a folder on
 * disk that holds a history; generated declarations, decided by the rules of `rules/`, in groups as a service at
 * little and at much load gets them. With another built checkout beside, both are measured in turn.
 *
 *   npm run bench -- projection [--history 50000] [--decisions 20000] [--rounds 3] [--beside CHECKOUT]
 *
 * Not measured: the broker's client, and readers beside the writer.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    history: { type: 'string', default: '50000' },
    decisions: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '3' },
    groups: { type: 'string', default: '1,16,64,512' },
    beside: { type: 'string' },
    /** Folder to keep between runs. */
    dir: { type: 'string' },
    /** Folder that CPU profiles of what is measured are written to. */
    profiles: { type: 'string' },
  },
});

const ROOT = join(import.meta.dirname, '..', '..');
/** Decisions in one message of DECISIONS at most, as an engine makes them under load. */
const MESSAGE_DECISIONS = 64;
const HISTORY_GROUP = 512;
const WARM_SHARE = 0.25;

interface Figures {
  readonly cpuUs: number;
  readonly openUs: number;
  readonly bytes: number;
}

type Message = Uint8Array;

/** Length-prefixed messages. */
function writeMessages(file: string, messages: readonly Message[]): void {
  const lengths = messages.map(({ byteLength }) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(byteLength);
    return length;
  });
  writeFileSync(file, Buffer.concat(messages.flatMap((message, index) => [lengths[index] as Buffer, message])));
}

function readMessages(file: string): Message[] {
  const bytes = readFileSync(file);
  const messages: Message[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    messages.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return messages;
}

interface Projecting {
  apply(messages: readonly Message[]): void;
  openMs(): number;
  close(): Promise<void>;
}

/** The projector of a built checkout, on read models in `dir`. */
async function projecting(checkout: string, dir: string): Promise<Projecting> {
  const load = (path: string) => import(join(checkout, 'dist', 'src', path));
  const { createProjector } = (await load(
    'projections/projector.js',
  )) as typeof import('../src/projections/projector.ts');
  const store = (await load('state/models-store.js')) as typeof import('../src/state/models-store.ts');
  store.prepareModels(dir);
  const models = store.openForWriting(dir);
  const projector = createProjector(models);
  let sequence = projector.position('DECISIONS')?.sequence ?? 0;
  let openMs = 0;
  return {
    apply(messages) {
      const startedAt = performance.now();
      const opened = messages.map((message) => {
        sequence += 1;
        return { sequence, created: 'bench', entries: open('decisions.made', message).body };
      });
      openMs += performance.now() - startedAt;
      projector.decisions(opened);
    },
    openMs: () => openMs,
    close: () => store.closeForWriting(dir, models),
  };
}

/** Decides as the service does, with the facts that the read models hold by then; one group at a time. */
async function make(dir: string, history: number, decisions: number): Promise<DecisionEntry[]> {
  const models = join(dir, 'making');
  const { apply, close } = await projecting(ROOT, models);
  const reader = openModels(models);
  const evaluator = new Evaluator({
    policy: buildPolicy(await readBundle(join(ROOT, 'rules'))),
    models: reader,
    draw: (id) => ({ value: createHash('sha256').update(id).digest().readUInt32LE() / 2 ** 32, keyId: 'bench' }),
    by: 'bench',
    progress: new Int32Array(16),
  });
  const made: DecisionEntry[] = [];
  let waiting: DeclarationEntry[] = [];
  const decide = (): void => {
    const bytes = seal('declarations.submitted', 'bench', 0, '', waiting).slice();
    waiting = [];
    const { answers } = evaluator.evaluate({ id: 1, bytes, ends: [bytes.length], suspended: [], marks: [] });
    for (const answer of answers) {
      if (!answer.readable) throw new Error(answer.reason);
      const parts = answer.parts.map((part) => part.slice());
      apply(parts);
      for (const part of parts) made.push(...open('decisions.made', part.slice()).body);
    }
  };
  for (const { declaration: input, receivedAt } of generate({ declarations: history + decisions, seed: 1 })) {
    const { declaration } = normalise(input);
    if (declaration === null) throw new Error(`${input.id} is not valid`);
    const bytes = encode(declaration).slice();
    const { id, version } = declaration;
    const hash = createHash('sha256').update(bytes).digest();
    const previous = { previous: null, inherited: null };
    waiting.push({ submitter: 'local', id, version, trace: '', receivedAt, hash, declaration: bytes, ...previous });
    if (waiting.length === MESSAGE_DECISIONS) decide();
  }
  decide();
  await reader.close();
  await close();
  return made;
}

function sealed(entries: readonly DecisionEntry[], perMessage: number): Message[] {
  const messages: Message[] = [];
  for (let at = 0; at < entries.length; at += perMessage) {
    messages.push(seal('decisions.made', 'bench', 0, '', entries.slice(at, at + perMessage)).slice());
  }
  return messages;
}

function startProfile(): Session {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval: 200 });
  session.post('Profiler.start');
  return session;
}

function endProfile(session: Session, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    session.post('Profiler.stop', (error, stopped) => {
      if (error !== null) return reject(error);
      writeFileSync(file, JSON.stringify(stopped.profile));
      resolve();
    });
  });
}

/** In a process of its own. */
async function applyAll(
  checkout: string,
  file: string,
  dir: string,
  perGroup: number,
  profile: string | undefined,
): Promise<Figures> {
  const messages = readMessages(file);
  const { apply, openMs, close } = await projecting(checkout, dir);
  // As a service that has run for a while: what it compiles at its start is not counted.
  const warm = Math.floor(messages.length * WARM_SHARE);
  for (let at = 0; at < warm; at += perGroup) apply(messages.slice(at, Math.min(at + perGroup, warm)));
  const openBefore = openMs();
  const profiler = profile === undefined ? null : startProfile();
  const before = process.cpuUsage();
  for (let at = warm; at < messages.length; at += perGroup) apply(messages.slice(at, at + perGroup));
  const { user, system } = process.cpuUsage(before);
  if (profiler !== null && profile !== undefined) await endProfile(profiler, profile);
  await close();
  const measured = 1 - warm / messages.length;
  const cpuUs = (user + system) / measured;
  return { cpuUs, openUs: ((openMs() - openBefore) * 1000) / measured, bytes: statSync(join(dir, 'data.mdb')).size };
}

function inChild(checkout: string, file: string, dir: string, perGroup: number, profile: string | null): Figures {
  const args = ['apply', checkout, file, dir, String(perGroup), ...(profile === null ? [] : [profile])];
  const { status, stdout } = spawnSync(process.execPath, [import.meta.filename, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error('a measuring process failed');
  return JSON.parse(String(stdout)) as Figures;
}

function median(of: readonly number[]): number {
  return of.toSorted((a, b) => a - b)[Math.floor(of.length / 2)] as number;
}

async function measure(): Promise<void> {
  const dir = values.dir ?? mkdtempSync(join(tmpdir(), 'corridor-bench-'));
  const [history, decisions, rounds] = [values.history, values.decisions, values.rounds].map(Number) as [
    number,
    number,
    number,
  ];
  const groups = values.groups.split(',').map(Number);
  const checkouts = { this: ROOT, ...(values.beside === undefined ? {} : { beside: values.beside }) };
  const fileOf = (name: string | number) => join(dir, `${name}.messages`);
  try {
    const entries = await make(dir, history, decisions);
    writeMessages(fileOf('history'), sealed(entries.slice(0, history), MESSAGE_DECISIONS));
    for (const size of groups) {
      writeMessages(fileOf(size), sealed(entries.slice(history), Math.min(size, MESSAGE_DECISIONS)));
    }
    for (const [name, checkout] of Object.entries(checkouts)) {
      const base = join(dir, `base-${name}`);
      rmSync(base, { recursive: true, force: true });
      inChild(checkout, fileOf('history'), base, HISTORY_GROUP / MESSAGE_DECISIONS, null);
    }
    console.log('decisions a group  checkout  µs CPU/decision  of it opening messages  file MiB');
    for (const size of groups) {
      const figures = new Map<string, Figures[]>();
      for (let round = 0; round < rounds; round++) {
        for (const [name, checkout] of Object.entries(checkouts)) {
          const run = join(dir, 'run');
          rmSync(run, { recursive: true, force: true });
          cpSync(join(dir, `base-${name}`), run, { recursive: true });
          const profile = values.profiles === undefined ? null : join(values.profiles, `${name}-${size}.cpuprofile`);
          const perGroup = Math.max(1, size / MESSAGE_DECISIONS);
          figures.set(name, [...(figures.get(name) ?? []), inChild(checkout, fileOf(size), run, perGroup, profile)]);
        }
      }
      for (const [name, runs] of figures) {
        const [cpu, opening] = [median(runs.map((run) => run.cpuUs)), median(runs.map((run) => run.openUs))];
        const columns = [
          String(size).padEnd(17),
          name.padEnd(8),
          (cpu / decisions).toFixed(1).padStart(15),
          (opening / decisions).toFixed(1).padStart(22),
          (runs[0] as Figures).bytes / 2 ** 20,
        ];
        console.log(
          columns.map((column) => (typeof column === 'number' ? column.toFixed(0).padStart(8) : column)).join('  '),
        );
      }
    }
  } finally {
    if (values.dir === undefined) rmSync(dir, { recursive: true, force: true });
  }
}

if (positionals[0] === 'apply') {
  const [, checkout, file, dir, perGroup, profile] = positionals as [string, string, string, string, string, string?];
  console.log(JSON.stringify(await applyAll(checkout, file, dir, Number(perGroup), profile)));
} else {
  await measure();
}
