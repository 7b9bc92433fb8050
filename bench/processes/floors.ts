import { join } from 'node:path';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import fastify, { type FastifyInstance } from 'fastify';
import { connect, DiscardPolicy, type NatsConnection } from 'nats';
import { readJson } from '../../src/ingress/body.ts';
import { DeclarationSchema } from '../../src/ingress/schema.ts';

/**
 * What any service on these parts pays, and no decision: Fastify parses a declaration, checks it by the same schema and
 * answers its id; the same and a request to another thread through NATS; the same and a publish to JetStream that waits
 * for its acknowledgement.
 */
const ANSWER = new TextEncoder().encode('{"done":true}');
const file = join(import.meta.dirname, 'floors.js');

async function serve(natsUrl: string): Promise<void> {
  const nats = await connect({ servers: natsUrl, name: 'floors', noAsyncTraces: true });
  const manager = await nats.jetstreamManager();
  await manager.streams.add({ name: 'FLOOR', subjects: ['floor.stream'], discard: DiscardPolicy.New });
  const responder = new Worker(file, { workerData: natsUrl });
  await new Promise((resolve) => responder.once('message', resolve));
  const jetstream = nats.jetstream();
  const urls = [
    await listen(async () => undefined),
    await listen((body) => nats.request('floor.request', body, { timeout: 5000 })),
    await listen((body) => jetstream.publish('floor.stream', body)),
  ];
  process.stdout.write(`${urls.join(' ')}\n`);
}

/** A server whose answers wait for this work. */
async function listen(work: (body: Buffer) => Promise<unknown>): Promise<string> {
  const server: FastifyInstance = fastify({ logger: false });
  const bodies = new WeakMap<object, Buffer>();
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) => {
    const value = readJson(body) as object;
    bodies.set(value, body);
    return value;
  });
  server.post('/v1/declarations', { schema: { body: DeclarationSchema } }, async (request) => {
    const declaration = request.body as { id: string; version?: number };
    await work(bodies.get(declaration) ?? Buffer.alloc(0));
    return { declarationId: declaration.id, version: declaration.version };
  });
  return server.listen({ host: '127.0.0.1', port: 0 });
}

async function respond(natsUrl: string): Promise<void> {
  const nats: NatsConnection = await connect({ servers: natsUrl, name: 'responder', noAsyncTraces: true });
  nats.subscribe('floor.request', { callback: (_error, message) => void message.respond(ANSWER) });
  await nats.flush();
  const { parentPort } = await import('node:worker_threads');
  parentPort?.postMessage('ready');
}

if (isMainThread) await serve(process.argv[2] ?? '');
else await respond(workerData as string);
