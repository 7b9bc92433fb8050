import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { type AuditPort, eventOf, onRecord } from '../access/audit-event.ts';
import { mustAccess } from '../access/hook.ts';
import { acceptor } from '../ingress/accept.ts';
import { send } from '../ingress/request.ts';
import { isoOf } from '../ingress/views.ts';
import { OVERRIDE_REASON_LENGTH_MAX } from '../limits.ts';
import type { Lease, Leases } from '../policies/leases.ts';
import { notActivated } from '../policies/problems.ts';
import type { ActivationResult, PolicyVersions } from '../policies/version.ts';
import { mustBeApproved } from '../policies/version-access.ts';

export interface NodeRoutesDeps {
  readonly leases: Leases;
  readonly versions: PolicyVersions;
  readonly audit: AuditPort;
}

const ShareSchema = Type.Object(
  {
    percent: Type.Number({ minimum: 0.1, maximum: 100, description: 'of the declarations; 100: all of them' }),
    reason: Type.String({ minLength: 1, maxLength: OVERRIDE_REASON_LENGTH_MAX }),
  },
  { additionalProperties: false, title: 'Share' },
);
const acceptShare = acceptor(ShareSchema, 'The share');

/** Who decides by what, and the share of the declarations that a version decides beside the active one. */
export function registerNodeRoutes(server: FastifyInstance, { leases, versions, audit }: NodeRoutesDeps): void {
  const publish = { access: 'publish' } as const;
  const docs = (summary: string, more: object = {}) => ({ summary, tags: ['policy'], ...more });

  server.get(
    '/v1/nodes',
    { config: { access: 'profiles' }, schema: docs('Nodes that decide now, and by which version') },
    (request, reply) => {
      const active = versions.active();
      const share = active === null ? null : active.challenger;
      return send(request, reply, { active: active?.version ?? null, share, nodes: leases.live().map(nodeView) });
    },
  );

  server.post(
    '/v1/policies/:v/share',
    { config: publish, schema: docs('Have a version decide a share of the declarations', { body: ShareSchema }) },
    async (request, reply) => {
      const { percent, reason } = acceptShare(request.body);
      const { v } = request.params as { v: string };
      const { subject } = mustAccess(request).principal;
      mustBeApproved(versions, v);
      const event = eventOf(request, 'share.changed', `policy:${v}`, { percent, reason });
      const result = await onRecord(audit, event, async () =>
        mustBeActivated(await versions.share(v, percent, subject, reason)),
      );
      return send(request, reply, { ...result, share: versions.active()?.challenger ?? null });
    },
  );

  server.delete(
    '/v1/share',
    { config: publish, schema: docs('The active version decides everything again') },
    async (request, reply) => {
      const { subject } = mustAccess(request).principal;
      const event = eventOf(request, 'share.changed', 'policy', { percent: 0 });
      const result = await onRecord(audit, event, async () =>
        mustBeActivated(await versions.endShare(subject, 'the share has ended')),
      );
      return send(request, reply, { ...result, share: null });
    },
  );
}

function nodeView({ node, since, active, challenger, prepared, contactAt }: Lease): object {
  return { node, active, challenger, prepared, since: isoOf(since), contactAt: isoOf(contactAt) };
}

function mustBeActivated(result: ActivationResult): ActivationResult {
  if (!result.activated) throw notActivated(result.refusals);
  return result;
}
