import fastifyCookie from '@fastify/cookie';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CorridorError, ERRORS } from '../errors.ts';
import { SESSION_TOKEN_BYTES_MAX, SIGN_IN_MS } from '../limits.ts';
import { type PendingSignIn, Provider, type ProviderOptions, SignInError, type SignInFault } from './oidc.ts';
import type { Principal } from './principal.ts';
import { permitted } from './rules.ts';
import { cookieOptions, sessionCookie, signInCookie, tokenOfCookie } from './session-cookie.ts';

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

interface SignInEvent {
  readonly at: number;
  readonly action: 'signed_in' | 'signed_out';
  readonly subject: string;
  readonly roles: readonly string[];
  readonly target: string;
  readonly result: 'done' | 'refused';
  readonly detail: Readonly<Record<string, string | number>>;
  readonly trace: string;
  readonly count: number;
}

export interface SignInOptions extends Pick<ProviderOptions, 'issuer' | 'clientId' | 'clientSecret'> {
  /** The issuer is the development issuer of this service. */
  readonly development: boolean;
  /** Where the console is, as browsers know it, without a slash at the end. */
  readonly baseUrl: () => string;
  /** @throws CorridorError where the token is not good here. */
  readonly identify: (token: string) => Promise<Principal>;
  readonly audit: { append(event: SignInEvent): Promise<void> };
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
    const open = { config: { access: 'open' }, schema: { hide: true } } as const;
    scope.get(SIGN_IN_PATH, open, (request, reply) => begin(site, request, reply));
    scope.get(CALLBACK_PATH, open, (request, reply) => finish(site, request, reply));
    scope.post('/auth/sign-out', open, (request, reply) => signOut(site, request, reply));
    scope.get('/auth/session', open, async (request) => sessionOf(site, request));
  });
}

interface Site extends SignInOptions {
  readonly provider: Provider;
  readonly now: () => number;
}

async function begin(site: Site, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const base = new URL(site.baseUrl());
  // Cookies of one name of this machine are not those of another.
  if (site.development && request.host !== base.host) return reply.redirect(new URL(request.url, base).href, 303);
  const { to } = request.query as { to?: unknown };
  try {
    const { url, pending } = await site.provider.begin(localPath(to));
    // Kept beyond its time, so that it can be told that the time is over.
    const options = { ...cookieOptions(base.href, 'lax'), maxAge: (2 * SIGN_IN_MS) / 1000 };
    reply.setCookie(signInCookie(base.href), encode(pending), options);
    return reply.redirect(url.href, 303);
  } catch (error) {
    return refuse(site, request, reply, error);
  }
}

async function finish(site: Site, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const base = site.baseUrl();
  const pending = decode(request.cookies[signInCookie(base)]);
  reply.clearCookie(signInCookie(base), cookieOptions(base, 'lax'));
  try {
    const token = await site.provider.finish(request.url.split('?')[1] ?? '', pending);
    const principal = await principalOf(site, token);
    await record(site, request, 'signed_in', principal);
    const maxAge = Math.max(0, Math.floor((principal.expiresAt - site.now()) / 1000));
    reply.setCookie(sessionCookie(base), token, { ...cookieOptions(base, 'strict'), maxAge });
    return reply.redirect(localPath(pending?.to), 303);
  } catch (error) {
    return refuse(site, request, reply, error);
  }
}

/** Whom the new token is of. @throws SignInError */
async function principalOf({ identify }: Site, token: string): Promise<Principal> {
  if (token.length > SESSION_TOKEN_BYTES_MAX) throw new SignInError('no_access');
  try {
    return await identify(token);
  } catch (error) {
    const refused = error instanceof CorridorError && ERRORS[error.code].status < 500;
    throw new SignInError(refused ? 'no_access' : 'provider_unavailable', error);
  }
}

async function refuse(site: Site, request: FastifyRequest, reply: FastifyReply, error: unknown): Promise<FastifyReply> {
  if (!(error instanceof SignInError)) throw error;
  await record(site, request, 'signed_in', null, error.fault);
  return reply.redirect(`${FAILED_PATH}?error=${error.fault}`, 303);
}

function record(
  { audit, issuer, now }: Site,
  { id }: FastifyRequest,
  action: SignInEvent['action'],
  principal: Principal | null,
  fault?: SignInFault,
): Promise<void> {
  return audit.append({
    at: now(),
    action,
    subject: principal?.subject ?? '',
    roles: principal?.roles ?? [],
    target: issuer(),
    result: fault === undefined ? 'done' : 'refused',
    detail: fault === undefined ? {} : { fault },
    trace: id,
    count: 1,
  });
}

/** Forgets the session of this browser; one that is over already is no error. */
async function signOut(site: Site, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const base = site.baseUrl();
  const principal = await whoIs(site, request);
  if (principal !== null) await record(site, request, 'signed_out', principal);
  // A page of another site comes without the cookie, and signs nobody out.
  const isOurs = tokenOfCookie(request, base) !== null;
  if (isOurs) reply.clearCookie(sessionCookie(base), cookieOptions(base, 'strict'));
  return reply.code(204).send();
}

/** What the console shows of its user, and what it need not offer. */
async function sessionOf(site: Site, request: FastifyRequest): Promise<object> {
  const { development } = site;
  const principal = await whoIs(site, request);
  if (principal === null) return { signedIn: false, development };
  const { subject, name, roles, offices, party, expiresAt } = principal;
  const until = new Date(expiresAt).toISOString();
  const who = { subject, name, roles, offices, party, expiresAt: until };
  return { signedIn: true, development, ...who, may: permitted(principal) };
}

/** Null where nobody is signed in, or not any more. */
async function whoIs({ identify, baseUrl }: Site, request: FastifyRequest): Promise<Principal | null> {
  const token = tokenOfCookie(request, baseUrl());
  if (token === null) return null;
  try {
    return await identify(token);
  } catch (error) {
    if (error instanceof CorridorError && ERRORS[error.code].status < 500) return null;
    throw error;
  }
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
