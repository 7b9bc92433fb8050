import fastifyCookie, { type CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CorridorError } from '../errors.ts';
import { SESSION_TOKEN_BYTES_MAX, SIGN_IN_MS } from '../limits.ts';
import { type AuditPort, eventOf } from './audit-event.ts';
import type { Authenticator } from './authenticator.ts';
import { type PendingSignIn, Provider, type ProviderOptions, SignInError } from './oidc.ts';
import type { Principal } from './principal.ts';
import type { Refusals } from './refusals.ts';
import { principalView } from './rules.ts';
import { SESSION_HEADER, sessionCookie, sessionOf } from './session.ts';

/**
 * How people come to the console: the issuer says who they are, and the access token it gives stays in a cookie that no
 * script can read. Nothing is kept here.
 *
 *   browser ─ GET /auth/sign-in ─► issuer ─ GET /auth/callback ─► cookie ─► console
 */
export const SIGN_IN_PATH = '/auth/sign-in';
export const CALLBACK_PATH = '/auth/callback';
/** Page of the console that says why a sign-in failed. */
const FAILED_PATH = '/sign-in';
const TO_LENGTH_MAX = 1000;
/** Its body says nothing. */
const SIGN_OUT_BYTES_MAX = 1024;

export interface SignInOptions extends Pick<ProviderOptions, 'issuer' | 'clientId' | 'clientSecret'> {
  /** The issuer is the development issuer of this service. */
  readonly development: boolean;
  /** Where the console is, as browsers know it, without a slash at the end. */
  readonly baseUrl: () => string;
  readonly authenticator: Pick<Authenticator, 'identify'>;
  /** The token of one who signed out is good for nobody any more. */
  readonly revoke: (principal: Principal) => Promise<unknown>;
  readonly audit: AuditPort;
  /** Whoever fails to sign in needs no credential, and is counted. */
  readonly refusals: Pick<Refusals, 'record'>;
  readonly now?: () => number;
}

export function registerSignIn(server: FastifyInstance, options: SignInOptions): void {
  const { baseUrl, now = Date.now } = options;
  const provider = new Provider({ ...options, redirectUri: () => `${baseUrl()}${CALLBACK_PATH}`, now });
  const site: Site = { ...options, provider, now };
  void server.register(async (scope) => {
    await scope.register(fastifyCookie);
    scope.addHook('onRequest', async (_request, reply) => {
      reply.header('cache-control', 'no-store');
    });
    // Guesses from an address that many share keep none of them from signing in.
    const open = { config: { access: 'open', countedApart: true }, schema: { hide: true } } as const;
    scope.get(SIGN_IN_PATH, open, (request, reply) => begin(site, request, reply));
    scope.get(CALLBACK_PATH, open, (request, reply) => finish(site, request, reply));
    scope.post('/auth/sign-out', { ...open, bodyLimit: SIGN_OUT_BYTES_MAX }, (request, reply) =>
      signOut(site, request, reply),
    );
    scope.get('/auth/session', open, async (request) => describeSession(site, request));
  });
}

interface Site extends SignInOptions {
  readonly provider: Provider;
  readonly now: () => number;
}

/** Whether browsers know the console over https: cookies then bind to its host and never travel in the clear. */
function isSecure({ baseUrl }: Site): boolean {
  return baseUrl().startsWith('https:');
}

/** Holds what a sign-in under way must come back with. */
function pendingCookie(site: Site): string {
  return `${sessionCookie(isSecure(site))}-sign-in`;
}

/** Out of the reach of scripts, and sent from pages of this site only; `lax`: where another site leads back, too. */
function cookieOptions(site: Site, sameSite: 'strict' | 'lax'): CookieSerializeOptions {
  return { path: '/', httpOnly: true, sameSite, secure: isSecure(site) };
}

async function begin(site: Site, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const base = new URL(site.baseUrl());
  // Cookies of one name of this machine are not those of another.
  if (site.development && request.host !== base.host) return reply.redirect(new URL(request.url, base).href, 303);
  const { to } = request.query as { to?: unknown };
  try {
    const { url, pending } = await site.provider.begin(localPath(to));
    // Kept beyond its time, so that it can be told that the time is over.
    const options = { ...cookieOptions(site, 'lax'), maxAge: (2 * SIGN_IN_MS) / 1000 };
    reply.setCookie(pendingCookie(site), encode(pending), options);
    return reply.redirect(url.href, 303);
  } catch (error) {
    return refuse(site, request, reply, error);
  }
}

