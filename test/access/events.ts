import type { AuditEvent } from '../../src/access/audit-event.ts';

export const AT = Date.UTC(2026, 10, 23, 9);

/** Somebody has read the decision on this declaration. */
export function auditEvent(target: string, patch: Partial<AuditEvent> = {}): AuditEvent {
  return {
    ...{ at: AT, action: 'decision.read', subject: 'somebody', roles: ['head'], target },
    ...{ result: 'done', detail: {}, trace: 't', count: 1 },
    ...patch,
  };
}
