import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { newestRows } from '../backtest/history.ts';
import type { Condition } from '../criteria/ast.ts';
import { readCriteria } from '../criteria/read.ts';
import { CorridorError } from '../errors.ts';
import { acceptor } from '../ingress/accept.ts';
import { send } from '../ingress/request.ts';
import { CHECKERS_KEPT_MAX, EXPRESSION_LENGTH_MAX, PREVIEW_DECLARATIONS } from '../limits.ts';
import type { PolicyVersions } from '../policies/version.ts';
import { bundleVersion, type PolicyBundle } from '../profiles/bundle.ts';
import { parse } from '../profiles/cel/parse.ts';
import { isLevel, ProfileChecker } from '../profiles/checker.ts';
import { previewOf } from '../profiles/preview.ts';
import type { Level } from '../profiles/profile-file.ts';
import { formOf, type ProfileForm } from '../profiles/profile-form.ts';
import type { Ledger } from '../state/ledger.ts';
import { seesAll } from './reach.ts';

export interface ProfileRoutesDeps {
  readonly versions: PolicyVersions;
  readonly ledger: Pick<Ledger, 'entries' | 'head'>;
  /** The whole policy that a draft would make; null where there is no such draft. */
  readonly draftBundle: (id: string) => Promise<PolicyBundle | null>;
}

const CheckSchema = Type.Object(
  {
    level: Type.Unsafe<Level>({ type: 'string', enum: ['item', 'declaration'] }),
    text: Type.String({ maxLength: EXPRESSION_LENGTH_MAX, description: 'CEL' }),
    draft: Type.Optional(Type.String({ maxLength: 64, description: 'whose lists and fields it may name' })),
  },
  { additionalProperties: false, title: 'Expression' },
);
const FormSchema = Type.Object(
  {
    profile: Type.Unsafe<ProfileForm>({
      type: 'object',
      required: ['id', 'when'],
      properties: { id: { type: 'string' }, when: { type: 'string' }, unless: { type: ['string', 'null'] } },
    }),
    draft: Type.Optional(Type.String({ maxLength: 64 })),
  },
  { additionalProperties: false, title: 'ProfileToCheck' },
);
const acceptForm = acceptor(FormSchema, 'The profile');
const acceptCheck = acceptor(CheckSchema, 'The expression');

/** Profiles as they decide now, and what an editor needs to write others. */
export function registerProfileRoutes(server: FastifyInstance, deps: ProfileRoutesDeps): void {
  const checkers = new Checkers(deps);
  const config = { access: 'profiles' } as const;
  const docs = (summary: string, more: object = {}) => ({ summary, tags: ['policy'], ...more });

  server.get('/v1/profiles', { config, schema: docs('Profiles of the active policy') }, async (request, reply) => {
    const { version, bundle } = await checkers.active();
    return send(request, reply, { version, profiles: formsOf(bundle).map(briefOf) });
  });

  server.get(
    '/v1/profiles/:id',
    { config, schema: docs('One profile of the active policy') },
    async (request, reply) => {
      const { id } = request.params as { id: string };
      const { version, bundle } = await checkers.active();
      return send(request, reply, { version, ...profileView(bundle, id) });
    },
  );

  server.get(
    '/v1/dictionary',
    {
      config,
      schema: docs('What expressions can name', {
        querystring: Type.Object({ level: Type.Optional(Type.String()), draft: Type.Optional(Type.String()) }),
      }),
    },
    async (request, reply) => {
      const { level = 'item', draft } = request.query as { level?: string; draft?: string };
      if (!isLevel(level)) throw new CorridorError('invalid_request', 'level must be item or declaration');
      return send(request, reply, (await checkers.of(draft)).dictionary(level));
    },
  );

  registerDraftProfile(server, deps);

  server.post(
    '/v1/fields/preview',
    { config, schema: docs('What an expression gives for the newest declarations', { body: CheckSchema }) },
    async (request, reply) => {
      const { level, text, draft } = acceptCheck(request.body);
      const sees = seesAll(request);
      const rows = newestRows(deps.ledger, PREVIEW_DECLARATIONS).filter(({ submitter, declaration: { office } }) =>
        sees({ submitter, office }),
      );
      const bundle = await checkers.bundleOf(draft);
      return send(request, reply, previewOf(bundle, level, text, rows));
    },
  );

  server.post(
    '/v1/profiles/check-form',
    { config, schema: docs('Check a whole profile, as its form', { body: FormSchema }) },
    async (request, reply) => {
      const { profile, draft } = acceptForm(request.body);
      return send(request, reply, { problems: (await checkers.of(draft)).checkForm(profile) });
    },
  );

  server.post(
    '/v1/profiles/check',
    { config, schema: docs('Check an expression: syntax and types', { body: CheckSchema }) },
    async (request, reply) => {
      const { level, text, draft } = acceptCheck(request.body);
      const problems = (await checkers.of(draft)).checkExpression(text, level);
      const answer = problems.map(({ line, column, message }) => ({ line, column, message }));
      return send(request, reply, { problems: answer, criteria: criteriaOf(text) });
    },
  );
}

