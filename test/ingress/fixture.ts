import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { AuditEvent } from '../../src/access/audit-event.ts';
import { Authenticator } from '../../src/access/authenticator.ts';
import { Directory } from '../../src/access/directory.ts';
import { DirectoryStore } from '../../src/access/directory-store.ts';
import type { Role } from '../../src/access/roles.ts';
import type { DeclarationInput } from '../../src/core/normalise.ts';
import { type Desk, type DeskParts, startDesk } from '../../src/desk/desk.ts';
import { createEngine, type Engine } from '../../src/engine/engine.ts';
import { CorridorError, type ErrorCode } from '../../src/errors.ts';
import { createIngress, type Ingress } from '../../src/ingress/ingress.ts';
import type { EdgeOptions } from '../../src/ingress/listener.ts';
import { createHealth, type Health } from '../../src/observe/health.ts';
import { createLog } from '../../src/observe/log.ts';
import { createMetrics, type Metrics } from '../../src/observe/metrics.ts';
import { type Follower, followInto } from '../../src/projections/follower.ts';
import { createProjector } from '../../src/projections/projector.ts';
import { type Ledger, openLedger } from '../../src/state/ledger.ts';
import { type Models, openModels } from '../../src/state/models.ts';
import { closeForWriting, type ModelsStore, openForWriting } from '../../src/state/models-store.ts';
import { connectStream, type StreamConnection } from '../../src/stream/connection.ts';
import { ensureTopology } from '../../src/stream/topology.ts';
import { createTestIssuer, type TestIssuer } from '../helpers/access.ts';
import { declarationInput } from '../helpers/declaration.ts';
import { type NatsServer, startNats } from '../helpers/nats.ts';

/** A declaration whose first item is described by this word: the engine's policy made by hand does as it says. */
export function saying(id: string, word = 'shoes', patch: Partial<DeclarationInput> = {}): DeclarationInput {
  const input = declarationInput({ id, ...patch });
  return { ...input, items: input.items.map((item) => ({ ...item, description: word })) };
}

export interface NodeOptions {
  readonly name?: string;
  readonly dir?: string;
  readonly engine?: boolean;
  readonly deadlineMs?: number;
  /** With the routes behind the console. */
  readonly desk?: boolean;
  /** Clock of event time. */
  readonly now?: () => number;
  readonly edges?: EdgeOptions;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into field by field
  readonly body: any;
}

/** One process's worth of Corridor on real parts: broker connection, engine, ledger, read models, HTTP server. */
export class TestNode {
  readonly dir: string;
  readonly metrics: Metrics = createMetrics();
  readonly logged: string[] = [];
  readonly refusals: ErrorCode[] = [];
  /** What was put on record before it was shown. */
  readonly disclosures: string[] = [];
  /** Cleared where nothing can be put on record. */
  recording = true;
  readonly conn: StreamConnection;
  engine: Engine | null = null;
  ledger!: Ledger;
  models!: Models;
  ingress!: Ingress;
  desk: Desk | null = null;
  /** What the desk has put on record. */
  readonly audited: AuditEvent[] = [];
  url = '';
  issuer!: TestIssuer;
  directory!: Directory;
  /** Of a machine that may submit for anybody and see whole decisions: sent unless a test says otherwise. */
  token = '';
  private store!: ModelsStore;
  private follower!: Follower;

  private constructor(conn: StreamConnection, dir: string) {
    this.conn = conn;
    this.dir = dir;
  }