async function finish(site: Site, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const pending = decode(request.cookies[pendingCookie(site)]);
  reply.clearCookie(pendingCookie(site), cookieOptions(site, 'lax'));
  try {
    const token = await site.provider.finish(request.url.split('?')[1] ?? '', pending);
    const principal = await principalOf(site, token);
    await record(site, request, 'signed_in', principal);
    const maxAge = Math.max(0, Math.floor((principal.expiresAt - site.now()) / 1000));
    reply.setCookie(sessionCookie(isSecure(site)), token, { ...cookieOptions(site, 'strict'), maxAge });
    return reply.redirect(localPath(pending?.to), 303);
  } catch (error) {
    return refuse(site, request, reply, error);
  }
}

/** Whom the new token is of. @throws SignInError */
async function principalOf({ authenticator }: Site, token: string): Promise<Principal> {
  if (token.length > SESSION_TOKEN_BYTES_MAX) throw new SignInError('no_access');
  const principal = await Promise.resolve()
    .then(() => authenticator.identify(token))
    .catch((error: unknown) => {
      throw new SignInError(isUnauthenticated(error) ? 'no_access' : 'provider_unavailable', error);
    });
  if (principal.roles.length === 0) throw new SignInError('no_access');
  return principal;
}

function refuse(site: Site, request: FastifyRequest, reply: FastifyReply, error: unknown): FastifyReply {
  if (!(error instanceof SignInError)) throw error;
  const { ip: subject, id: trace } = request;
  const sought = { action: 'signed_in', rule: site.issuer(), path: '' } as const;
  site.refusals.record({ ...sought, subject, roles: [], code: error.fault, trace });
  return reply.redirect(`${FAILED_PATH}?error=${error.fault}`, 303);
}

function record(
  { audit, issuer }: Site,
  request: FastifyRequest,
  action: 'signed_in' | 'signed_out',
  { subject, roles }: Principal,
): Promise<void> {
  return audit.append({ ...eventOf(request, action, issuer()), subject, roles });
}

/** Ends the session of this browser; one that is over already is no error. */
async function signOut(site: Site, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  // Pages of other sites cannot send this header: they sign nobody out.
  if (request.headers[SESSION_HEADER] !== '1')
    throw new CorridorError('forbidden', `Send the header ${SESSION_HEADER}: 1`);
  reply.clearCookie(sessionCookie(isSecure(site)), cookieOptions(site, 'strict'));
  const principal = await whoIs(site, request);
  if (principal !== null) {
    await site.revoke(principal);
    await record(site, request, 'signed_out', principal);
  }
  return reply.code(204).send();
}

/** What the console shows of its user, and what it need not offer. */
async function describeSession(site: Site, request: FastifyRequest): Promise<object> {
  const { development } = site;
  const principal = await whoIs(site, request);
  if (principal === null) return { signedIn: false, development };
  return { signedIn: true, development, ...principalView(principal) };
}

/** Null where nobody is signed in, or not any more. */
async function whoIs({ authenticator }: Site, request: FastifyRequest): Promise<Principal | null> {
  const token = sessionOf(request);
  if (token === null) return null;
  try {
    return await authenticator.identify(token);
  } catch (error) {
    if (isUnauthenticated(error)) return null;
    throw error;
  }
}

function isUnauthenticated(error: unknown): boolean {
  return error instanceof CorridorError && error.code === 'unauthenticated';
}

const SLASHED = /^\/(?![/\\])[^\\\p{Cc}]*$/u;

/**
 * A path of this site, or its start: never an address of another one. What the parser of addresses makes of it is
 * looked at as well, since `/.//evil.example` comes out of it as `//evil.example`.
 */
export function localPath(to: unknown): string {
  if (typeof to !== 'string' || to.length > TO_LENGTH_MAX || !SLASHED.test(to)) return '/';
  const { origin, pathname, search, hash } = new URL(to, 'http://here.invalid');
  const path = `${pathname}${search}${hash}`;
  return origin === 'http://here.invalid' && SLASHED.test(path) ? path : '/';
}

function encode(pending: PendingSignIn): string {
  return Buffer.from(JSON.stringify(pending)).toString('base64url');
}

/** Null where the cookie is missing or is none of ours. */
function decode(text: string | undefined): PendingSignIn | null {
  try {
    const value = JSON.parse(Buffer.from(text ?? '', 'base64url').toString()) as Partial<PendingSignIn>;
    const { state, nonce, verifier, to, at } = value;
    const isText = (part: unknown): part is string => typeof part === 'string' && part !== '';
    if (!isText(state) || !isText(nonce) || !isText(verifier) || !isText(to) || typeof at !== 'number') return null;
    return { state, nonce, verifier, to, at };
  } catch {
    return null;
  }
}