/** The profile of a draft as it would be, whether the draft changes it or not. */
function registerDraftProfile(server: FastifyInstance, { draftBundle }: ProfileRoutesDeps): void {
  server.get(
    '/v1/drafts/:id/profiles/:pid',
    { config: { access: 'profiles' }, schema: { summary: 'One profile as a draft has it', tags: ['drafts'] } },
    async (request, reply) => {
      const { id, pid } = request.params as { id: string; pid: string };
      const bundle = await draftBundle(id);
      if (bundle === null) throw new CorridorError('not_found', 'There is no such draft');
      return send(request, reply, profileView(bundle, pid));
    },
  );
}

/** A checker for each policy that is asked about, the newest few of them kept. */
class Checkers {
  readonly #deps: ProfileRoutesDeps;
  #active: { readonly version: string; readonly bundle: PolicyBundle; readonly checker: ProfileChecker } | null = null;
  /** By what the drafts would make: whoever types asks with each key, and its lists are long. The last one last. */
  readonly #drafts = new Map<string, ProfileChecker>();

  constructor(deps: ProfileRoutesDeps) {
    this.#deps = deps;
  }

  /** @throws CorridorError `not_ready` before there is a policy. */
  async active(): Promise<{ version: string; bundle: PolicyBundle; checker: ProfileChecker }> {
    const version = this.#deps.versions.active()?.version;
    if (version !== undefined && this.#active?.version === version) return this.#active;
    const bundle = version === undefined ? null : await this.#deps.versions.bundle(version);
    if (version === undefined || bundle === null) throw new CorridorError('not_ready', 'No policy is active yet');
    this.#active = { version, bundle, checker: new ProfileChecker(bundle) };
    return this.#active;
  }

  /** @throws CorridorError `not_found`, `not_ready` */
  async bundleOf(draft: string | undefined): Promise<PolicyBundle> {
    const bundle = draft === undefined ? (await this.active()).bundle : await this.#deps.draftBundle(draft);
    if (bundle === null) throw new CorridorError('not_found', 'There is no such draft');
    return bundle;
  }

  async of(draft: string | undefined): Promise<ProfileChecker> {
    if (draft === undefined) return (await this.active()).checker;
    const bundle = await this.bundleOf(draft);
    const version = bundleVersion(bundle);
    const checker = this.#drafts.get(version) ?? new ProfileChecker(bundle);
    this.#drafts.delete(version);
    this.#drafts.set(version, checker);
    for (const oldest of [...this.#drafts.keys()].slice(0, -CHECKERS_KEPT_MAX)) this.#drafts.delete(oldest);
    return checker;
  }
}

/** In ascending order of id. */
function formsOf({ files }: PolicyBundle): ProfileForm[] {
  const names = Object.keys(files).filter((name) => name.startsWith('profiles/'));
  return names.sort().map((name) => formOf(files[name] ?? ''));
}

function briefOf(form: ProfileForm): object {
  const { id, title, target, corridor, weight, mandatory, percentage, owner, level, scope, documentation } = form;
  return { id, title, target, corridor, weight, mandatory, percentage, owner, level, scope, documentation };
}

/** @throws CorridorError `not_found` */
function profileView({ files }: PolicyBundle, id: string): object {
  const name = `profiles/${id}.yaml`;
  const text = Object.hasOwn(files, name) ? files[name] : undefined;
  if (text === undefined) throw new CorridorError('not_found', 'There is no profile with this id');
  const form = formOf(text);
  const unless = form.unless === null ? null : criteriaOf(form.unless);
  return { profile: form, text, criteria: { when: criteriaOf(form.when), unless } };
}

/** The condition as a tree; null where the text is no CEL. */
function criteriaOf(text: string): Condition | null {
  const result = parse(text);
  return 'parsed' in result ? readCriteria(result.parsed) : null;
}
