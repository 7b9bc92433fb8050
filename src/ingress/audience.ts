import type { FastifyRequest } from 'fastify';
import { mustAccess } from '../access/hook.ts';
import { type Subject, type View, viewOf } from '../access/rules.ts';
import { CorridorError } from '../errors.ts';
import type { KnownVersion } from './known.ts';
import type { ServerDeps } from './server-deps.ts';

/** How much of this declaration the caller may see. @throws CorridorError `not_found`, as if it were not there. */
export function mustSee(request: FastifyRequest, subject: Subject): View {
  const { principal, rights } = mustAccess(request);
  const view = viewOf(rights, principal, subject);
  if (view === null) throw noSuchDeclaration(true);
  return view;
}

export function noSuchDeclaration(withheld = false): CorridorError {
  return new CorridorError('not_found', 'No declaration of this submitter has this id', { withheld });
}

/** Of the version, else of the nearest before it that was decided: only a decision's record names its office. */
export function officeAt(versions: readonly KnownVersion[], asked: number): string | null {
  return versions.findLast(({ version, office }) => version <= asked && office !== null)?.office ?? null;
}

/** Resolves when it is on record that the caller sees this, or at once where it sees no more than a trader may. */
export function disclose(request: FastifyRequest, view: View, target: string, deps: ServerDeps): Promise<void> {
  return view === 'outcome' ? DISCLOSES_NOTHING : deps.disclosed(request, view, target);
}

const DISCLOSES_NOTHING = Promise.resolve();

/** A declaration, or a version of it, as the audit names it. */
export function targetOf(submitter: string, id: string, version: number): string {
  return `${submitter}/${id}/${version}`;
}
