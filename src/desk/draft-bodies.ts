import { type Static, Type } from 'typebox';
import { REGIMES } from '../core/declaration.ts';
import { CorridorError } from '../errors.ts';
import { acceptor, Instant } from '../ingress/accept.ts';
import { COMMENT_LENGTH_MAX, LIST_LENGTH_MAX } from '../limits.ts';
import type { Launch } from '../policies/draft.ts';

const CLOSED = { additionalProperties: false };

const title = Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' });
const reason = Type.String({ maxLength: COMMENT_LENGTH_MAX, description: 'why' });
const words = Type.String({ minLength: 1, maxLength: COMMENT_LENGTH_MAX, pattern: '\\S' });
const fileName = Type.String({ minLength: 1, maxLength: 120 });
const version = Type.String({ minLength: 1, maxLength: 60 });
const instantOrNull = Type.Union([Instant, Type.Null()]);
const code = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$' });

export const DraftSchema = Type.Object(
  {
    title,
    reason: Type.Optional(reason),
    base: Type.Optional(Type.String({ ...version, description: 'version that it changes; default: the active one' })),
    copyOf: Type.Optional(Type.String({ maxLength: 40, description: 'draft whose changes it begins with' })),
    changes: Type.Optional(
      Type.Record(Type.String(), Type.Union([Type.String(), Type.Null()]), {
        description: 'file → its text; null: taken away',
      }),
    ),
  },
  { ...CLOSED, title: 'NewDraft' },
);
const LaunchSchema = Type.Object(
  {
    activateAt: Type.Optional(instantOrNull),
    expireAt: Type.Optional(instantOrNull),
    offices: Type.Optional(Type.Array(code, { maxItems: LIST_LENGTH_MAX, description: 'where new profiles hold' })),
    regimes: Type.Optional(Type.Array(Type.Unsafe<string>({ type: 'string', enum: [...REGIMES] }))),
    percent: Type.Optional(Type.Number({ minimum: 0, maximum: 100, description: 'share of the declarations' })),
  },
  { ...CLOSED, title: 'Launch' },
);
export const SettingsSchema = Type.Object(
  { title: Type.Optional(title), reason: Type.Optional(reason), launch: Type.Optional(LaunchSchema) },
  { ...CLOSED, title: 'DraftSettings' },
);
export const UndoSchema = Type.Object(
  { revision: Type.Integer({ minimum: 1, description: 'whose files come back' }) },
  { ...CLOSED, title: 'UndoTo' },
);
export const DuplicateSchema = Type.Object(
  { profile: code, as: Type.String({ ...code, description: 'id of the new one' }), title: Type.Optional(title) },
  { ...CLOSED, title: 'Duplicate' },
);
export const RebaseSchema = Type.Object(
  {
    choices: Type.Optional(
      Type.Record(fileName, Type.Unsafe<'mine' | 'theirs'>({ type: 'string', enum: ['mine', 'theirs'] })),
    ),
  },
  { ...CLOSED, title: 'Rebase' },
);
export const DecisionSchema = Type.Object({ comment: Type.Optional(reason) }, { ...CLOSED, title: 'Decision' });
export const WordsSchema = Type.Object({ comment: words }, { ...CLOSED, title: 'Comment' });
export const ReasonSchema = Type.Object({ reason: words }, { ...CLOSED, title: 'Reason' });
export const PublishSchema = Type.Object({ reason: Type.Optional(reason) }, { ...CLOSED, title: 'Publication' });
export const ScheduleSchema = Type.Object(
  { activateAt: Type.Optional(Instant), expireAt: Type.Optional(instantOrNull) },
  { ...CLOSED, title: 'Schedule', description: 'What is left out is as the draft says.' },
);

export const acceptDraft = acceptor(DraftSchema, 'The draft');
export const acceptUndo = acceptor(UndoSchema, 'The request');
export const acceptDuplicate = acceptor(DuplicateSchema, 'The request');
export const acceptRebase = acceptor(RebaseSchema, 'The request');
export const acceptDecision = acceptor(DecisionSchema, 'The decision');
export const acceptWords = acceptor(WordsSchema, 'The comment');
export const acceptReason = acceptor(ReasonSchema, 'The request');
export const acceptPublish = acceptor(PublishSchema, 'The request');
const acceptSettingsBody = acceptor(SettingsSchema, 'The draft');
const acceptScheduleBody = acceptor(ScheduleSchema, 'The schedule');

export interface Settings {
  readonly title?: string;
  readonly reason?: string;
  readonly launch?: Launch;
}

export function acceptSettings(body: unknown): Settings {
  const { launch, ...settings } = acceptSettingsBody(body);
  return launch === undefined ? settings : { ...settings, launch: launchOf(launch) };
}

/** @throws CorridorError `invalid_request` where it would end before it begins. */
function launchOf(wish: Static<typeof LaunchSchema>): Launch {
  const [activateAt, expireAt] = [timeOf(wish.activateAt), timeOf(wish.expireAt)];
  if (activateAt !== null && expireAt !== null && expireAt <= activateAt) {
    const faults = [{ pointer: '/launch/expireAt', message: 'must be after activateAt' }];
    throw new CorridorError('invalid_request', 'The launch is not valid', { faults });
  }
  const { offices = [], regimes = [], percent = 100 } = wish;
  return { activateAt, expireAt, offices, regimes, percent };
}

export function acceptSchedule(body: unknown): { activateAt?: number; expireAt?: number | null } {
  const { activateAt, expireAt } = acceptScheduleBody(body);
  return {
    ...(activateAt === undefined ? {} : { activateAt: Date.parse(activateAt) }),
    ...(expireAt === undefined ? {} : { expireAt: timeOf(expireAt) }),
  };
}

function timeOf(text: string | null | undefined): number | null {
  return text === null || text === undefined ? null : Date.parse(text);
}
