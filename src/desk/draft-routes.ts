import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type AuditPort, eventOf, onRecord } from '../access/audit-event.ts';
import { mustAccess } from '../access/hook.ts';
import { CorridorError } from '../errors.ts';
import { send } from '../ingress/request.ts';
import type { Draft } from '../policies/draft.ts';
import { explainedDiff } from '../policies/explained-diff.ts';
import type { PolicyLife } from '../policies/open.ts';
import type { PolicyVersions } from '../policies/version.ts';
import { mustBundle } from '../policies/version-access.ts';
import type { Saved } from '../policies/workflow.ts';
import { formOf, type ProfileForm, yamlOf } from '../profiles/profile-form.ts';
import * as bodies from './draft-bodies.ts';
import { briefOf, draftView, inForceOf, savedView } from './draft-views.ts';
import { FILE_BODY, mustBeText, withTextBodies } from './text-bodies.ts';

export interface DraftRoutesDeps extends Pick<PolicyLife, 'board' | 'workflow' | 'publisher'> {
  readonly versions: PolicyVersions;
  readonly audit: AuditPort;
}

/** Drafts of the policy: made, edited, compared. What is decided about them: review-routes.ts. */
export function registerDraftRoutes(server: FastifyInstance, deps: DraftRoutesDeps): void {
  const { board, workflow, versions } = deps;
  const read = { access: 'profiles' } as const;
  const author = { access: 'author' } as const;
  const docs = (summary: string, body?: object) => ({
    summary,
    tags: ['drafts'],
    ...(body === undefined ? {} : { body }),
  });

  server.get('/v1/drafts', { config: read, schema: docs('Drafts of the policy') }, async (request, reply) => {
    const inForce = await inForceOf(versions);
    return send(request, reply, { drafts: board.list().map((draft) => briefOf(draft, inForce)) });
  });

  server.post(
    '/v1/drafts',
    { config: author, schema: docs('Begin a draft', bodies.DraftSchema), ...FILE_BODY },
    async (request, reply) => {
      const { copyOf, ...input } = bodies.acceptDraft(request.body);
      const by = subjectOf(request);
      const create = () =>
        copyOf === undefined ? workflow.createDraft(input, by) : workflow.copyDraft(copyOf, input.title, by);
      const event = eventOf(request, 'draft.changed', 'draft:new', { did: 'created', title: input.title });
      const draft = await onRecord(deps.audit, event, create);
      return answer(request, reply.code(201).header('location', `/v1/drafts/${draft.id}`), draft);
    },
  );

  server.get('/v1/drafts/:id', { config: read, schema: docs('A draft with its texts') }, (request, reply) =>
    answer(request, reply, board.get(idOf(request))),
  );

  server.get(
    '/v1/drafts/:id/check',
    { config: read, schema: docs('What is wrong with the policy that a draft would make') },
    async (request, reply) => send(request, reply, await workflow.check(idOf(request))),
  );

  server.get(
    '/v1/drafts/:id/diff',
    { config: read, schema: docs('What a draft changes, setting by setting') },
    async (request, reply) => {
      const draft = board.get(idOf(request));
      const before = await mustBundle(versions, draft.base);
      const changes = explainedDiff(before, await workflow.draftBundle(draft.id));
      return send(request, reply, { before: draft.base, revision: draft.revision, changes });
    },
  );

  server.get(
    '/v1/drafts/:id/files',
    { config: read, schema: docs('The whole policy that a draft would make, file by file') },
    async (request, reply) => {
      const { files } = await workflow.draftBundle(idOf(request));
      return send(request, reply, { files });
    },
  );

  server.put(
    '/v1/drafts/:id',
    { config: author, schema: docs('Title, reason, launch of a draft', bodies.SettingsSchema) },
    async (request, reply) => {
      const settings = bodies.acceptSettings(request.body);
      const describe = () => workflow.describe(idOf(request), revisionOf(request), settings, subjectOf(request));
      return answer(request, reply, await changed(request, { did: 'described' }, describe));
    },
  );

  server.delete('/v1/drafts/:id', { config: author, schema: docs('Delete a draft') }, async (request, reply) => {
    await changed(request, { did: 'deleted' }, () => workflow.delete(idOf(request), revisionOf(request)));
    return reply.code(204).send();
  });

  server.post(
    '/v1/drafts/:id/undo',
    { config: author, schema: docs('Bring back the files of an earlier revision', bodies.UndoSchema) },
    async (request, reply) => {
      const { revision } = bodies.acceptUndo(request.body);
      const undo = () => workflow.undo(idOf(request), revisionOf(request), revision, subjectOf(request));
      return answer(request, reply, await changed(request, { did: 'undone', revision }, undo));
    },
  );

  server.put(
    '/v1/drafts/:id/profiles/:pid',
    { config: author, schema: docs('Save a profile, as its form', { type: 'object' }) },
    async (request, reply) => {
      const file = profileFileOf(request);
      const { files } = await workflow.draftBundle(idOf(request));
      return save(request, reply, file, textOfForm(request, Object.hasOwn(files, file) ? (files[file] ?? null) : null));
    },
  );

  server.delete(
    '/v1/drafts/:id/profiles/:pid',
    { config: author, schema: docs('Take a profile out of the policy') },
    (request, reply) => save(request, reply, profileFileOf(request), null),
  );

  server.post(
    '/v1/drafts/:id/duplicate',
    { config: author, schema: docs('A profile once more, under another id', bodies.DuplicateSchema) },
    async (request, reply) => {
      const { profile, as, title } = bodies.acceptDuplicate(request.body);
      const text = await workflow.fileOf(idOf(request), `profiles/${profile}.yaml`);
      const file = `profiles/${as}.yaml`;
      const { files } = await workflow.draftBundle(idOf(request));
      if (Object.hasOwn(files, file)) throw new CorridorError('wrong_state', `There is a profile ${as} already`);
      const form = formOf(text);
      return save(request, reply, file, yamlOf({ ...form, id: as, title: title ?? form.title }, text));
    },
  );

  withTextBodies(server, (scope) => {
    scope.put(
      '/v1/drafts/:id/files/*',
      { config: author, schema: docs('Save a file: a list, a derived field, policy.yaml'), ...FILE_BODY },
      (request, reply) => save(request, reply, fileOf(request), mustBeText(request.body)),
    );
    scope.delete(
      '/v1/drafts/:id/files/*',
      { config: author, schema: docs('Take a file out of the policy; ?revert=1: have it as the base has it') },
      (request, reply) => {
        const { revert } = request.query as { revert?: string };
        return save(request, reply, fileOf(request), revert === '1' ? undefined : null);
      },
    );
  });

  async function save(
    request: FastifyRequest,
    reply: FastifyReply,
    file: string,
    text: string | null | undefined,
  ): Promise<FastifyReply> {
    const [revision, by] = [revisionOf(request), subjectOf(request)];
    const did = text === undefined ? 'reverted' : text === null ? 'removed' : 'changed';
    const act = () => workflow.saveFile(idOf(request), revision, file, text, by);
    const saved = await changed(request, { did, file }, act);
    return answerSaved(request, reply, saved, versions);
  }

  function changed<T>(request: FastifyRequest, detail: Record<string, string | number>, act: () => Promise<T>) {
    return onRecord(deps.audit, eventOf(request, 'draft.changed', `draft:${idOf(request)}`, detail), act);
  }

  async function answer(request: FastifyRequest, reply: FastifyReply, draft: Draft): Promise<FastifyReply> {
    return send(request, reply.header('etag', etagOf(draft)), await draftView(draft, versions));
  }
}

