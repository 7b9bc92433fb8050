import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { packageRoot } from '../config.ts';
import { prepareModels } from '../state/models-store.ts';
import type { ProjectedStream } from './projector.ts';
import type { ProjectionData, ProjectionOrder, ProjectionReport } from './thread-protocol.ts';

export interface ProjectionListener {
  /** The read models hold everything up to here. */
  applied(stream: ProjectedStream, sequence: number): void;
  /** Something went wrong and is tried again, or was passed over; the text says which. */
  fault(message: string): void;
  /** The thread ended without being told to; the read models stand still from now on. */
  died(error: Error): void;
}

/** The projecting thread, seen from the service. */
export interface Projection {
  /** Resolves when the read models hold all that the streams held at the time of the call. */
  caughtUp(): Promise<void>;
  /** Applies what has arrived, closes the read models, ends the thread. */
  stop(): Promise<void>;
}

/** A thread that does not end by then is ended. */
const STOP_DEADLINE_MS = 5000;

/**
 * Starts the one thread that writes the read models. Resolves when they can be opened for reading: open them nowhere
 * before that. A ledger named in `data` must be open already.
 */
export async function startProjection(data: ProjectionData, listener: ProjectionListener): Promise<Projection> {
  prepareModels(data.modelsDir);
  const worker = new Worker(join(packageRoot(), 'dist', 'workers', 'project.js'), { workerData: data });
  const projection = new ProjectionThread(worker, listener);
  await projection.ready;
  return projection;
}

class ProjectionThread implements Projection {
  readonly ready: Promise<void>;
  readonly #worker: Worker;
  readonly #listener: ProjectionListener;
  readonly #exited: Promise<void>;
  readonly #waiting = new Map<number, () => void>();
  #asked = 0;
  #stopping = false;
  #isReady: () => void = () => undefined;

  constructor(worker: Worker, listener: ProjectionListener) {
    this.#worker = worker;
    this.#listener = listener;
    this.ready = new Promise((resolve, reject) => {
      this.#isReady = resolve;
      worker.once('error', reject);
    });
    this.#exited = new Promise((resolve) => worker.once('exit', () => resolve()));
    worker.on('message', (report: ProjectionReport) => this.#hear(report));
    worker.on('error', (error: Error) => this.#ended(error));
    worker.on('exit', (code) => this.#ended(new Error(`the projecting thread ended with ${code}`)));
  }

  caughtUp(): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    return new Promise((resolve) => {
      this.#waiting.set(asked, resolve);
      this.#order({ kind: 'catch_up', asked });
    });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#order({ kind: 'stop' });
    const deadline = setTimeout(() => void this.#worker.terminate(), STOP_DEADLINE_MS);
    await this.#exited;
    clearTimeout(deadline);
  }

  #order(order: ProjectionOrder): void {
    this.#worker.postMessage(order);
  }

  #hear(report: ProjectionReport): void {
    switch (report.kind) {
      case 'ready':
        this.#isReady();
        break;
      case 'applied':
        this.#listener.applied(report.stream, report.sequence);
        break;
      case 'reset':
        this.#listener.fault(`${report.stream} was ${report.why.replace('_', ' ')}: it is applied anew`);
        break;
      case 'unreadable':
        this.#listener.fault(`message ${report.sequence} of ${report.stream} cannot be read: ${report.message}`);
        break;
      case 'failed':
        this.#listener.fault(`${report.stream} cannot be followed: ${report.message}`);
        break;
      case 'caught_up':
        this.#waiting.get(report.asked)?.();
        this.#waiting.delete(report.asked);
        break;
      case 'stopped':
        this.#stopping = true;
        break;
    }
  }

  #ended(error: Error): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#listener.died(error);
  }
}
