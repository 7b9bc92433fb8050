/**
 * Loaded before the service, it lets those through who send one of FREE: what the edges and the access hook would do
 * to their requests is left out, each has its rights ready, and nothing they see is audited. Everybody else passes
 * everything. So one and the same process can be measured with access and without.
 */
import { subscribe } from 'node:diagnostics_channel';
import { isMainThread } from 'node:worker_threads';
import type { FastifyRequest } from 'fastify';
import { Disclosures } from '../../src/access/disclosures.ts';
import type { Access } from '../../src/access/hook.ts';
import type { Principal } from '../../src/access/principal.ts';
import type { Scope } from '../../src/access/roles.ts';
import { RULES, rightsOf } from '../../src/access/rules.ts';
import { FREE } from '../lib/free.ts';

const SUBJECT = 'key:free';
const ACCESS: ReadonlyMap<string | undefined, Access> = new Map([
  [FREE.outcome, accessOf(['submit'])],
  [FREE.full, accessOf(['submit', 'decisions'])],
]);
/** What registers the hooks that are passed by, as the stack names it. */
const PASSED_BY = /\/(ingress\/edges|access\/hook)\.[jt]s/;

type AnyHook = (request: FastifyRequest, ...rest: unknown[]) => unknown;
type AddHook = (this: unknown, name: string, hook: AnyHook) => unknown;

if (isMainThread) {
  passHooks();
  passAudit();
}

function accessOf(scopes: readonly Scope[]): Access {
  const life = { credential: 'free', issuedAt: 0, expiresAt: Number.MAX_SAFE_INTEGER };
  const principal: Principal = {
    ...{ subject: SUBJECT, name: 'free', kind: 'machine', roles: ['ingest'], scopes, ...life },
    ...{ offices: [], party: null, submitters: 'all' },
  };
  return { principal, rights: rightsOf(RULES.submit, principal) };
}

/** Fastify tells of every server that it makes. */
function passHooks(): void {
  subscribe('fastify.initialization', (message) => {
    const { fastify } = message as { fastify: { addHook: AddHook } };
    const { addHook } = fastify;
    fastify.addHook = function (name, hook) {
      const passed = ['onRequest', 'preParsing'].includes(name) && PASSED_BY.test(new Error().stack ?? '');
      return addHook.call(this, name, passed ? orFree(hook) : hook);
    };
  });
}

/** `onRequest` is called with `done`, `preParsing` with the payload and `done`: Fastify counts what a hook takes. */
function orFree(hook: AnyHook): AnyHook {
  const isFree = (request: FastifyRequest): boolean => {
    const access = ACCESS.get(request.headers.authorization);
    if (access !== undefined) request.access = access;
    return access !== undefined;
  };
  if (hook.length === 3) {
    return (request, reply, done) => (isFree(request) ? (done as () => void)() : hook(request, reply, done));
  }
  return (request, reply, payload, done) =>
    isFree(request)
      ? (done as (error: null, payload: unknown) => void)(null, payload)
      : hook(request, reply, payload, done);
}

function passAudit(): void {
  const { record } = Disclosures.prototype;
  Disclosures.prototype.record = function (event) {
    if (event.subject !== SUBJECT) record.call(this, event);
  };
}
