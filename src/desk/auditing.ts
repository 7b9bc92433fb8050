import type { FastifyRequest } from 'fastify';
import { mustAccess } from '../access/hook.ts';

/** What the desk puts on record: identifiers only, never the value of a category or a reason. */
export interface DeskEvent {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly action: 'overview.read' | 'latest.read' | 'party.read' | 'category.overridden';
  readonly subject: string;
  readonly roles: readonly string[];
  readonly target: string;
  readonly result: 'done' | 'refused';
  readonly detail: Readonly<Record<string, string | number>>;
  readonly trace: string;
  readonly count: number;
}

/** Port: the audit. */
export interface DeskAudit {
  /** Resolves when it is on disk: nothing is shown or changed before. @throws CorridorError where it cannot be kept. */
  append(event: DeskEvent): Promise<void>;
}

/** What a request does, by whom, as it is put on record. */
export function eventOf(
  request: FastifyRequest,
  action: DeskEvent['action'],
  target: string,
  detail: DeskEvent['detail'] = {},
): DeskEvent {
  const { subject, roles } = mustAccess(request).principal;
  return { at: Date.now(), action, subject, roles, target, result: 'done', detail, trace: request.id, count: 1 };
}
