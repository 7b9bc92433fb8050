import type { FastifyRequest } from 'fastify';

/** What is audited. */
export const AUDIT_ACTIONS = [
  'decision.read',
  'status.read',
  'latest.read',
  'transit.read',
  'party.read',
  'overview.read',
  'audit.read',
  'audit.exported',
  'request.refused',
  'request.limited',
  'policy.activated',
  'share.changed',
  'list.changed',
  'draft.changed',
  'draft.reviewed',
  'draft.published',
  'trial.started',
  'trial.ended',
  'outcomes.recorded',
  'category.changed',
  'category.overridden',
  'key.created',
  'key.revoked',
  'credential.revoked',
  'subject.revoked',
  'role.changed',
  'signed_in',
  'signed_out',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** Who did what to what. Identifiers only: what was read, or decided, stands elsewhere. */
export interface AuditEvent {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly action: AuditAction;
  readonly subject: string;
  readonly roles: readonly string[];
  readonly target: string;
  readonly result: 'done' | 'refused';
  readonly detail: Readonly<Record<string, string | number>>;
  /** Request id. */
  readonly trace: string;
  /** How many equal events it stands for. */
  readonly count: number;
}

export interface AuditPort {
  /** Resolves when they are on disk, in one commit: what they tell of may then be answered. */
  append(...events: readonly AuditEvent[]): Promise<void>;
}

/** On record first, then done; what then fails is on record as refused. @returns what it answers. */
export async function onRecord<T>(audit: AuditPort, event: AuditEvent, act: () => Promise<T>): Promise<T> {
  await audit.append(event);
  try {
    return await act();
  } catch (error) {
    await audit.append({ ...event, result: 'refused' });
    throw error;
  }
}

/** Somebody does something by a request. */
export function eventOf(
  { access, id }: FastifyRequest,
  action: AuditAction,
  target: string,
  detail: AuditEvent['detail'] = {},
): AuditEvent {
  const { subject = 'anonymous', roles = [] } = access?.principal ?? {};
  return { at: Date.now(), action, subject, roles, target, result: 'done', detail, trace: id, count: 1 };
}
