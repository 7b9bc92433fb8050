import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { View } from '../access/rules.ts';
import { CorridorError } from '../errors.ts';
import { BATCH_WINDOW, BATCH_WINDOW_BYTES_MAX, BATCHES_MAX, BODY_BYTES_MAX } from '../limits.ts';
import { type Line, splitLines } from '../lines.ts';
import type { Identity } from '../wire/identity.ts';
import { disclose, mustSee, targetOf } from './audience.ts';
import { onBeat } from './beat.ts';
import { readJson } from './body.ts';
import { Gate } from './gate.ts';
import { batchDocs } from './openapi.ts';
import { OrderedWindow } from './ordered-window.ts';
import { asCorridorError, problemOf } from './problem.ts';
import { isNdjson, isTrader, submitterOf } from './request.ts';
import type { ServerDeps } from './server-deps.ts';
import { Stages } from './stages.ts';
import { answerView, decisionPath, outcomeOf } from './views.ts';

/**
 * NDJSON in, NDJSON out, in order, both at once:
 *
 *   socket ─► lines ─► read ─► window (BATCH_WINDOW lines, BATCH_WINDOW_BYTES_MAX) ─► write ─► socket
 *                                │ each line: validate → publish → decide → keep
 *
 * A full window stops the reading, which stops the socket, which stops the client; a client that does not read its
 * answers fills the window. So memory is bounded whatever the length.
 */
export function registerBatchRoute(server: FastifyInstance, deps: ServerDeps): void {
  const batches = new Gate(BATCHES_MAX, Number.POSITIVE_INFINITY);

  const config = { access: 'submit', ownBeat: true } as const;
  server.post('/v1/declarations/batch', { schema: batchDocs, config }, (request, reply) => {
    if (!isNdjson(request)) throw new CorridorError('unsupported_media_type', 'Send application/x-ndjson');
    const submitter = submitterOf(request);
    const view = mustSee(request, { submitter, office: null });
    const sender: Sender = {
      submitter,
      isTrader: isTrader(request),
      requestId: request.id,
      view,
      disclose: ({ id, version }) => disclose(request, view, targetOf(submitter, id, version), deps),
    };
    const answer = (line: Line) => answerLine(line, sender, deps);
    batches.mustEnter(0, 'batches');
    reply.raw.once('close', () => batches.leave(0));
    const body = request.body as Readable;
    const answers = answerLines(body, view === 'outcome' ? (line) => onBeat(() => answer(line)) : answer);
    return reply.type('application/x-ndjson; charset=utf-8').send(Readable.from(answers, { objectMode: false }));
  });
}

/** Who sends a batch, and what it may see. */
interface Sender {
  readonly submitter: string;
  readonly isTrader: boolean;
  readonly requestId: string;
  readonly view: View;
  readonly disclose: (identity: Identity) => Promise<void>;
}

async function* answerLines(body: Readable, answer: (line: Line) => Promise<string>): AsyncGenerator<string> {
  const window = new OrderedWindow(BATCH_WINDOW, BATCH_WINDOW_BYTES_MAX);
  void fill(window, body, answer);
  try {
    for (let text = await window.take(); text !== null; text = await window.take()) yield text;
  } finally {
    // The client has gone, or everything is answered.
    window.end();
    if (!body.readableEnded) body.destroy();
  }
}

async function fill(window: OrderedWindow, body: Readable, answer: (line: Line) => Promise<string>): Promise<void> {
  try {
    for await (const line of splitLines(body, BODY_BYTES_MAX)) {
      const bytes = line.bytes?.length ?? 0;
      await window.room(bytes);
      if (window.ended) break;
      window.push(answer(line), bytes);
    }
  } catch {
    // The client broke off its body: what it sent whole is answered, if it still listens.
  }
  window.end();
}

async function answerLine(line: Line, sender: Sender, deps: ServerDeps): Promise<string> {
  const trace = `${sender.requestId}.${line.number}`;
  try {
    return `${JSON.stringify({ line: line.number, ...(await decideLine(line, sender, trace, deps)) })}\n`;
  } catch (error) {
    const known = asCorridorError(error);
    deps.metrics.countProblem(known.code);
    if (known.code === 'internal') deps.log.error({ trace, err: error }, 'unexpected error');
    return `${JSON.stringify({ line: line.number, problem: problemOf(known, trace) })}\n`;
  }
}

async function decideLine({ bytes }: Line, sender: Sender, trace: string, deps: ServerDeps): Promise<object> {
  if (bytes === null) throw new CorridorError('body_too_large', `A line may have ${BODY_BYTES_MAX} bytes`);
  const value = readJson(bytes);
  const { submitter, isTrader, view, disclose } = sender;
  const submission = { submitter, isTrader, value, bytes: bytes.length, trace, patient: true, disclose };
  const stages = new Stages('batch');
  const answer = await deps.declarations.submit(submission, stages);
  deps.metrics.observeAnswer(outcomeOf(answer), stages.elapsedMs, stages.route);
  const shown = answerView(answer, view);
  return answer.kind === 'kept' ? shown : { pending: { ...shown, location: decisionPath(answer.identity) } };
}
