import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import fastify from 'fastify';
import { connect, DiscardPolicy } from 'nats';
import { readJson } from '../../src/ingress/body.ts';
import { acceptDeclaration } from '../../src/ingress/validate.ts';
import { answerView } from '../../src/ingress/views.ts';
import { type DecisionEntry, open, seal } from '../../src/wire/envelope.ts';
import { identityKey } from '../../src/wire/identity.ts';

/**
 * What one would write first, and write well: one message per declaration, one per decision, no ledger.
 *
 *   POST ─► parse, validate ─► DECLARATIONS (acknowledged) ─► engine: look up, decide, one write ─► DECISIONS ─► answer
 *
 * Parsing, validation, policy, look-ups and the view of the answer are the service's own. The ingress hears decisions
 * by a plain subscription to their subject, not from the stream.
 */
export interface LoopData {
  readonly natsUrl: string;
  readonly rulesDir: string;
  readonly dataDir: string;
}

const [natsUrl = '', rulesDir = '', dataDir = ''] = process.argv.slice(2);

const nats = await connect({ servers: natsUrl, name: 'loop ingress', noAsyncTraces: true });
const manager = await nats.jetstreamManager();
for (const name of ['declarations', 'decisions']) {
  await manager.streams.add({ name: name.toUpperCase(), subjects: [`${name}.>`], discard: DiscardPolicy.New });
}
const data: LoopData = { natsUrl, rulesDir, dataDir };
const engine = new Worker(join(import.meta.dirname, 'one-message-engine.js'), { workerData: data });
engine.on('error', (error) => {
  throw error;
});

const waiting = new Map<string, (entry: DecisionEntry) => void>();
nats.subscribe('decisions.loop', {
  callback(_error, message) {
    for (const entry of open('decisions.made', message.data).body) {
      const key = identityKey(entry);
      waiting.get(key)?.(entry);
      waiting.delete(key);
    }
  },
});

const jetstream = nats.jetstream();
const server = fastify({ logger: false });
server.removeAllContentTypeParsers();
server.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) =>
  readJson(body),
);
server.post('/v1/declarations', async (request, reply) => {
  const { declaration, bytes } = acceptDeclaration(request.body);
  const { id, version } = declaration;
  const identity = { submitter: 'local', id, version };
  const hash = createHash('sha256').update(bytes).digest();
  const now = Date.now();
  const answered = new Promise<DecisionEntry>((resolve) => waiting.set(identityKey(identity), resolve));
  const entry = { ...identity, trace: request.id, receivedAt: now, hash, declaration: bytes };
  const message = seal('declarations.submitted', 'loop', now, request.id, [
    { ...entry, previous: null, inherited: null },
  ]);
  const [decided] = await Promise.all([answered, jetstream.publish('declarations.loop', message)]);
  const { outcome, receivedAt, record } = decided;
  const answer = { kind: 'kept', entry: { identity, outcome, receivedAt, hash, record } } as const;
  return reply.type('application/json').send(JSON.stringify(answerView(answer, 'full')));
});
const url = await server.listen({ host: '127.0.0.1', port: 0 });
process.stdout.write(`${url}\n`);
