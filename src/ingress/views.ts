import { type Corridor, isReleased } from '../core/corridor.ts';
import type { Decision, Reason } from '../core/decide.ts';
import { kztOf } from '../core/money.ts';
import { CorridorError } from '../errors.ts';
import type { LedgerEntry } from '../state/ledger.ts';
import type { Outcome } from '../wire/envelope.ts';
import { encode } from '../wire/messagepack.ts';
import { decisionOf, openRecord } from '../wire/record.ts';
import { FORMATS, type Format } from './body.ts';
import type { KnownVersion } from './known.ts';
import type { Answer } from './waiting.ts';

/**
 * What each role may see of a decision. Reasons, score and measures are for official use only, and the official's is
 * the only view until there is access control; a role without a view gets nothing.
 *
 * Made from the stored record alone, keys always in the same order: the same bytes every time.
 */
export type ViewRole = 'official';

const DECISION_VIEWS: Record<ViewRole, (decision: Decision) => object> = { official: officialView };

function officialView(decision: Decision): object {
  return {
    declarationId: decision.declarationId,
    version: decision.version,
    corridor: decision.corridor,
    released: decision.released,
    score: decision.score,
    expectedDamage: kztOf(decision.expectedDamageTiyn),
    reasons: decision.reasons.map(reasonView),
    measures: decision.measures.map(({ code, instructions }) => ({ code, instructions })),
    policyVersion: decision.policyVersion,
    decidedAt: isoOf(decision.decidedAt),
  };
}

function reasonView(reason: Reason): object {
  return {
    kind: reason.kind,
    code: reason.code,
    text: reason.text,
    target: reason.target,
    corridor: reason.corridor,
    settled: reason.settled,
    weight: reason.weight,
    items: reason.items,
    values: reason.values,
    measures: reason.measures.map(({ code, instructions }) => ({ code, instructions })),
  };
}

/** The body of an answer. @throws CorridorError `quarantined` */
export function answerView(answer: Answer, role: ViewRole): object {
  if (answer.kind === 'pending') return pendingView(answer.identity);
  if (answer.entry.outcome === 'quarantined') {
    throw new CorridorError('quarantined', 'It could not be decided and was set aside for an official');
  }
  return entryView(answer.entry, role);
}

export function outcomeOf(answer: Answer): Outcome | 'pending' {
  return answer.kind === 'kept' ? answer.entry.outcome : 'pending';
}

/** A decided or withdrawn entry of the ledger as its answer. */
function entryView(entry: LedgerEntry, role: ViewRole): object {
  const { identity, outcome, receivedAt, record } = entry;
  if (outcome === 'decided') return DECISION_VIEWS[role](decisionOf(openRecord(record)));
  return {
    declarationId: identity.id,
    version: identity.version,
    outcome,
    reason: Buffer.from(record).toString('utf8'),
    at: isoOf(receivedAt),
  };
}

function pendingView({ id, version }: { id: string; version: number }): object {
  return { declarationId: id, version, outcome: 'pending' };
}

export function decisionPath({ id, version }: { id: string; version: number }): string {
  return `/v1/declarations/${encodeURIComponent(id)}/decision?version=${version}`;
}

/** Where a declaration stands, and every version of it. */
export function historyView(id: string, known: readonly KnownVersion[], pending: number | null): object {
  const versions: object[] = known.map(({ version, outcome, corridor, receivedAt, decidedAt }) => ({
    version,
    outcome,
    ...corridorView(corridor),
    receivedAt: isoOf(receivedAt),
    decidedAt: decidedAt === null ? null : isoOf(decidedAt),
  }));
  const last = known.at(-1);
  if (pending !== null) {
    versions.push({ version: pending, outcome: 'pending', ...corridorView(null), receivedAt: null, decidedAt: null });
  }
  return {
    declarationId: id,
    version: pending ?? last?.version ?? 0,
    outcome: pending === null ? (last?.outcome ?? 'pending') : 'pending',
    ...corridorView(pending === null ? (last?.corridor ?? null) : null),
    versions,
  };
}

function corridorView(corridor: Corridor | null): object {
  return { corridor, released: corridor === null ? null : isReleased(corridor) };
}

function isoOf(instant: number): string {
  return new Date(instant).toISOString();
}

export function contentType(format: Format): string {
  return format === 'json' ? 'application/json; charset=utf-8' : FORMATS.msgpack[0];
}

export function serialise(view: object, format: Format): string | Buffer {
  if (format === 'json') return JSON.stringify(view);
  const bytes = encode(view);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
