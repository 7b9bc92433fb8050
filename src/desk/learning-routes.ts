import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { type AuditPort, eventOf, onRecord } from '../access/audit-event.ts';
import type { BacktestReport } from '../backtest/report.ts';
import { CorridorError } from '../errors.ts';
import { acceptor } from '../ingress/accept.ts';
import { send } from '../ingress/request.ts';
import { isoOf } from '../ingress/views.ts';
import type { Application, Applications } from '../learning/applications.ts';
import type { Contest } from '../learning/contest.ts';
import { readOutcomes } from '../learning/outcome-csv.ts';
import type { Outcomes } from '../learning/outcomes.ts';
import { type Review, reviewPolicy } from '../learning/reviews.ts';
import type { Shares } from '../learning/shares.ts';
import { COMMENT_LENGTH_MAX, FAULTS_MAX, OUTCOMES_SHOWN_MAX, REVIEW_DAYS_MAX, REVIEW_KEPT_MS } from '../limits.ts';
import type { PolicyVersions } from '../policies/version.ts';
import { mustBeActive, mustBundle } from '../policies/version-access.ts';
import type { Workflow } from '../policies/workflow.ts';
import type { Ledger } from '../state/ledger.ts';
import { sendCsv, wantsCsv } from './csv.ts';
import { subjectOf } from './draft-routes.ts';
import { FILE_BODY, mustBeText, withTextBodies } from './text-bodies.ts';

export interface LearningRoutesDeps {
  readonly outcomes: Outcomes;
  readonly applications: Applications;
  readonly shares: Shares;
  readonly versions: PolicyVersions;
  readonly workflow: Pick<Workflow, 'createDraft'>;
  readonly ledger: Pick<Ledger, 'find'>;
  readonly dataDir: string;
  readonly audit: AuditPort;
  readonly now: () => number;
}

const RetirementSchema = Type.Object(
  { reason: Type.String({ minLength: 1, maxLength: COMMENT_LENGTH_MAX, pattern: '\\S' }) },
  { additionalProperties: false, title: 'Retirement' },
);
const acceptRetirement = acceptor(RetirementSchema, 'The request');
const DAYS = 365;

/** What controls found, what that says of profiles, and what trials of policies came to. */
export function registerLearningRoutes(server: FastifyInstance, deps: LearningRoutesDeps): void {
  registerOutcomes(server, deps);
  registerApplications(server, deps);
  registerEffectiveness(server, deps);
}

const docs = (summary: string, body?: object) => ({
  summary,
  tags: ['learning'],
  ...(body === undefined ? {} : { body }),
});

function registerOutcomes(server: FastifyInstance, { outcomes, ledger, audit, now }: LearningRoutesDeps): void {
  const config = { access: 'outcomes' } as const;
  server.get(
    '/v1/outcomes',
    { config, schema: docs('Outcomes of controls; Accept: text/csv exports them') },
    (request, reply) => {
      if (wantsCsv(request)) return sendCsv(reply, 'outcomes', outcomeRows(outcomes));
      let total = 0;
      let findings = 0;
      const newest: object[] = [];
      for (const { controlledAt, recordedAt, ...outcome } of outcomes.all()) {
        total++;
        if (outcome.finding) findings++;
        newest.push({ ...outcome, controlledAt: isoOf(controlledAt), recordedAt: isoOf(recordedAt) });
        if (newest.length > OUTCOMES_SHOWN_MAX) newest.shift();
      }
      return send(request, reply, { total, findings, outcomes: newest });
    },
  );

  withTextBodies(server, (scope) => {
    scope.post(
      '/v1/outcomes',
      { config, ...FILE_BODY, schema: docs('Import outcomes from CSV; ?dryRun=1 only reads them') },
      async (request, reply) => {
        const text = mustBeText(request.body);
        const submittersOf = (id: string) => [...new Set(ledger.find(id).map(({ identity }) => identity.submitter))];
        const read = readOutcomes(text, submittersOf, now());
        const { dryRun } = request.query as { dryRun?: string };
        const findings = read.outcomes.filter(({ finding }) => finding).length;
        const counts = { read: read.outcomes.length, findings, refused: read.faults.length };
        if (dryRun === undefined && read.outcomes.length > 0) {
          const event = eventOf(request, 'outcomes.recorded', 'outcomes', counts);
          await onRecord(audit, event, () => outcomes.record(read.outcomes, subjectOf(request)));
        }
        return send(request, reply, {
          ...counts,
          dryRun: dryRun !== undefined,
          faults: read.faults.slice(0, FAULTS_MAX),
        });
      },
    );
  });
}

