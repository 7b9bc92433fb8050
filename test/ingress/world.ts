import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { type Audit, openAudit } from '../../src/access/audit.ts';
import type { Principal } from '../../src/access/principal.ts';
import { registerDesk } from '../../src/desk/desk.ts';
import { EventStreams } from '../../src/desk/event-streams.ts';
import { Latest } from '../../src/desk/latest.ts';
import { Overview } from '../../src/desk/overview.ts';
import { Declarations } from '../../src/ingress/declarations.ts';
import { createKnown } from '../../src/ingress/known.ts';
import { Replies } from '../../src/ingress/replies.ts';
import { createServer } from '../../src/ingress/server.ts';
import { RATES } from '../../src/limits.ts';
import { createHealth } from '../../src/observe/health.ts';
import { createLog } from '../../src/observe/log.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { createProjector, type Projector } from '../../src/projections/projector.ts';
import { type Ledger, openLedger } from '../../src/state/ledger.ts';
import { type Models, openModels } from '../../src/state/models.ts';
import { closeForWriting, type ModelsStore, openForWriting } from '../../src/state/models-store.ts';
import { type DecisionEntry, type PartyEntry, seal } from '../../src/wire/envelope.ts';

const CREATED = '2026-01-01T00:00:00Z';

/** Two worlds are the same to everybody who has the same credentials: who asks is said by name. */
function trader(party: string): Principal {
  return {
    ...{ subject: party, name: party, kind: 'person', roles: ['declarant', 'carrier'], scopes: null, offices: [] },
    ...{ party, submitters: [party], credential: party, issuedAt: 0, expiresAt: 4_000_000_000_000 },
  };
}

/** What an engine decides of a declaration that comes in. */
export type Decide = (declaration: { readonly submitter: string; readonly id: string; readonly version: number }) => {
  readonly outcome: 'decided' | 'quarantined';
  readonly record: Uint8Array;
};

/**
 * One ingress on real ledger, read models and HTTP server, in memory-backed files. What an engine would decide is said
 * by the test, and comes in as DECISIONS would bring it; time stands still.
 */
export class World {
  readonly server: FastifyInstance;
  readonly #ledger: Ledger;
  readonly #models: Models;
  readonly #audit: Audit;
  readonly #projector: Projector;
  readonly #close: () => Promise<void>;
  #parties = 0;

  private constructor(server: FastifyInstance, parts: Parts, close: () => Promise<void>) {
    this.server = server;
    this.#ledger = parts.ledger;
    this.#models = parts.models;
    this.#audit = parts.audit;
    this.#projector = parts.projector;
    this.#close = close;
  }

  /** Customs says this of a party. */
  knows(entry: PartyEntry): void {
    this.#parties += 1;
    this.#projector.parties([{ sequence: this.#parties, created: CREATED, at: 0, by: 'world', entries: [entry] }]);
  }

  static async open(decide: Decide, now: number): Promise<World> {
    const dir = mkdtempSync(join(memoryFolder(), 'corridor-world-'));
    const store = openForWriting(join(dir, 'models'));
    const ledger = openLedger(join(dir, 'ledger'));
    const models = openModels(join(dir, 'models'));
    const audit = openAudit(join(dir, 'audit'));
    const parts = { decide, now, projector: createProjector(store), ledger, models, audit };
    return new World(await serve(parts), parts, () => closeAll(dir, store));
  }

  async close(): Promise<void> {
    await this.server.close();
    await this.#models.close();
    await this.#ledger.close();
    await this.#audit.close();
    await this.#close();
  }
}

interface Parts {
  readonly decide: Decide;
  readonly now: number;
  readonly projector: Projector;
  readonly ledger: Ledger;
  readonly models: Models;
  readonly audit: Audit;
}

function serve({ decide, now, projector, ledger, models, audit }: Parts): Promise<FastifyInstance> {
  const metrics = createMetrics();
  const health = createHealth();
  const log = createLog('silent');
  const nothing = () => Promise.resolve(null);
  const replies = new Replies({ ingress: 'local', ledger, fetchDecision: nothing, seen: null, metrics, log });
  const known = createKnown({ ledger, models, replies, fetchDecision: nothing });
  const tell = teller((entries, sequence) => {
    projector.decisions([{ sequence, created: CREATED, entries }]);
    const data = seal('decisions.made', 'world', now, '', entries).slice();
    void replies.onDecisions([{ sequence, created: CREATED, storedAt: '', subject: 'decisions.local', data }]);
  });
  const declarations = new Declarations({
    ledger,
    known,
    publisher: {
      submit({ submitter, id, version, trace, receivedAt, hash }) {
        const identity = { submitter, id, version };
        return tell({ ...identity, trace, receivedAt, hash, restored: false, ...decide(identity) });
      },
      decided: () => undefined,
    },
    publishDecision: tell,
    projected: () => Promise.resolve(),
    replies,
    metrics,
    deadlineMs: 20_000,
    now: () => now,
  });
  declarations.accepting = true;
  return createServer({
    ...{ declarations, known, replies, models, health, metrics, log, version: '0.0.0' },
    access: { identify: trader },
    refused: () => undefined,
    extensions: [
      (server) =>
        registerDesk(server, {
          ...{ models, audit, now: () => now, latest: new Latest(), overview: new Overview({ health, metrics }) },
          streams: new EventStreams({ stands: () => true, now: () => now }),
          publishOverride: () => Promise.reject(new Error('a trader changed a category')),
        }),
    ],
    // All the traders are at one address: what it asks for without a name must not depend on how fast they are.
    edges: { rates: { ...RATES, anonymous: Number.MAX_SAFE_INTEGER } },
    disclosed: () => Promise.reject(new Error('a trader was shown more than outcomes')),
    now: () => now,
  });
}

/** Joins what is told at once into one message, as an engine does. */
function teller(
  send: (entries: readonly DecisionEntry[], sequence: number) => void,
): (entry: DecisionEntry) => Promise<{ sequence: number }> {
  let sequence = 0;
  let next: { readonly entries: DecisionEntry[]; readonly sent: Promise<{ sequence: number }> } | null = null;
  const begin = () => {
    const entries: DecisionEntry[] = [];
    const sent = turn().then(() => {
      next = null;
      sequence += 1;
      send(entries, sequence);
      return { sequence };
    });
    return { entries, sent };
  };
  return (entry) => {
    next ??= begin();
    next.entries.push(entry);
    return next.sent;
  };
}

async function closeAll(dir: string, store: ModelsStore): Promise<void> {
  await closeForWriting(join(dir, 'models'), store);
  rmSync(dir, { recursive: true, force: true });
}

/** Ten thousand pairs are not for the disk to sync one by one. */
function memoryFolder(): string {
  return process.platform === 'linux' ? '/dev/shm' : tmpdir();
}
