import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Authenticator } from '../access/authenticator.ts';
import type { View } from '../access/rules.ts';
import type { ErrorCode } from '../errors.ts';
import type { Health } from '../observe/health.ts';
import type { Logger } from '../observe/log.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Models } from '../state/models.ts';
import type { Declarations } from './declarations.ts';
import type { Known } from './known.ts';
import type { EdgeOptions } from './listener.ts';
import type { Replies } from './replies.ts';

/** What the routes work with. */
export interface ServerDeps {
  readonly declarations: Declarations;
  readonly known: Known;
  readonly replies: Replies;
  readonly models: Pick<Models, 'refresh' | 'transit'>;
  readonly access: Pick<Authenticator, 'identify'>;
  /** Somebody was refused, or asked for what is not theirs to see. */
  readonly refused: (request: FastifyRequest, code: ErrorCode) => void;
  /**
   * Somebody is about to see more of this target than a trader may. Resolves when that is on record; it is not shown
   * before. @throws CorridorError where it cannot be.
   */
  readonly disclosed: (request: FastifyRequest, view: View, target: string) => Promise<void>;
  /** Further routes of the same server: those behind the console, sign-in. */
  readonly extensions?: readonly ((server: FastifyInstance) => Promise<void> | void)[];
  readonly edges?: EdgeOptions;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Of the program, for the documentation. */
  readonly version: string;
  readonly now?: () => number;
}
