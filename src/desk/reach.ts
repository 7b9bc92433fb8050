import type { FastifyRequest } from 'fastify';
import { mustAccess } from '../access/hook.ts';
import { RULES, rightsOf, viewOf } from '../access/rules.ts';
import { CorridorError } from '../errors.ts';

/** Whose declaration it is, and at which office. */
interface Of {
  readonly submitter: string;
  readonly office: string;
}

/** Whether whoever asks may see all of the decision on a declaration, as they may by its own route. */
export function seesAll(request: FastifyRequest): (of: Of) => boolean {
  const { principal } = mustAccess(request);
  const rights = rightsOf(RULES.decision, principal);
  return (of) => viewOf(rights, principal, of) === 'full';
}

/** What a trial came to, with samples of those declarations alone that whoever asks may see all of. */
export function withinReach(request: FastifyRequest, result: unknown): unknown {
  const { profiles, ...report } = (result ?? {}) as { readonly profiles?: readonly WithSamples[] };
  if (profiles === undefined) return result;
  const sees = seesAll(request);
  return { ...report, profiles: profiles.map((each) => ({ ...each, samples: each.samples.filter(sees) })) };
}

interface WithSamples {
  readonly samples: readonly Of[];
}

/** Whoever only reads ends no trial of others. @throws CorridorError `forbidden` */
export function mustMayEnd(request: FastifyRequest, { by }: { readonly by: string }): void {
  const { principal } = mustAccess(request);
  if (by === principal.subject || rightsOf(RULES.author, principal).length > 0) return;
  throw new CorridorError('forbidden', 'A trial is ended by whoever began it, or by an expert');
}