/** As the import reads them. */
function* outcomeRows(outcomes: Outcomes): Iterable<readonly (string | number)[]> {
  yield ['declarationId', 'submitter', 'controlledAt', 'finding', 'amountRecovered'];
  for (const { id, submitter, controlledAt, finding, code, recoveredTiyn } of outcomes.all()) {
    yield [id, submitter, isoOf(controlledAt), code === '' ? Number(finding) : code, (recoveredTiyn / 100).toFixed(2)];
  }
}

function registerApplications(server: FastifyInstance, { applications }: LearningRoutesDeps): void {
  const config = { access: 'profiles' } as const;
  server.get(
    '/v1/applications',
    { config, schema: docs('Trials of policies, the newest first; Accept: text/csv exports the list') },
    (request, reply) => {
      const all = applications.list();
      if (wantsCsv(request)) return sendCsv(reply, 'trials', trialRows(all));
      return send(request, reply, { applications: all.map(timesOf) });
    },
  );

  server.get(
    '/v1/applications/:id',
    { config, schema: docs('A trial and its result; Accept: text/csv exports what profiles hit') },
    (request, reply) => {
      const { id } = request.params as { id: string };
      const one = applications.get(id);
      if (wantsCsv(request)) return sendCsv(reply, `trial-${id}`, resultRows(one));
      return send(request, reply, timesOf(one));
    },
  );

  server.get(
    '/v1/applications/compare',
    { config, schema: docs('Two trials side by side: ?a=&b=') },
    (request, reply) => {
      const { a = '', b = '' } = request.query as { a?: string; b?: string };
      return send(request, reply, { a: timesOf(applications.get(a)), b: timesOf(applications.get(b)) });
    },
  );
}

type Brief = Omit<Application, 'result' | 'resume'>;

function* trialRows(all: readonly Brief[]): Iterable<readonly (string | null)[]> {
  yield ['id', 'kind', 'title', 'candidate', 'base', 'by', 'startedAt', 'endedAt', 'state'];
  for (const { id, kind, title, candidate, base, by, startedAt, endedAt, state } of all) {
    yield [id, kind, title, candidate, base, by, isoOf(startedAt), endedAt === null ? null : isoOf(endedAt), state];
  }
}

/** A row for each profile, or for each side of a share. */
function* resultRows({ kind, result }: Application): Iterable<readonly (string | number | null)[]> {
  if (kind === 'share') {
    yield ['side', 'version', 'declarations', 'controls', 'labelled', 'findings'];
    const contest = result as Pick<Contest, 'champion' | 'challenger'> | null;
    for (const side of ['champion', 'challenger'] as const) {
      const counted = contest?.[side];
      if (counted === undefined) continue;
      const { version, declarations, controls, labelled, findings } = counted;
      yield [side, version, declarations, controls, labelled, findings];
    }
    return;
  }
  yield ['profile', 'hits', 'alone', 'faults', 'labelled', 'findings', 'hitRate', 'low', 'high'];
  for (const { id, hits, alone, faults, hitRate } of (result as BacktestReport | null)?.profiles ?? []) {
    const { of, findings, rate, interval } = hitRate;
    yield [id, hits, alone, faults, of, findings, rate, interval?.low ?? null, interval?.high ?? null];
  }
}

function timesOf({ startedAt, endedAt, resume: _, ...rest }: Brief & Pick<Application, 'resume'>): object {
  return { ...rest, startedAt: isoOf(startedAt), endedAt: endedAt === null ? null : isoOf(endedAt) };
}

