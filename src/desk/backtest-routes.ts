import { PassThrough } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { type AuditPort, eventOf, onRecord } from '../access/audit-event.ts';
import type { BacktestJobs } from '../backtest/jobs.ts';
import type { LiveBacktests, PartialResult } from '../backtest/live.ts';
import { reportOf } from '../backtest/report.ts';
import type { Shadows } from '../backtest/shadows.ts';
import { CorridorError } from '../errors.ts';
import { acceptor } from '../ingress/accept.ts';
import { send } from '../ingress/request.ts';
import type { Applications } from '../learning/applications.ts';
import { RESULT_SAMPLES_MAX, SHADOW_HOURS_MAX } from '../limits.ts';
import type { PolicyLife } from '../policies/open.ts';
import { invalidPolicy } from '../policies/problems.ts';
import type { PolicyVersions } from '../policies/version.ts';
import { changed, mustBeActive, mustBundle } from '../policies/version-access.ts';
import type { PolicyBundle } from '../profiles/bundle.ts';
import { capacitiesOf } from '../profiles/capacities.ts';
import { PolicyError } from '../profiles/problems.ts';
import { type ProfileForm, yamlOf } from '../profiles/profile-form.ts';
import { subjectOf } from './draft-routes.ts';
import { mustMayEnd, seesAll, withinReach } from './reach.ts';

export interface BacktestRoutesDeps {
  readonly jobs: BacktestJobs;
  readonly live: Pick<LiveBacktests, 'run'>;
  readonly applications: Applications;
  readonly versions: PolicyVersions;
  readonly draftBundle: (id: string) => Promise<PolicyBundle | null>;
  readonly audit: AuditPort;
}

const WHAT = {
  draft: Type.Optional(Type.String({ maxLength: 40 })),
  version: Type.Optional(Type.String({ maxLength: 60, description: 'of the policy; default: the active one' })),
  files: Type.Optional(
    Type.Record(Type.String(), Type.Union([Type.String(), Type.Null()]), {
      description: 'file → text in place of that of draft or version; null: taken away',
    }),
  ),
};
const Form = Type.Optional(
  Type.Unsafe<ProfileForm>({ type: 'object', description: 'a profile, as its form, on top of these' }),
);
const CLOSED = { additionalProperties: false };
const BacktestSchema = Type.Object(
  {
    ...WHAT,
    title: Type.Optional(Type.String({ maxLength: 200 })),
    against: Type.Optional(Type.String({ maxLength: 60 })),
  },
  { ...CLOSED, title: 'Backtest' },
);
const LiveSchema = Type.Object(
  { ...WHAT, profile: Form, profiles: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 200 })) },
  { ...CLOSED, title: 'LiveBacktest' },
);
const ShadowSchema = Type.Object(
  {
    ...WHAT,
    title: Type.Optional(Type.String({ maxLength: 200 })),
    hours: Type.Number({ exclusiveMinimum: 0, maximum: SHADOW_HOURS_MAX }),
  },
  { ...CLOSED, title: 'Shadow' },
);
const acceptShadow = acceptor(ShadowSchema, 'The shadow');
const acceptBacktest = acceptor(BacktestSchema, 'The backtest');
const acceptLive = acceptor(LiveSchema, 'The backtest');

interface What {
  readonly draft?: string;
  readonly version?: string;
  readonly files?: Readonly<Record<string, string | null>>;
}

/** Trials of a policy on what was decided before: on all of it as a job, on the newest while somebody edits. */
export function registerBacktestRoutes(server: FastifyInstance, deps: BacktestRoutesDeps): void {
  const { jobs, live, applications, versions, audit } = deps;
  const read = { access: 'profiles' } as const;
  const docs = (summary: string, body?: object) => ({
    summary,
    tags: ['trials'],
    ...(body === undefined ? {} : { body }),
  });

  server.post(
    '/v1/backtests',
    { config: read, schema: docs('Try a policy on all history', BacktestSchema) },
    async (request, reply) => {
      const { title = '', against, ...what } = acceptBacktest(request.body);
      const before = await mustBundle(versions, against ?? mustBeActive(versions).version);
      const after = await policyOf(what, deps);
      const order = { title, before, after, draft: what.draft ?? null, by: subjectOf(request) };
      const event = eventOf(request, 'trial.started', `draft:${what.draft ?? '-'}`, { kind: 'backtest' });
      const record = await onRecord(audit, event, () => jobs.start(order));
      return send(request, reply.code(202).header('location', `/v1/backtests/${record.id}`), record);
    },
  );

  server.get('/v1/backtests', { config: read, schema: docs('Backtests, the newest first') }, (request, reply) => {
    const all = applications.list().filter(({ kind }) => kind === 'backtest');
    return send(request, reply, { backtests: all.map((each) => ({ ...each, progress: jobs.progress(each.id) })) });
  });

  server.get('/v1/backtests/:id', { config: read, schema: docs('A backtest and its result') }, (request, reply) => {
    const { resume: _, ...one } = applications.get(idOf(request));
    const result = withinReach(request, one.result);
    return send(request, reply, { ...one, result, progress: jobs.progress(one.id) });
  });

  server.delete('/v1/backtests/:id', { config: read, schema: docs('Cancel a backtest') }, async (request, reply) => {
    const one = applications.get(idOf(request));
    mustMayEnd(request, one);
    const event = eventOf(request, 'trial.ended', `trial:${one.id}`, { kind: 'backtest' });
    await onRecord(audit, event, async () => {
      if (!jobs.cancel(one.id)) throw new CorridorError('wrong_state', 'It neither waits nor runs here');
    });
    return reply.code(204).send();
  });

  server.post(
    '/v1/backtests/live',
    {
      config: read,
      schema: docs('Try a policy on the newest declarations; NDJSON, a line for each part of them', LiveSchema),
    },
    async (request, reply) => {
      const { profiles, profile, ...what } = acceptLive(request.body);
      const before = await mustBundle(versions, mustBeActive(versions).version);
      const after = withForm(await policyOf(what, deps), profile);
      const capacities = capacitiesOf(after);
      const out = new PassThrough();
      const sees = seesAll(request);
      const tell = ({ done, of, tally }: PartialResult): void => {
        const { profiles: all, ...report } = reportOf(tally, capacities);
        const named = profiles === undefined ? all : all.filter(({ id }) => profiles.includes(id));
        const shown = named.map((each) => {
          return { ...each, samples: each.samples.filter(sees).slice(0, RESULT_SAMPLES_MAX) };
        });
        out.write(`${JSON.stringify({ done, of, ...report, profiles: shown })}\n`);
      };
      // The request itself is over as soon as its body has been read.
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      void live
        .run(subjectOf(request), before, after, tell, gone.signal)
        .catch((error: unknown) => out.write(`${JSON.stringify({ problem: problemOf(error) })}\n`))
        .finally(() => out.end());
      return reply.type('application/x-ndjson').header('cache-control', 'no-store').send(out);
    },
  );
}

