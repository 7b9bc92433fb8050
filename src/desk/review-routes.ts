import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type AuditAction, eventOf, onRecord } from '../access/audit-event.ts';
import type { RuleName } from '../access/rules.ts';
import { send } from '../ingress/request.ts';
import type { Draft } from '../policies/draft.ts';
import * as bodies from './draft-bodies.ts';
import {
  answerSaved,
  type DraftRoutesDeps,
  etagOf,
  idOf,
  optionalRevisionOf,
  revisionOf,
  subjectOf,
} from './draft-routes.ts';
import { draftView } from './draft-views.ts';

/** What is asked for of a draft. */
interface Asked {
  readonly id: string;
  readonly by: string;
  /** That was looked at; null: whichever there is. */
  readonly revision: number | null;
  readonly body: unknown;
}

interface Move {
  readonly path: string;
  readonly rule: RuleName;
  readonly summary: string;
  readonly action: AuditAction;
  readonly body?: object;
  readonly act: (asked: Asked) => Promise<Draft>;
}

/** From a draft to the policy: asked for, decided by another, published, at once or at its time. */
export function registerReviewRoutes(server: FastifyInstance, deps: DraftRoutesDeps): void {
  const { board, workflow, publisher, versions, audit } = deps;
  const publish = (how: 'publish' | 'emergency', { id, by, revision }: Asked, reason: string): Promise<Draft> => {
    const { title, reason: own } = board.get(id);
    return publisher.publish(id, how, by, reason || own || title, revision);
  };

  const moves: readonly Move[] = [
    {
      path: 'submit',
      rule: 'author',
      summary: 'Ask for a decision on a draft',
      action: 'draft.changed',
      act: ({ id, revision, by }) => workflow.submit(id, revision, by),
    },
    {
      path: 'withdraw',
      rule: 'author',
      summary: 'Take a draft back from review or schedule',
      action: 'draft.changed',
      act: ({ id, by }) => workflow.withdraw(id, by),
    },
    {
      path: 'comments',
      rule: 'profiles',
      summary: 'Say something about a draft',
      action: 'draft.changed',
      body: bodies.WordsSchema,
      act: ({ id, by, body }) => workflow.comment(id, bodies.acceptWords(body).comment, by),
    },
    {
      path: 'approve',
      rule: 'review',
      summary: 'Approve a draft that others made, or an emergency afterwards',
      action: 'draft.reviewed',
      body: bodies.DecisionSchema,
      act({ id, revision, by, body }) {
        const { comment = '' } = bodies.acceptDecision(body ?? {});
        return workflow.decide(id, revision, 'approved', comment, by);
      },
    },
    {
      path: 'reject',
      rule: 'review',
      summary: 'Reject a draft, and say why',
      action: 'draft.reviewed',
      body: bodies.WordsSchema,
      act: ({ id, revision, by, body }) =>
        workflow.decide(id, revision, 'rejected', bodies.acceptWords(body).comment, by),
    },
    {
      path: 'schedule',
      rule: 'publish',
      summary: 'Have an approved draft published at a time',
      action: 'draft.published',
      body: bodies.ScheduleSchema,
      act: ({ id, by, body }) => workflow.schedule(id, bodies.acceptSchedule(body ?? {}), by),
    },
    {
      path: 'publish',
      rule: 'publish',
      summary: 'Make an approved draft the policy',
      action: 'draft.published',
      body: bodies.PublishSchema,
      act: (asked) => publish('publish', asked, bodies.acceptPublish(asked.body ?? {}).reason ?? ''),
    },
    {
      path: 'emergency',
      rule: 'emergency',
      summary: 'Make a draft the policy without approval; it is reviewed afterwards',
      action: 'draft.published',
      body: bodies.ReasonSchema,
      act: (asked) => publish('emergency', asked, bodies.acceptReason(asked.body).reason),
    },
  ];

  for (const { path, rule, summary, action, body, act } of moves) {
    const schema = { summary, tags: ['drafts'], ...(body === undefined ? {} : { body }) };
    server.post(`/v1/drafts/:id/${path}`, { config: { access: rule }, schema }, async (request, reply) => {
      const revision = optionalRevisionOf(request);
      const asked = { id: idOf(request), by: subjectOf(request), revision, body: request.body };
      const event = eventOf(request, action, `draft:${asked.id}`, { did: path });
      return answer(request, reply, await onRecord(audit, event, () => act(asked)));
    });
  }

  server.post(
    '/v1/drafts/:id/rebase',
    {
      config: { access: 'author' },
      schema: { summary: 'Put a draft onto the active policy', tags: ['drafts'], body: bodies.RebaseSchema },
    },
    async (request, reply) => {
      const { choices = {} } = bodies.acceptRebase(request.body ?? {});
      const [id, revision] = [idOf(request), revisionOf(request)];
      const event = eventOf(request, 'draft.changed', `draft:${id}`, { did: 'rebased' });
      const rebase = () => workflow.rebase(id, revision, choices, subjectOf(request));
      return answerSaved(request, reply, await onRecord(audit, event, rebase), versions);
    },
  );

  async function answer(request: FastifyRequest, reply: FastifyReply, draft: Draft): Promise<FastifyReply> {
    return send(request, reply.header('etag', etagOf(draft)), await draftView(draft, versions));
  }
}
