import type { View } from '../access/rules.ts';
import { type Corridor, isReleased } from '../core/corridor.ts';
import { NEXT_STEPS, type PublicOutcome, publicOutcome } from '../core/public-outcome.ts';
import type { KnownVersion } from './known.ts';
import { isoOf } from './views.ts';

/** Where a declaration stands, and every version of it. `pending`: the version that is under way, if one is. */
export function historyView(id: string, known: readonly KnownVersion[], pending: number | null, view: View): object {
  return view === 'outcome' ? traderHistory(id, known, pending) : officialHistory(id, known, pending);
}

/** No corridor, and not when it was decided: how long that took tells what was looked at. */
function traderHistory(id: string, known: readonly KnownVersion[], pending: number | null): object {
  const versions: { version: number; outcome: PublicOutcome; receivedAt: string | null }[] = known.map((each) => ({
    version: each.version,
    outcome: each.outcome === 'withdrawn' ? 'withdrawn' : publicOutcome(each.corridor),
    receivedAt: isoOf(each.receivedAt),
  }));
  if (pending !== null) versions.push({ version: pending, outcome: 'pending', receivedAt: null });
  const last = versions.at(-1);
  const outcome = last?.outcome ?? 'pending';
  return { declarationId: id, version: last?.version ?? 0, outcome, nextStep: NEXT_STEPS[outcome], versions };
}

function officialHistory(id: string, known: readonly KnownVersion[], pending: number | null): object {
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
