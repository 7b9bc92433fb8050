import { createHash, randomBytes } from 'node:crypto';
import fastifyCookie from '@fastify/cookie';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { JSONWebKeySet } from 'jose';
import { isLoopback } from '../config.ts';
import { CorridorError } from '../errors.ts';
import { DEV_CODE_MS, DEV_CODES_MAX, DEV_TOKEN_HOURS } from '../limits.ts';
import { DEV_CLIENT, type DevKey, openDevKey } from './dev-key.ts';
import { devPage, PAGE_TYPE } from './dev-page.ts';
import { DEV_PEOPLE, type DevUser, devUser } from './dev-users.ts';
import type { Role } from './roles.ts';
import { CALLBACK_PATH, SIGN_IN_PATH } from './sign-in.ts';

/**
 * An OpenID provider for development: whoever reaches it becomes whom they choose. Not for production, hence on the
 * loopback only. Authorization code flow with PKCE (S256) for one client, the console of the same service:
 *
 *   console ─► /dev/authorize ─► (a person is chosen, or a ticket says who) ─► code ─► /dev/token ─► tokens
 */
export interface DevIssuer {
  /** `iss` of its tokens. */
  issuer(): string;
  readonly publicJwks: JSONWebKeySet;
  /** An access token of the user that is good for so many milliseconds. */
  sign(user: DevUser, ttlMs: number): Promise<string>;
  registerRoutes(server: FastifyInstance): void;
  /** Addresses that sign one in at once, until the next start. */
  links(): readonly { readonly role: Role; readonly url: string }[];
}

export interface DevIssuerOptions {
  readonly keyFile: string;
  /** That the service listens on. */
  readonly host: string;
  /** Address of the service, known when it listens. */
  readonly url: () => string;
  readonly now?: () => number;
}

const TOKEN_MS = DEV_TOKEN_HOURS * 3_600_000;
const TICKET_COOKIE = 'corridor-dev-ticket';
const TICKET_PATH = '/dev';
const FORM_BYTES_MAX = 16_384;
const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;

/** @throws Error where the service does not listen on the loopback. */
export async function startDevIssuer({ keyFile, host, url, now = Date.now }: DevIssuerOptions): Promise<DevIssuer> {
  if (!isLoopback(host)) {
    throw new Error(`the development issuer signs anybody in: it does not run on ${host}; set CORRIDOR_OIDC_ISSUER`);
  }
  const key = await openDevKey(keyFile);
  const tickets = new Map(DEV_PEOPLE.map((role) => [randomBytes(12).toString('base64url'), role]));
  const site: Site = { url, issuer: () => `${url()}/dev`, key, tickets, codes: new Codes(now) };
  return {
    issuer: site.issuer,
    publicJwks: key.publicJwks,
    sign: (user, ttlMs) => key.sign(site.issuer(), user, ttlMs),
    registerRoutes: (server) => registerRoutes(server, site),
    links: () => [...tickets].map(([ticket, role]) => ({ role, url: linkOf(site, role, ticket) })),
  };
}

interface Site {
  readonly url: () => string;
  readonly issuer: () => string;
  readonly key: DevKey;
  /** Of this start: ticket → whom it signs in. */
  readonly tickets: ReadonlyMap<string, Role>;
  readonly codes: Codes;
}

function linkOf({ issuer }: Site, role: Role, ticket: string): string {
  return `${issuer()}/sign-in?${new URLSearchParams({ role, ticket })}`;
}

function registerRoutes(server: FastifyInstance, site: Site): void {
  void server.register(async (scope) => {
    await scope.register(fastifyCookie);
    // A page of another site whose name was made to lead here (DNS rebinding) comes with the name of that site.
    scope.addHook('onRequest', async (request, reply) => {
      reply.header('cache-control', 'no-store');
      if (request.host !== new URL(site.url()).host) throw new CorridorError('not_found', `Ask at ${site.url()}`);
    });
    const form = { parseAs: 'string' } as const;
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      form,
      async (_request: FastifyRequest, body: string) => Object.fromEntries(new URLSearchParams(body)),
    );
    const open = { config: { access: 'open' }, schema: { hide: true } } as const;
    scope.get('/dev/.well-known/openid-configuration', open, async () => metadataOf(site));
    scope.get('/dev/jwks', open, async () => site.key.publicJwks);
    scope.get('/dev/sign-in', open, (request, reply) => followLink(site, request, reply));
    scope.get('/dev/authorize', open, (request, reply) => authorize(site, request, reply));
    scope.post('/dev/token', { ...open, bodyLimit: FORM_BYTES_MAX }, (request, reply) =>
      exchange(site, request, reply),
    );
  });
}

/** OpenID Connect Discovery 1.0, section 3. */
function metadataOf({ issuer }: Site): object {
  return {
    issuer: issuer(),
    authorization_endpoint: `${issuer()}/authorize`,
    token_endpoint: `${issuer()}/token`,
    jwks_uri: `${issuer()}/jwks`,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code'],
    subject_types_supported: ['public'],
    scopes_supported: ['openid', 'profile'],
    id_token_signing_alg_values_supported: ['ES256'],
    token_endpoint_auth_methods_supported: ['none'],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
  };
}