  static async start(nats: NatsServer, options: NodeOptions = {}): Promise<TestNode> {
    const { name = 'local', engine = true } = options;
    const conn = await connectStream({ url: nats.url, name });
    await ensureTopology(conn);
    const node = new TestNode(conn, options.dir ?? mkdtempSync(join(tmpdir(), 'corridor-ingress-')));
    node.store = openForWriting(join(node.dir, 'models'));
    node.follower = followInto(createProjector(node.store), conn, {
      applied: () => undefined,
      reset: () => undefined,
      unreadable: () => undefined,
      failed: () => undefined,
    });
    node.ledger = openLedger(join(node.dir, 'ledger'));
    node.models = openModels(join(node.dir, 'models'));
    if (engine) await node.startEngine();
    node.issuer = await createTestIssuer();
    node.token = await node.issuer.token('ingest');
    node.directory = await Directory.start({
      conn,
      tells: true,
      store: new DirectoryStore(join(node.dir, 'access')),
      onRolesChanged: () => Promise.resolve(),
      onError: () => undefined,
    });
    const health = createHealth();
    if (options.desk === true) node.desk = await node.startDesk(health, options.now);
    node.ingress = await createIngress({
      conn,
      name,
      ledger: node.ledger,
      models: node.models,
      health,
      metrics: node.metrics,
      log: createLog('debug', { write: (line) => void node.logged.push(line) }),
      engine: node.engine,
      version: '0.0.0',
      access: new Authenticator(node.directory, () => node.issuer),
      refused: (_request, code) => void node.refusals.push(code),
      disclosed: async ({ access }, view, target) => {
        if (!node.recording) throw new CorridorError('not_ready', 'The audit cannot be written');
        node.disclosures.push(`${access?.principal.subject} ${view} ${target}`);
      },
      deadlineMs: options.deadlineMs ?? 2000,
      ...(options.now === undefined ? {} : { now: options.now }),
      ...(node.desk === null ? {} : { seen: node.desk.seen, extensions: [node.desk.register] }),
      ...(options.edges === undefined ? {} : { edges: options.edges }),
    });
    node.url = await node.ingress.server.listen({ port: 0, host: '127.0.0.1' });
    await node.ingress.start();
    return node;
  }

  private startDesk(health: Health, now: () => number = Date.now): Promise<Desk> {
    const { conn, models, metrics, directory } = this;
    const audit = { append: async (...events: readonly AuditEvent[]) => void this.audited.push(...events) };
    const stands: DeskParts['stands'] = (principal) => !directory.isRevoked(principal);
    const onError = (error: unknown) => void this.logged.push(String(error));
    return startDesk({ conn, models, metrics, health, audit, stands, onError, now });
  }

  async startEngine(): Promise<void> {
    this.engine = createEngine({
      conn: this.conn,
      modelsDir: join(this.dir, 'models'),
      keysFile: join(this.dir, 'keys', 'draw.json'),
      threads: 1,
      worker: join(import.meta.dirname, '../engine/handmade-worker.mjs'),
    });
    await this.engine.activate({ files: { 'policy.yaml': 'label: test\n' } });
  }

  async request(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answered> {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...this.bearer,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    const json = /[/+]json/.test(answer.headers.get('content-type') ?? '');
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      body: json && text !== '' ? JSON.parse(text) : null,
    };
  }

  /** Headers of somebody else. */
  async as(role: Role, claims: Parameters<TestIssuer['token']>[1] = {}): Promise<Record<string, string>> {
    return { authorization: `Bearer ${await this.issuer.token(role, claims)}` };
  }

  /** Headers of the machine that requests are sent by. */
  get bearer(): Record<string, string> {
    return { authorization: `Bearer ${this.token}` };
  }

  post(body: unknown, headers: Record<string, string> = {}): Promise<Answered> {
    return this.request('POST', '/v1/declarations', body, headers);
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Answered> {
    return this.request('GET', path, undefined, headers);
  }

  withdraw(id: string, reason = 'lodged twice'): Promise<Answered> {
    return this.request('POST', `/v1/declarations/${id}/withdrawal`, { reason });
  }

  /** Everything of this process ends; the data folder stays. */
  async stop(): Promise<void> {
    await this.ingress.stop();
    await this.desk?.stop();
    await this.engine?.stop();
    await this.directory.stop();
    await this.follower.stop();
    await this.models.close();
    await closeForWriting(join(this.dir, 'models'), this.store);
    await this.ledger.close();
    await this.conn.close();
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

export { startNats };

/** Resolves when the condition holds. @throws after some seconds. */
export async function until(condition: () => boolean | Promise<boolean>, what = 'the condition'): Promise<void> {
  for (let i = 0; i < 1000; i++) {
    if (await condition()) return;
    await delay(10);
  }
  throw new Error(`${what} did not come true`);
}
