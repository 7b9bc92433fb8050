import { type Static, Type } from 'typebox';
import { PARTY_ROLES, type PartyRole } from '../core/declaration.ts';
import { CATEGORIES, type Category } from '../core/facts.ts';
import { CorridorError } from '../errors.ts';
import { acceptor, Instant } from '../ingress/accept.ts';
import { OVERRIDE_DAYS_MAX, OVERRIDE_REASON_LENGTH_MAX } from '../limits.ts';

const DAY_MS = 86_400_000;

const role = Type.Unsafe<PartyRole>({ type: 'string', enum: [...PARTY_ROLES] });
const reason = Type.String({
  minLength: 1,
  maxLength: OVERRIDE_REASON_LENGTH_MAX,
  pattern: '\\S',
  description: 'a reason in words',
});

export const OverrideSchema = Type.Object(
  {
    role,
    category: Type.Unsafe<Category>({ type: 'string', enum: [...CATEGORIES] }),
    reason,
    until: Instant,
  },
  { additionalProperties: false, title: 'Override', description: 'A category in place of the imported one.' },
);
export const UndoSchema = Type.Object(
  { role, reason },
  { additionalProperties: false, title: 'Undo', description: 'Why the imported category holds again.' },
);

const acceptForm = acceptor(OverrideSchema, 'The override');
export const acceptUndo = acceptor(UndoSchema, 'The request');

/** `until` in epoch milliseconds. @throws CorridorError `invalid_request` */
export function acceptOverride(
  value: unknown,
  now: number,
): Omit<Static<typeof OverrideSchema>, 'until'> & { until: number } {
  const accepted = acceptForm(value);
  const until = Date.parse(accepted.until);
  if (until > now && until <= now + OVERRIDE_DAYS_MAX * DAY_MS) return { ...accepted, until };
  const message = `must lie ahead, within ${OVERRIDE_DAYS_MAX} days`;
  throw new CorridorError('invalid_request', 'The override is not valid', { faults: [{ pointer: '/until', message }] });
}
