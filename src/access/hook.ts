import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import { CorridorError } from '../errors.ts';
import type { Authenticator } from './authenticator.ts';
import type { Principal } from './principal.ts';
import { type Right, RULES, type RuleName, rightsOf } from './rules.ts';
import { SESSION_HEADER, sessionOf } from './session.ts';

/** Who asks, and what it may do at this route. */
export interface Access {
  readonly principal: Principal;
  /** The widest first. */
  readonly rights: readonly Right[];
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The rule of this route. */
    readonly access?: RuleName;
  }
  interface FastifyInstance {
    /** Every route with its rule, once the server is ready. */
    readonly ruledRoutes: readonly RuledRoute[];
  }
  interface FastifyRequest {
    /** Null at a route for anyone; without rights where the request is refused. */
    access: Access | null;
  }
}

export interface RuledRoute {
  readonly method: string;
  readonly url: string;
  readonly rule: RuleName;
}

/**
 * From here on every route of this server names its rule, and every request passes it before its body is read. Routes
 * of plugins are given theirs by `ruled`.
 */
export function registerAccess(server: FastifyInstance, authenticator: Pick<Authenticator, 'identify'>): void {
  const routes: RouteOptions[] = [];
  const ruledRoutes: RuledRoute[] = [];
  server.decorate('ruledRoutes', ruledRoutes);
  server.addHook('onRoute', (route) => void routes.push(route));
  server.addHook('onReady', (done) => {
    const names: string[] = [];
    for (const { method, url, config } of routes) {
      const rule = config?.access;
      if (rule === undefined || !(rule in RULES)) names.push(`${String(method)} ${url}`);
      else ruledRoutes.push(...[method].flat().map((each) => ({ method: each, url, rule })));
    }
    done(names.length === 0 ? undefined : new Error(`no access rule for ${names.join(', ')}`));
  });
  server.decorateRequest('access', null);
  server.addHook('onRequest', (request, _reply, done) => {
    try {
      const identified = admit(request, authenticator);
      if (identified === null) return done();
      identified.then(() => done(), done);
    } catch (error) {
      done(error as Error);
    }
  });
}

/** Null where it is admitted already. @throws CorridorError `unauthenticated`, `forbidden`, `not_ready` */
function admit(request: FastifyRequest, authenticator: Pick<Authenticator, 'identify'>): Promise<void> | null {
  // An address that nothing is at has no rule: it is answered alike to everybody.
  if (request.is404) return null;
  const name = request.routeOptions.config.access;
  if (name !== undefined && RULES[name] === 'anyone') return null;
  const principal = authenticator.identify(credentialOf(request));
  if (principal instanceof Promise) return principal.then((identified) => grant(request, name, identified));
  grant(request, name, principal);
  return null;
}

function grant(request: FastifyRequest, name: RuleName | undefined, principal: Principal): void {
  const rights = name === undefined ? [] : rightsOf(RULES[name], principal);
  request.access = { principal, rights };
  if (rights.length === 0) throw new CorridorError('forbidden', 'Your role does not include this');
}

const BEARER = /^Bearer +([A-Za-z0-9._~+/=-]+) *$/i;
const SAFE_METHODS = ['GET', 'HEAD'];

/** @throws CorridorError `unauthenticated`, `forbidden` */
function credentialOf(request: FastifyRequest): string {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const [, credential] = BEARER.exec(authorization) ?? [];
    if (credential === undefined) throw new CorridorError('unauthenticated', 'Send Authorization: Bearer and a token');
    return credential;
  }
  const session = sessionOf(request);
  if (session === null)
    throw new CorridorError('unauthenticated', 'Sign in, or send Authorization: Bearer and a token');
  // Another site can make a browser send the cookie, but not this header.
  if (!SAFE_METHODS.includes(request.method) && request.headers[SESSION_HEADER] !== '1') {
    throw new CorridorError('forbidden', `Send the header ${SESSION_HEADER}: 1`);
  }
  return session;
}

/** The access of a request at a route that is not for anyone. */
export function mustAccess({ access }: FastifyRequest): Access {
  if (access === null) throw new CorridorError('unauthenticated', 'Sign in');
  return access;
}

/** Registers a plugin whose routes all have this rule. */
export function ruled(name: RuleName, register: (scope: FastifyInstance) => Promise<void> | void) {
  return async (scope: FastifyInstance): Promise<void> => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: name };
    });
    await register(scope);
  };
}