function registerEffectiveness(server: FastifyInstance, deps: LearningRoutesDeps): void {
  const reviews = new Reviews(deps);
  server.get(
    '/v1/effectiveness',
    {
      config: { access: 'profiles' },
      schema: docs('What each profile does and finds, and what is proposed for it; Accept: text/csv exports it'),
    },
    async (request, reply) => {
      const review = await reviews.over(daysOf(request));
      return wantsCsv(request) ? sendCsv(reply, 'effectiveness', reviewRows(review)) : send(request, reply, review);
    },
  );

  server.get(
    '/v1/share/comparison',
    { config: { access: 'profiles' }, schema: docs('Champion against challenger, since the share began') },
    async (request, reply) => {
      const { since, ...contest } = await deps.shares.current();
      return send(request, reply, { since: isoOf(since), ...contest });
    },
  );

  server.post(
    '/v1/effectiveness/:profile/retire',
    { config: { access: 'author' }, schema: docs('Begin a draft without this profile', RetirementSchema) },
    async (request, reply) => {
      const { reason } = acceptRetirement(request.body);
      const { profile } = request.params as { profile: string };
      const file = `profiles/${profile}.yaml`;
      const { files } = await mustBundle(deps.versions, mustBeActive(deps.versions).version);
      if (!Object.hasOwn(files, file)) throw new CorridorError('not_found', 'There is no profile with this id');
      const by = subjectOf(request);
      const event = eventOf(request, 'draft.changed', 'draft:new', { did: 'created', title: `Retire ${profile}` });
      const draft = await onRecord(deps.audit, event, () =>
        deps.workflow.createDraft({ title: `Retire ${profile}`, reason, changes: { [file]: null } }, by),
      );
      return send(request, reply.code(201).header('location', `/v1/drafts/${draft.id}`), { draft: draft.id });
    },
  );
}

function* reviewRows({ profiles }: Review): Iterable<readonly (string | number | null)[]> {
  yield [
    ...[
      'profile',
      'title',
      'hits',
      'controls',
      'labelled',
      'findings',
      'hitRate',
      'low',
      'high',
      'recoveredKzt',
      'alone',
    ],
    ...['lastFindingAt', 'costUs', 'proposal'],
  ];
  for (const { id, title, hits, controls, labelled, findings, rate, interval, alone, ...rest } of profiles) {
    const { recoveredTiyn, lastFindingAt, costUs, proposal } = rest;
    const [low, high] = [interval?.low ?? null, interval?.high ?? null];
    const money = (recoveredTiyn / 100).toFixed(2);
    yield [
      id,
      title,
      hits,
      controls,
      labelled,
      findings,
      rate,
      low,
      high,
      money,
      alone,
      lastFindingAt,
      costUs,
      proposal,
    ];
  }
}

function daysOf({ query }: FastifyRequest): number {
  const { days } = query as { days?: string };
  if (days === undefined) return DAYS;
  const value = /^\d{1,4}$/.test(days) ? Number(days) : 0;
  if (value >= 1 && value <= REVIEW_DAYS_MAX) return value;
  throw new CorridorError('invalid_request', `days must be a whole number from 1 to ${REVIEW_DAYS_MAX}`);
}

/** The last review of each window: it reads all history. */
class Reviews {
  readonly #deps: LearningRoutesDeps;
  readonly #made = new Map<string, { readonly at: number; readonly review: Promise<Review> }>();

  constructor(deps: LearningRoutesDeps) {
    this.#deps = deps;
  }

  async over(days: number): Promise<Review> {
    const { versions, dataDir, now } = this.#deps;
    const { version } = mustBeActive(versions);
    const bundle = await mustBundle(versions, version);
    const key = `${version} ${days}`;
    const known = this.#made.get(key);
    if (known !== undefined && Date.now() - known.at < REVIEW_KEPT_MS) return known.review;
    const review = reviewPolicy(dataDir, { version, bundle }, days, now());
    this.#made.clear();
    this.#made.set(key, { at: Date.now(), review });
    review.catch(() => this.#made.delete(key));
    return review;
  }
}
