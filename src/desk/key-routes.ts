import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import type { KeyEntry } from '../access/api-keys.ts';
import { type AuditPort, eventOf, onRecord } from '../access/audit-event.ts';
import type { Directory } from '../access/directory.ts';
import { mustAccess } from '../access/hook.ts';
import { countsWhatIsHidden, type KeyRole, SCOPES, SCOPES_OF } from '../access/roles.ts';
import { CorridorError } from '../errors.ts';
import { acceptor } from '../ingress/accept.ts';
import { send } from '../ingress/request.ts';
import { isoOf } from '../ingress/views.ts';
import { API_KEY_DAYS_MAX, LIST_LENGTH_MAX } from '../limits.ts';
import type { RevocationEntry } from '../wire/envelope.ts';

export interface KeyRoutesDeps {
  readonly directory: Directory;
  readonly audit: AuditPort;
}

const CLOSED = { additionalProperties: false };

const oneOf = <T extends string>(values: readonly T[]) => Type.Unsafe<T>({ type: 'string', enum: [...values] });

const KeySchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100, description: 'what the key is for' }),
    role: oneOf(Object.keys(SCOPES_OF) as KeyRole[]),
    scopes: Type.Array(oneOf(SCOPES), { minItems: 1, maxItems: SCOPES.length }),
    submitters: Type.Optional(
      Type.Array(Type.String({ pattern: '^(\\*|[A-Za-z0-9._-]{1,64})$', description: 'a submitter, or * for all' }), {
        maxItems: LIST_LENGTH_MAX,
      }),
    ),
    days: Type.Integer({ minimum: 1, maximum: API_KEY_DAYS_MAX }),
  },
  { ...CLOSED, title: 'Key' },
);
const RevocationSchema = Type.Object(
  {
    kind: oneOf(['token', 'subject'] as const),
    value: Type.String({ minLength: 1, maxLength: 200, description: 'the jti of a token, or a subject' }),
    reason: Type.String({ minLength: 1, maxLength: 500 }),
  },
  { ...CLOSED, title: 'Revocation' },
);

const acceptKey = acceptor(KeySchema, 'The key');
const acceptRevocation = acceptor(RevocationSchema, 'The revocation');

/** API keys of machines, and what is refused before its time. For administrators. */
export function registerKeyRoutes(server: FastifyInstance, { directory, audit }: KeyRoutesDeps): void {
  const keys = { access: 'keys' } as const;
  const docs = (summary: string, body?: object) => ({
    summary,
    tags: ['access'],
    ...(body === undefined ? {} : { body }),
  });

  server.get('/v1/keys', { config: keys, schema: docs('API keys, without their secrets') }, (request, reply) =>
    send(request, reply, { keys: directory.keys().map(keyView) }),
  );

  server.post(
    '/v1/keys',
    { config: keys, schema: docs('Create an API key; its text is shown once', KeySchema) },
    (request, reply) => createKey(request, reply),
  );

  async function createKey(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { submitters = [], ...wanted } = acceptKey(request.body);
    mustFit(wanted, submitters);
    const { subject } = mustAccess(request).principal;
    const { entry, text } = await directory.createKey({ ...wanted, submitters }, subject);
    await audit.append(
      eventOf(request, 'key.created', `key:${entry.id}`, {
        name: entry.name,
        role: entry.role,
        scopes: entry.scopes.join(' '),
      }),
    );
    return send(request, reply.code(201).header('cache-control', 'no-store'), { ...keyView(entry), key: text });
  }

  server.delete(
    '/v1/keys/:id',
    { config: keys, schema: docs('Revoke an API key, for good') },
    async (request, reply) => {
      const { id } = request.params as { id: string };
      const { subject } = mustAccess(request).principal;
      directory.mustKey(id);
      const revoke = () => directory.revokeKey(id, subject);
      return send(request, reply, keyView(await onRecord(audit, eventOf(request, 'key.revoked', `key:${id}`), revoke)));
    },
  );

  const revoke = { access: 'revoke' } as const;
  server.get('/v1/revocations', { config: revoke, schema: docs('Revocations in force') }, (request, reply) =>
    send(request, reply, { revocations: directory.revocations().map(revocationView) }),
  );

  const summary = 'Refuse a token, or all that a subject has been given by now';
  server.post(
    '/v1/revocations',
    { config: revoke, schema: docs(summary, RevocationSchema) },
    async (request, reply) => {
      const { kind, value, reason } = acceptRevocation(request.body);
      const { subject } = mustAccess(request).principal;
      const event = eventOf(request, kind === 'token' ? 'credential.revoked' : 'subject.revoked', value);
      const entry = await onRecord(audit, event, () => directory.revoke(kind, value, reason, subject));
      return send(request, reply.code(201), revocationView(entry));
    },
  );
}

/** What the schema cannot say. */
function mustFit(
  { role, scopes }: Pick<Static<typeof KeySchema>, 'role' | 'scopes'>,
  submitters: readonly string[],
): void {
  const foreign = scopes.filter((scope) => !(SCOPES_OF[role as KeyRole] as readonly string[]).includes(scope));
  const faults = foreign.map((scope) => ({ pointer: '/scopes', message: `${scope} is not for ${role}` }));
  if (countsWhatIsHidden(scopes)) {
    faults.push({ pointer: '/scopes', message: 'submit and metrics go together only with decisions' });
  }
  if ((scopes.includes('submit') || scopes.includes('decisions')) && submitters.length === 0) {
    faults.push({ pointer: '/submitters', message: 'must name whose declarations it is for' });
  }
  if (faults.length > 0) throw new CorridorError('invalid_request', 'The key is not valid', { faults });
}

function keyView(key: KeyEntry): object {
  const { id, name, role, scopes, submitters, createdBy, createdAt, expiresAt, revokedAt, revokedBy } = key;
  const life = { createdAt: isoOf(createdAt), createdBy, expiresAt: isoOf(expiresAt) };
  return {
    id,
    name,
    role,
    scopes,
    submitters,
    ...life,
    revokedAt: revokedAt === null ? null : isoOf(revokedAt),
    revokedBy,
  };
}

function revocationView({ kind, value, at, until, by, reason }: RevocationEntry): object {
  return { kind, value, at: isoOf(at), until: isoOf(until), by, reason };
}
