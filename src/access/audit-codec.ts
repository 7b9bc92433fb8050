import { AUDIT_DETAIL_FIELDS_MAX, AUDIT_TEXT_LENGTH_MAX } from '../limits.ts';
import { Reader } from '../wire/reader.ts';
import { Writer } from '../wire/writer.ts';
import { AUDIT_ACTIONS, type AuditAction, type AuditEvent } from './audit-event.ts';

/** First field of an entry. */
const EVENT_VERSION = 1;
const FIELDS = 10;

const writer = new Writer();

/** Canonical MessagePack; texts that are too long are cut. @throws RangeError where time or count is no whole number. */
export function encodeEvent({
  at,
  action,
  subject,
  roles,
  target,
  result,
  detail,
  trace,
  count,
}: AuditEvent): Uint8Array {
  if (!(Number.isSafeInteger(at) && at >= 0 && Number.isSafeInteger(count)))
    throw new RangeError('no time, or no count');
  writer.begin();
  writer.listHead(FIELDS);
  writer.number(EVENT_VERSION);
  writer.number(at);
  writer.text(action);
  writer.text(cut(subject));
  writer.listHead(roles.length);
  for (const role of roles) writer.text(role);
  writer.text(cut(target));
  writer.boolean(result === 'done');
  writer.scalars(bounded(detail));
  writer.text(cut(trace));
  writer.number(count);
  return writer.take();
}

/** @throws where the bytes are no event. */
export function decodeEvent(bytes: Uint8Array): AuditEvent {
  const reader = new Reader(bytes);
  if (reader.listHead() !== FIELDS || reader.number() !== EVENT_VERSION) reader.fail();
  const at = reader.number();
  const action = reader.text() as AuditAction;
  if (!AUDIT_ACTIONS.includes(action)) reader.fail();
  const subject = reader.text();
  const roles: string[] = [];
  for (let left = reader.listHead(); left > 0; left--) roles.push(reader.text());
  const target = reader.text();
  const result = reader.boolean() ? 'done' : 'refused';
  const detail = reader.scalars() as Record<string, string | number>;
  const trace = reader.text();
  const count = reader.number();
  reader.end();
  return { at, action, subject, roles, target, result, detail, trace, count };
}

function cut(text: string): string {
  return text.length <= AUDIT_TEXT_LENGTH_MAX ? text : text.slice(0, AUDIT_TEXT_LENGTH_MAX);
}

function bounded(detail: AuditEvent['detail']): AuditEvent['detail'] {
  const entries = Object.entries(detail);
  const fits = ([, value]: [string, string | number]) =>
    typeof value === 'number' || value.length <= AUDIT_TEXT_LENGTH_MAX;
  if (entries.length <= AUDIT_DETAIL_FIELDS_MAX && entries.every(fits)) return detail;
  return Object.fromEntries(
    entries
      .slice(0, AUDIT_DETAIL_FIELDS_MAX)
      .map(([name, value]) => [name, typeof value === 'string' ? cut(value) : value]),
  );
}
