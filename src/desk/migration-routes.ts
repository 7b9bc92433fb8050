import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { type AuditPort, eventOf, onRecord } from '../access/audit-event.ts';
import { TARGETS } from '../core/profile.ts';
import { CorridorError } from '../errors.ts';
import { acceptor } from '../ingress/accept.ts';
import { send } from '../ingress/request.ts';
import { SHEET_BYTES_MAX } from '../limits.ts';
import { MIGRATION_KINDS, type MigrationOutcome, type MigrationTask } from '../policies/migrate.ts';
import type { Migration } from '../policies/migration.ts';
import type { SingleThread } from '../policies/single-thread.ts';
import type { PolicyVersions } from '../policies/version.ts';
import type { Workflow } from '../policies/workflow.ts';
import { subjectOf } from './draft-routes.ts';

export interface MigrationRoutesDeps {
  readonly versions: PolicyVersions;
  readonly workflow: Pick<Workflow, 'createDraft'>;
  readonly migrator: SingleThread<MigrationTask, MigrationOutcome>;
  readonly audit: AuditPort;
}

const BASE64_BYTES_MAX = Math.ceil(SHEET_BYTES_MAX / 3) * 4;

const MigrationSchema = Type.Object(
  {
    kind: Type.Unsafe<(typeof MIGRATION_KINDS)[number]>({ type: 'string', enum: [...MIGRATION_KINDS] }),
    title: Type.String({ minLength: 1, maxLength: 200, pattern: '\\S', description: 'of the draft' }),
    reason: Type.Optional(Type.String({ maxLength: 2000 })),
    content: Type.String({ minLength: 1, maxLength: BASE64_BYTES_MAX, description: 'the file, in base64' }),
    target: Type.Optional(
      Type.Unsafe<string>({ type: 'string', enum: [...TARGETS], description: 'of profiles out of criteria' }),
    ),
    fields: Type.Optional(
      Type.Record(Type.String(), Type.String({ maxLength: 200 }), {
        description: 'variables of criteria → fields of the data dictionary',
        maxProperties: 200,
      }),
    ),
    dryRun: Type.Optional(Type.Boolean({ description: 'the report alone, no draft' })),
  },
  { additionalProperties: false, title: 'Migration' },
);
const accept = acceptor(MigrationSchema, 'The migration');

/** Rules of other systems, into drafts. */
export function registerMigrationRoutes(server: FastifyInstance, deps: MigrationRoutesDeps): void {
  server.post(
    '/v1/migrations',
    {
      config: { access: 'author' },
      bodyLimit: BASE64_BYTES_MAX + 64 * 1024,
      schema: { summary: 'Take over rules of another system into a draft', tags: ['drafts'], body: MigrationSchema },
    },
    async (request, reply) => {
      const { content, title, reason, dryRun = false, ...input } = accept(request.body);
      const { files, report } = await migrationFrom(deps, { ...input, bytes: Buffer.from(content, 'base64') });
      if (dryRun || Object.keys(files).length === 0) return send(request, reply, { draft: null, report });
      const by = subjectOf(request);
      const event = eventOf(request, 'draft.changed', 'draft:new', { did: 'migrated', kind: input.kind, title });
      const create = () => deps.workflow.createDraft({ title, ...(reason && { reason }), changes: files }, by);
      const { id } = await onRecord(deps.audit, event, create);
      return send(request, reply.code(201).header('location', `/v1/drafts/${id}`), { draft: id, report });
    },
  );
}

/** @throws CorridorError `invalid_request` where the file as a whole cannot be read. */
async function migrationFrom(
  { versions, migrator }: MigrationRoutesDeps,
  input: MigrationTask['input'],
): Promise<Migration> {
  const active = versions.active();
  const base = active === null ? null : await versions.bundle(active.version);
  if (base === null) throw new CorridorError('not_ready', 'No policy is active yet');
  const outcome = await migrator.run({ input, base });
  if ('refused' in outcome) throw new CorridorError('invalid_request', outcome.refused);
  return outcome.migration;
}
