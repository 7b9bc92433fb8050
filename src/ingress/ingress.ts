import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Health } from '../observe/health.ts';
import type { Logger } from '../observe/log.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Ledger } from '../state/ledger.ts';
import type { Models } from '../state/models.ts';
import type { StreamConnection } from '../stream/connection.ts';
import { publishDecisions } from '../stream/decisions.ts';
import { createDeclarationPublisher } from '../stream/declarations.ts';
import { decisionAt } from '../stream/lookup.ts';
import { Declarations } from './declarations.ts';
import { createKnown } from './known.ts';
import type { EdgeOptions } from './listener.ts';
import { Repair } from './repair.ts';
import { type DecisionsListener, Replies } from './replies.ts';
import { createServer } from './server.ts';
import type { ServerDeps } from './server-deps.ts';

export interface IngressDeps {
  readonly conn: StreamConnection;
  /** Name of this ingress in subjects; one per ledger. */
  readonly name: string;
  readonly ledger: Ledger;
  readonly models: Models;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** The engine of this process, if there is one: held while the streams are repaired. */
  readonly engine: { pause(): void; resume(): void } | null;
  readonly version: string;
  readonly access: ServerDeps['access'];
  readonly refused: ServerDeps['refused'];
  readonly disclosed: ServerDeps['disclosed'];
  readonly extensions?: ServerDeps['extensions'];
  readonly edges?: EdgeOptions;
  readonly deadlineMs?: number;
  readonly now?: () => number;
  /** Told of every message of DECISIONS. */
  readonly seen?: DecisionsListener;
}

export interface Ingress {
  readonly server: FastifyInstance;
  readonly declarations: Declarations;
  /** Sequence in DECISIONS up to which decisions have been taken in. */
  position(): number;
  /** Compares ledger and streams, then accepts. The server may listen before: it answers not_ready until then. */
  start(): Promise<void>;
  /** Whether ledger and streams are known to agree. */
  settled(): boolean;
  /** Accepts no more, answers what is inside, closes the server and the tail. The ledger stays open. */
  stop(): Promise<void>;
}

/** How long the answer to a withdrawal waits for the read model. */
const PROJECTED_WITHIN_MS = 1000;
const PROJECTED_POLL_MS = 5;
/** How long answers under way may take at the end. */
const DRAIN_WITHIN_MS = 2000;

/** Puts the parts of the ingress together over the ledger, the read models and the broker that it is given. */
export async function createIngress(deps: IngressDeps): Promise<Ingress> {
  const { conn, name, ledger, models, health, metrics, log } = deps;
  const fetchDecision = decisionAt.bind(null, conn);
  const seen = deps.seen ?? null;
  const replies = new Replies({ ingress: name, ledger, fetchDecision, seen, metrics, log });
  const known = createKnown({ ledger, models, replies, fetchDecision });
  const publisher = createDeclarationPublisher(conn, name, {
    published: (entries) => metrics.publishSize.observe(entries),
  });
  const repair = new Repair({ conn, ingress: name, ledger, replies, publisher, metrics, log, engine: deps.engine });
  const declarations = new Declarations({
    ledger,
    known,
    publisher: {
      decided: publisher.decided,
      async submit(entry) {
        const { sequence } = await publisher.submit(entry);
        repair.onAcknowledged(sequence);
        return { sequence };
      },
    },
    publishDecision: (entry, msgId) => publishDecisions(conn, name, [entry], msgId),
    projected: (sequence) => projected(models, sequence),
    replies,
    metrics,
    ...(deps.deadlineMs === undefined ? {} : { deadlineMs: deps.deadlineMs }),
    ...(deps.now === undefined ? {} : { now: deps.now }),
  });
  health.add({
    name: 'ledger',
    check() {
      const fault = ledger.fault();
      return { ok: fault === null, detail: fault === null ? 'writable' : 'cannot be written' };
    },
  });
  health.add({
    name: 'streams',
    check() {
      const ok = repair.settled();
      return { ok, detail: ok ? 'agree with the ledger' : 'are being compared with the ledger' };
    },
  });
  const { version, now, access, refused, disclosed, extensions = [] } = deps;
  const server = await createServer({
    ...{ declarations, known, replies, models, health, metrics, log, version, access, refused, disclosed, extensions },
    ...(now === undefined ? {} : { now }),
    ...(deps.edges === undefined ? {} : { edges: deps.edges }),
  });
  return {
    server,
    declarations,
    position: () => repair.position(),
    settled: () => repair.settled(),
    async start() {
      await repair.start();
      declarations.accepting = true;
    },
    async stop() {
      declarations.accepting = false;
      const until = Date.now() + DRAIN_WITHIN_MS;
      while (declarations.gate.count > 0 && Date.now() < until) await delay(PROJECTED_POLL_MS);
      const closed = server.close();
      await Promise.race([closed, delay(DRAIN_WITHIN_MS)]);
      // A batch may go on for ever; what it still sends is answered with not_ready by now.
      server.server.closeAllConnections();
      await closed;
      await repair.stop();
    },
  };
}

async function projected(models: Pick<Models, 'refresh' | 'position'>, sequence: number): Promise<void> {
  const until = Date.now() + PROJECTED_WITHIN_MS;
  while (Date.now() < until) {
    models.refresh();
    if ((models.position('DECISIONS')?.sequence ?? 0) >= sequence) return;
    await delay(PROJECTED_POLL_MS);
  }
}