/** With what is wrong with the policy that it would make. */
export async function answerSaved(
  request: FastifyRequest,
  reply: FastifyReply,
  saved: Saved,
  versions: PolicyVersions,
): Promise<FastifyReply> {
  return send(request, reply.header('etag', etagOf(saved.draft)), await savedView(saved, versions));
}

export function etagOf({ revision }: Draft): string {
  return `"${revision}"`;
}

export function subjectOf(request: FastifyRequest): string {
  return mustAccess(request).principal.subject;
}

export function idOf(request: FastifyRequest): string {
  return (request.params as { id: string }).id;
}

/** The revision that was edited, of If-Match. @throws CorridorError `invalid_request` where none is named. */
export function revisionOf(request: FastifyRequest): number {
  const revision = optionalRevisionOf(request);
  if (revision !== null) return revision;
  throw new CorridorError('invalid_request', 'Send If-Match and the revision that you edited');
}

/** Null: none is named. */
export function optionalRevisionOf({ headers }: FastifyRequest): number | null {
  const given = headers['if-match'];
  if (given === undefined || given === '*') return null;
  const [, revision] = /^"?(\d{1,9})"?$/.exec(given) ?? [];
  if (revision === undefined) throw new CorridorError('invalid_request', 'If-Match must be a revision');
  return Number(revision);
}

function fileOf(request: FastifyRequest): string {
  return (request.params as { '*': string })['*'];
}

function profileFileOf(request: FastifyRequest): string {
  return `profiles/${(request.params as { pid: string }).pid}.yaml`;
}

/** @throws CorridorError `invalid_request` where it is no form; what it says is checked like every text. */
function textOfForm({ body, params }: FastifyRequest, before: string | null): string {
  const isForm = typeof body === 'object' && body !== null && !Array.isArray(body);
  const form = body as ProfileForm;
  if (!isForm || form.id !== (params as { pid: string }).pid) {
    const faults = [{ pointer: '/id', message: 'must be the id in the address' }];
    throw new CorridorError('invalid_request', 'The profile is not valid', { faults });
  }
  try {
    return yamlOf(form, before);
  } catch (cause) {
    throw new CorridorError('invalid_request', 'The profile cannot be written', { cause });
  }
}
