import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type AuditPort, eventOf, onRecord } from '../access/audit-event.ts';
import { send } from '../ingress/request.ts';
import { isoOf } from '../ingress/views.ts';
import { explainedDiff } from '../policies/explained-diff.ts';
import { notActivated } from '../policies/problems.ts';
import type { ActivationEvent, PolicyVersion, PolicyVersions } from '../policies/version.ts';
import { mustBeApproved, mustBundle } from '../policies/version-access.ts';
import { acceptReason, ReasonSchema } from './draft-bodies.ts';
import { subjectOf } from './draft-routes.ts';

export interface PolicyRoutesDeps {
  readonly versions: PolicyVersions;
  readonly audit: AuditPort;
}

/** Versions of the policy: who made them, what they differ in; and the way back to one. */
export function registerPolicyRoutes(server: FastifyInstance, { versions, audit }: PolicyRoutesDeps): void {
  const read = { access: 'profiles' } as const;
  const docs = (summary: string, body?: object) => ({
    summary,
    tags: ['policy'],
    ...(body === undefined ? {} : { body }),
  });

  server.get('/v1/policies', { config: read, schema: docs('Versions, the newest first') }, (request, reply) => {
    const active = versions.active()?.version ?? null;
    const views = versions.list().map((version) => versionView(version, active));
    return send(request, reply, { active, versions: views, activations: versions.activations().map(activationView) });
  });

  server.get('/v1/policies/:v', { config: read, schema: docs('One version') }, async (request, reply) => {
    const { files } = await mustBundle(versions, versionOf(request));
    const known = versions.list().find(({ version }) => version === versionOf(request));
    const active = versions.active()?.version ?? null;
    const view = known === undefined ? { version: versionOf(request) } : versionView(known, active);
    const activations = versions.activations().filter(({ version }) => version === versionOf(request));
    return send(request, reply, { ...view, activations: activations.map(activationView), files: Object.keys(files) });
  });

  server.get(
    '/v1/policies/:v/files',
    { config: read, schema: docs('The files of a version') },
    async (request, reply) => {
      const { files } = await mustBundle(versions, versionOf(request));
      return send(request, reply, { version: versionOf(request), files });
    },
  );

  server.get(
    '/v1/policies/:v/diff',
    { config: read, schema: docs('What a version differs in; ?against= another, else the one it was made from') },
    async (request, reply) => {
      const { against } = request.query as { against?: string };
      const after = await mustBundle(versions, versionOf(request));
      const parent = versions.list().find(({ version }) => version === versionOf(request))?.parent ?? null;
      const before = against ?? parent;
      const changes = explainedDiff(before === null ? { files: {} } : await mustBundle(versions, before), after);
      return send(request, reply, { before, after: versionOf(request), changes });
    },
  );

  server.post(
    '/v1/policies/:v/activate',
    { config: { access: 'publish' }, schema: docs('Decide by a version of before again', ReasonSchema) },
    async (request, reply) => {
      const { reason } = acceptReason(request.body);
      const version = versionOf(request);
      mustBeApproved(versions, version);
      const event = eventOf(request, 'draft.published', `policy:${version}`, { how: 'rollback', reason });
      const result = await onRecord(audit, event, async () => {
        const activation = await versions.activate(version, subjectOf(request), reason);
        if (!activation.activated) throw notActivated(activation.refusals);
        return activation;
      });
      return send(request, reply, result);
    },
  );
}

function versionOf(request: FastifyRequest): string {
  return (request.params as { v: string }).v;
}

function versionView({ savedAt, ...version }: PolicyVersion, active: string | null): object {
  return {
    ...version,
    savedAt: isoOf(savedAt),
    active: version.version === active,
    emergency: version.source === 'emergency',
  };
}

function activationView({ version, at, by, reason }: ActivationEvent): object {
  return { version, at: isoOf(at), by, reason };
}