/** A policy that decides what comes in again, without effect. */
export function registerShadowRoutes(
  server: FastifyInstance,
  deps: Omit<BacktestRoutesDeps, 'jobs' | 'live'> & Pick<PolicyLife, 'check'> & { readonly shadows: Shadows },
): void {
  const { shadows, applications, versions, audit, check } = deps;
  const config = { access: 'profiles' } as const;
  const docs = (summary: string, body?: object) => ({
    ...{ summary, tags: ['trials'] },
    ...(body === undefined ? {} : { body }),
  });

  server.post(
    '/v1/shadows',
    { config, schema: docs('Have a policy decide what comes in, without effect', ShadowSchema) },
    async (request, reply) => {
      const { title = '', hours, ...what } = acceptShadow(request.body);
      const before = await mustBundle(versions, mustBeActive(versions).version);
      const after = await policyOf(what, deps);
      const { problems } = await check(after);
      if (problems.length > 0) throw invalidPolicy('The policy does not compile', problems);
      const order = { title, before, after, hours, draft: what.draft ?? null, by: subjectOf(request) };
      const event = eventOf(request, 'trial.started', `draft:${what.draft ?? '-'}`, { kind: 'shadow', hours });
      const { resume: _, ...record } = await onRecord(audit, event, () => shadows.start(order));
      return send(request, reply.code(201).header('location', `/v1/applications/${record.id}`), record);
    },
  );

  server.get('/v1/shadows', { config, schema: docs('Shadows, the newest first') }, (request, reply) => {
    const all = applications.list().filter(({ kind }) => kind === 'shadow');
    return send(request, reply, { shadows: all.map((each) => ({ ...each, progress: shadows.progress(each.id) })) });
  });

  server.delete(
    '/v1/shadows/:id',
    { config, schema: docs('End a shadow; its result stays') },
    async (request, reply) => {
      const one = applications.get(idOf(request));
      mustMayEnd(request, one);
      const event = eventOf(request, 'trial.ended', `trial:${one.id}`, { kind: 'shadow' });
      await onRecord(audit, event, () => shadows.end(one.id));
      return reply.code(204).send();
    },
  );
}

function idOf(request: FastifyRequest): string {
  return (request.params as { id: string }).id;
}

/** @throws CorridorError `not_found`, `not_ready`, `invalid_request` */
async function policyOf(
  { draft, version, files = {} }: What,
  deps: Pick<BacktestRoutesDeps, 'versions' | 'draftBundle'>,
): Promise<PolicyBundle> {
  const { versions } = deps;
  const bundle =
    draft === undefined
      ? await mustBundle(versions, version ?? mustBeActive(versions).version)
      : await deps.draftBundle(draft);
  if (bundle === null) throw new CorridorError('not_found', 'There is no such draft');
  return changed(bundle, files);
}

/** @throws CorridorError `invalid_request` */
function withForm(bundle: PolicyBundle, form: ProfileForm | undefined): PolicyBundle {
  if (form === undefined) return bundle;
  return changed(bundle, { [`profiles/${String(form.id)}.yaml`]: yamlOf(form) });
}

/** The answer has begun: what goes wrong from there on is a line of it. */
function problemOf(error: unknown): object {
  if (error instanceof PolicyError) {
    const { code, message, faults } = invalidPolicy('The policy does not compile', error.problems);
    return { code, detail: message, faults };
  }
  if (error instanceof Error && error.name === 'AbortError')
    return { code: 'cancelled', detail: 'Another one took its place' };
  return { code: 'internal', detail: 'The backtest failed' };
}