type Texts = Readonly<Record<string, unknown>>;

function textOf(values: unknown, name: string): string {
  const value = (values as Texts | null | undefined)?.[name];
  return typeof value === 'string' ? value : '';
}

/** The ticket goes into a short cookie, so that the way on is that of every sign-in. */
async function followLink({ tickets }: Site, { query }: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const ticket = textOf(query, 'ticket');
  if (tickets.get(ticket) !== textOf(query, 'role')) {
    throw new CorridorError('not_found', 'This link is of another start; the service prints new ones');
  }
  reply.setCookie(TICKET_COOKIE, ticket, { path: TICKET_PATH, httpOnly: true, sameSite: 'lax', maxAge: 60 });
  return reply.redirect(SIGN_IN_PATH, 303);
}

async function authorize(site: Site, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { query } = request;
  const redirectUri = textOf(query, 'redirect_uri');
  // Nobody is sent to an address that is not the client's.
  if (textOf(query, 'client_id') !== DEV_CLIENT || redirectUri !== `${site.url()}${CALLBACK_PATH}`) {
    throw new CorridorError('invalid_request', 'This client is not known, or not at this address');
  }
  const answer = (parameters: Readonly<Record<string, string>>): string => {
    const state = textOf(query, 'state');
    const rest = { ...(state === '' ? {} : { state }), iss: site.issuer() };
    return `${redirectUri}?${new URLSearchParams({ ...parameters, ...rest })}`;
  };
  const challenge = textOf(query, 'code_challenge');
  const isSecure = textOf(query, 'code_challenge_method') === 'S256' && CHALLENGE.test(challenge);
  const isFlow = textOf(query, 'response_type') === 'code' && textOf(query, 'scope').split(' ').includes('openid');
  if (!isFlow || !isSecure) return reply.redirect(answer({ error: 'invalid_request' }), 303);

  const ticket = textOf(query, 'ticket') || (request.cookies[TICKET_COOKIE] ?? '');
  const role = site.tickets.get(ticket);
  reply.clearCookie(TICKET_COOKIE, { path: TICKET_PATH });
  if (role === undefined) return reply.type(PAGE_TYPE).send(choices(site, request, answer({ error: 'access_denied' })));
  const code = site.codes.issue({ role, challenge, redirectUri, nonce: textOf(query, 'nonce') || null });
  return reply.redirect(answer({ code }), 303);
}

function choices({ issuer, tickets }: Site, { query }: FastifyRequest, cancel: string): string {
  const links = [...tickets].map(([ticket, role]) => {
    const parameters = new URLSearchParams({ ...(query as Record<string, string>), ticket });
    return { text: devUser(role).name, href: `${issuer()}/authorize?${parameters}` };
  });
  return devPage(links, cancel);
}

/** RFC 6749, section 4.1.3, with RFC 7636, section 4.6. */
async function exchange(site: Site, { body }: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const refuse = (error: string) => reply.code(400).send({ error });
  if (textOf(body, 'grant_type') !== 'authorization_code') return refuse('unsupported_grant_type');
  if (textOf(body, 'client_id') !== DEV_CLIENT) return refuse('invalid_client');
  const grant = site.codes.take(textOf(body, 'code'));
  const challenge = createHash('sha256').update(textOf(body, 'code_verifier')).digest('base64url');
  if (grant === null || challenge !== grant.challenge || textOf(body, 'redirect_uri') !== grant.redirectUri) {
    return refuse('invalid_grant');
  }
  const user = devUser(grant.role);
  return reply.send({
    access_token: await site.key.sign(site.issuer(), user, TOKEN_MS),
    id_token: await site.key.signIdentity(site.issuer(), user, grant.nonce, TOKEN_MS),
    token_type: 'Bearer',
    expires_in: TOKEN_MS / 1000,
    scope: 'openid profile',
  });
}

interface Grant {
  readonly role: Role;
  readonly challenge: string;
  readonly redirectUri: string;
  readonly nonce: string | null;
}

/** Each is good once, and not for long; beyond the bound the oldest goes. */
class Codes {
  private readonly grants = new Map<string, Grant & { readonly until: number }>();
  private readonly now: () => number;

  constructor(now: () => number) {
    this.now = now;
  }

  issue(grant: Grant): string {
    const [oldest] = this.grants.keys();
    if (this.grants.size >= DEV_CODES_MAX && oldest !== undefined) this.grants.delete(oldest);
    const code = randomBytes(24).toString('base64url');
    this.grants.set(code, { ...grant, until: this.now() + DEV_CODE_MS });
    return code;
  }

  take(code: string): Grant | null {
    const grant = this.grants.get(code);
    this.grants.delete(code);
    return grant !== undefined && this.now() < grant.until ? grant : null;
  }
}
