import { CorridorError, type RequestFault } from '../errors.ts';
import { FAULTS_MAX } from '../limits.ts';
import type { PolicyProblem } from '../profiles/problems.ts';
import type { CheckResult } from './check.ts';
import type { Refusal } from './version.ts';

/** A fault with its place in a file of the policy. */
export interface PlacedFault extends RequestFault {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

function placed({ file, line, column, message }: PolicyProblem): PlacedFault {
  return { pointer: pointerOf(file), message, file, line, column };
}

/** JSON pointer of a file in a bundle. */
export function pointerOf(file: string): string {
  return `/${file.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

export function invalidPolicy(detail: string, problems: readonly PolicyProblem[]): CorridorError {
  const faults = problems.slice(0, FAULTS_MAX).map(placed);
  return new CorridorError('invalid_policy', detail, { faults });
}

/** @throws CorridorError `invalid_policy` where it does not compile, or a test of a profile fails. */
export function mustBeSound({ problems, failures }: CheckResult): void {
  if (problems.length > 0) throw invalidPolicy('The policy does not compile', problems);
  if (failures.length > 0) throw invalidPolicy('Tests of profiles fail', failures);
}

export function notActivated(refusals: readonly Refusal[]): CorridorError {
  const faults = refusals.flatMap(({ node, problems }) => problems.map((message) => ({ pointer: '', message, node })));
  const nodes = refusals.map(({ node }) => node).join(', ');
  const options = { faults: faults.slice(0, FAULTS_MAX) };
  return new CorridorError('not_activated', `Nothing has changed: ${nodes} did not take the version`, options);
}

/** Why something about the policy itself was refused, to be kept; null: it was not the policy's fault. */
export function troubleOf(error: unknown): readonly string[] | null {
  if (!(error instanceof CorridorError)) return null;
  if (!['changed_meanwhile', 'invalid_policy', 'not_activated', 'wrong_state'].includes(error.code)) return null;
  const lines = error.faults.map((fault) => {
    const { file, line, column } = fault as Partial<PlacedFault>;
    return file === undefined ? fault.message : `${file}:${line}:${column} ${fault.message}`;
  });
  return [error.message, ...lines];
}
