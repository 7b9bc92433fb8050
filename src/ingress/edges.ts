import helmet, { type FastifyHelmetOptions } from '@fastify/helmet';
import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Principal } from '../access/principal.ts';
import { type Role, TRADER_ROLES } from '../access/roles.ts';
import { CorridorError } from '../errors.ts';
import { RATE_KEYS_MAX, RATE_WINDOW_MS, RATES, type Rates } from '../limits.ts';
import type { EdgeOptions } from './listener.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Health, pages and what they are made of: counted for nobody. */
    readonly unlimited?: boolean;
    /** Counted by itself: whatever else comes from an address, this is still to be had there. */
    readonly countedApart?: boolean;
  }
  interface FastifyRequest {
    /** Whether it has been counted. */
    counted: boolean;
  }
}

/** What stands between a request and its route, and may turn its error into another. */
export interface Edges {
  /** The error to answer with: that of the request, or that there were too many. */
  errorOf(error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<unknown>;
}

/**
 * Headers of every answer, and how many requests each identity may make. Call it before `registerAccess`.
 *
 *   onRequest    headers ─► access: who asks, and whether it may
 *   preParsing   counted by identity, or by address where nobody signed in ─► body, route
 *   error        what was refused before that is counted here: guesses end in 429
 */
export async function registerEdges(server: FastifyInstance, options: EdgeOptions): Promise<Edges> {
  const { tls = null, proxies = null, rates = RATES } = options;
  const secure = tls !== null || proxies !== null;
  const [api, page] = [await headersOf(API_POLICY, secure), await headersOf(PAGE_POLICY, secure)];
  const apiHeaders = { ...api, ...PERMISSIONS, 'cache-control': 'no-store' };
  const pageHeaders = { ...page, ...PERMISSIONS };
  await server.register(rateLimit, { global: false, cache: RATE_KEYS_MAX });
  const limiter = server.createRateLimit({
    timeWindow: RATE_WINDOW_MS,
    keyGenerator: ({ access, ip, routeOptions }) => {
      if (access !== null) return `subject ${access.principal.subject}`;
      return `address ${normalizeIP(ip)}${routeOptions.config.countedApart === true ? ' apart' : ''}`;
    },
    max: ({ access }) => (access === null ? rates.anonymous : rateOf(access.principal, rates)),
  });
  const count = async (request: FastifyRequest, reply: FastifyReply): Promise<CorridorError | null> => {
    if (request.counted || request.routeOptions.config.unlimited === true) return null;
    request.counted = true;
    const state = await limiter(request);
    if (state.isAllowed) return null;
    const { max, remaining, ttlInSeconds, isExceeded } = state;
    reply
      .header('ratelimit-limit', max)
      .header('ratelimit-remaining', remaining)
      .header('ratelimit-reset', ttlInSeconds);
    if (!isExceeded) return null;
    reply.header('retry-after', ttlInSeconds);
    return new CorridorError('too_many_requests', `At most ${max} requests a minute; wait ${ttlInSeconds} s`);
  };
  server.decorateRequest('counted', false);
  server.addHook('onRequest', (request, reply, done) => {
    const isData = isDataAt(request.url) || isDataAt(request.routeOptions.url ?? '');
    reply.headers(isData ? apiHeaders : pageHeaders);
    done();
  });
  server.addHook('preParsing', (request, reply, payload, done) => {
    count(request, reply).then((exceeded) => (exceeded === null ? done(null, payload) : done(exceeded)), done);
  });
  return { errorOf: async (error, request, reply) => (await count(request, reply)) ?? error };
}

/** Routes of a plugin that are counted for nobody. */
export function unlimited(register: (scope: FastifyInstance) => Promise<void> | void) {
  return async (scope: FastifyInstance): Promise<void> => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, unlimited: true };
    });
    await register(scope);
  };
}

/** The most that any of its roles may. */
function rateOf({ roles }: Principal, rates: Rates): number {
  return Math.max(rates.anonymous, ...roles.map((role) => rates[kindOf(role)]));
}

function kindOf(role: Role): keyof Rates {
  if (role === 'checkpoint' || role === 'ingest') return role;
  return TRADER_ROLES.includes(role) ? 'trader' : 'official';
}

/** The rest is what browsers are to show. A route may be reached under other spellings (`/%761/me`), hence both. */
function isDataAt(url: string): boolean {
  return url.startsWith('/v1/') || DATA.includes(url);
}

const DATA: readonly string[] = ['/healthz', '/readyz', '/metrics', '/openapi.json'];

const NOTHING = ["'none'"];
const SELF = ["'self'"];

const API_POLICY = { defaultSrc: NOTHING, frameAncestors: NOTHING };

/** Scripts, styles and fonts come from here and as files; nothing is written into a page, nothing frames it. */
const PAGE_POLICY = {
  defaultSrc: NOTHING,
  scriptSrc: SELF,
  styleSrc: SELF,
  imgSrc: [...SELF, 'data:'],
  fontSrc: SELF,
  connectSrc: SELF,
  manifestSrc: SELF,
  formAction: SELF,
  baseUri: NOTHING,
  frameAncestors: NOTHING,
};

const PERMISSIONS = { 'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()' };

type Directives = NonNullable<Exclude<FastifyHelmetOptions['contentSecurityPolicy'], boolean>>['directives'];

/**
 * What helmet sets, asked of it once: it would work out the same headers for every request, for 14 µs each.
 * What only browsers without a content security policy heed is left out.
 */
async function headersOf(directives: NonNullable<Directives>, secure: boolean): Promise<Record<string, string>> {
  const probe = fastify();
  await probe.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives },
    strictTransportSecurity: secure,
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xFrameOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
  });
  probe.get('/', () => '');
  const { headers } = await probe.inject('/');
  await probe.close();
  const own = Object.entries(headers).filter(
    ([name]) => !['content-type', 'content-length', 'date', 'connection'].includes(name),
  );
  return Object.fromEntries(own.map(([name, value]) => [name, String(value)]));
}
