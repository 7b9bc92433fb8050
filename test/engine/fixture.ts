import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Decision } from '../../src/core/decide.ts';
import type { DeclarationInput } from '../../src/core/normalise.ts';
import { createEngine, type Engine, type EngineOptions } from '../../src/engine/engine.ts';
import type { PolicyBundle } from '../../src/profiles/bundle.ts';
import { connectStream, type StreamConnection } from '../../src/stream/connection.ts';
import { type Tail, tail } from '../../src/stream/tail.ts';
import { ensureTopology } from '../../src/stream/topology.ts';
import { type DecisionEntry, type DeclarationEntry, open } from '../../src/wire/envelope.ts';
import { encode } from '../../src/wire/messagepack.ts';
import { decisionOf, openRecord } from '../../src/wire/record.ts';
import { declaration } from '../helpers/declaration.ts';
import { type NatsServer, startNats } from '../helpers/nats.ts';

export function entryOf(patch: Partial<DeclarationInput> = {}, submitter = 'local'): DeclarationEntry {
  const normal = declaration(patch);
  const bytes = encode(normal);
  return {
    submitter,
    id: normal.id,
    version: normal.version,
    trace: `trace-${normal.id}`,
    receivedAt: normal.lodgedAt,
    hash: new Uint8Array(createHash('sha256').update(bytes).digest()),
    declaration: bytes,
    previous: null,
    inherited: null,
  };
}

/** A declaration whose first item is described by this word: the policy made by hand does as it says. */
export function saying(id: string, word: string): DeclarationEntry {
  const { items } = declaration();
  const [item] = items;
  if (item === undefined) throw new Error('no item');
  const bytes = encode({ ...declaration({ id }), items: [{ ...item, description: word }] });
  return {
    ...entryOf({ id }),
    hash: new Uint8Array(createHash('sha256').update(bytes).digest()),
    declaration: bytes,
  };
}

/** Sources of a policy made by hand; the label changes the version. */
export function handmade(label: string): PolicyBundle {
  return { files: { 'policy.yaml': `label: ${label}\n` } };
}

export interface Seen {
  readonly entry: DecisionEntry;
  readonly sequence: number;
}

/** The decision in this entry. @throws where it is none. */
export function decided(entry: DecisionEntry | undefined): Decision {
  if (entry === undefined) throw new Error('there is no decision');
  return decisionOf(openRecord(entry.record));
}

/** A broker, a connection, engines, and every decision they publish. */
export class Bench {
  readonly server: NatsServer;
  readonly conn: StreamConnection;
  readonly seen: Seen[] = [];
  /** What the engines told of trouble. */
  readonly troubles: string[] = [];
  readonly dir = mkdtempSync(join(tmpdir(), 'corridor-engine-'));
  private readonly conns: StreamConnection[] = [];
  private readonly engines: Engine[] = [];
  private readonly decisions: Tail;

  static async open(): Promise<Bench> {
    const server = await startNats();
    const conn = await connectStream({ url: server.url, name: 'bench' });
    await ensureTopology(conn);
    return new Bench(server, conn);
  }

  private constructor(server: NatsServer, conn: StreamConnection) {
    this.server = server;
    this.conn = conn;
    this.decisions = tail(conn, 'DECISIONS', 'decisions.>', null, (messages) => {
      for (const { data, sequence } of messages) {
        for (const entry of open('decisions.made', data).body) this.seen.push({ entry, sequence });
      }
    });
  }

  async engine(options: Partial<EngineOptions> = {}): Promise<Engine> {
    const name = `engine-${this.engines.length + 1}`;
    const { observer, conn = await connectStream({ url: this.server.url, name }), ...others } = options;
    this.conns.push(conn);
    const engine = createEngine({
      conn,
      modelsDir: join(this.dir, 'models'),
      keysFile: join(this.dir, 'keys', 'draw.json'),
      threads: 1,
      observer: {
        trouble: ({ where, error }) => this.troubles.push(`${where}: ${String(error)}`),
        crashed: ({ reason }) => this.troubles.push(reason),
        abandoned: ({ reason }) => this.troubles.push(reason),
        ...observer,
      },
      worker: join(import.meta.dirname, 'handmade-worker.mjs'),
      ...others,
    });
    this.engines.push(engine);
    return engine;
  }

  /** The decisions on this id, in stream order. */
  on(id: string): DecisionEntry[] {
    return this.seen.filter(({ entry }) => entry.id === id).map(({ entry }) => entry);
  }

  async close(): Promise<void> {
    await Promise.all(this.engines.map((engine) => engine.stop()));
    await this.decisions.stop();
    await Promise.all([this.conn, ...this.conns].map((conn) => conn.close()));
    await this.server.close();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
