import type { Broker } from '../stream/login.ts';
import type { BrokerRole } from '../stream/permissions.ts';
import type { ProjectedStream } from './projector.ts';

/** What the projecting thread is started with. */
export interface ProjectionData {
  readonly modelsDir: string;
  /** Ledger of this process: read once where the models are empty, for what the streams have let go. */
  readonly ledgerDir: string | null;
  readonly broker: Broker;
  readonly brokerRole: BrokerRole;
  readonly name: string;
}

/** From the thread to its parent. */
export type ProjectionReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'applied'; readonly stream: ProjectedStream; readonly sequence: number }
  | { readonly kind: 'reset'; readonly stream: ProjectedStream; readonly why: string }
  | {
      readonly kind: 'unreadable';
      readonly stream: ProjectedStream;
      readonly sequence: number;
      readonly message: string;
    }
  | { readonly kind: 'failed'; readonly stream: ProjectedStream; readonly message: string }
  | { readonly kind: 'caught_up'; readonly asked: number }
  | { readonly kind: 'stopped' };

/** From the parent to the thread. */
export type ProjectionOrder = { readonly kind: 'stop' } | { readonly kind: 'catch_up'; readonly asked: number };
