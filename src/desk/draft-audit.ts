import type { AuditEvent, AuditPort } from '../access/audit-event.ts';
import type { ScheduleDeps } from '../policies/schedule.ts';

/** Puts on record what the schedule does, as done by whoever scheduled it. */
export function auditOfSchedule(audit: AuditPort): ScheduleDeps['onDone'] {
  return ({ id, schedule, publication }, what, error) => {
    const subject = schedule?.by ?? publication?.by ?? 'schedule';
    const detail: AuditEvent['detail'] = {
      how: what,
      ...(publication === null ? {} : { version: publication.version }),
    };
    const result = error === null ? 'done' : 'refused';
    const event = { at: Date.now(), action: 'draft.published', subject, roles: [], target: `draft:${id}` } as const;
    return audit.append({ ...event, result, detail, trace: '', count: 1 });
  };
}
