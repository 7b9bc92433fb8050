import type { HistoryRow } from '../backtest/segment.ts';
import { isReleased } from '../core/corridor.ts';
import { type Counted, difference, type Interval, wilson } from '../core/interval.ts';

/** What one version of the policy decided, since a share began. */
export interface VersionTally {
  declarations: number;
  controls: number;
  /** Controls with a known outcome, and those of them that found something. */
  labelled: number;
  findings: number;
}

export type VersionTallies = Record<string, VersionTally>;

/** Event time, epoch milliseconds: from, and before. */
export interface Period {
  readonly since: number;
  readonly until: number;
}

/** Counts what each version decided in a period. */
export function countVersions(
  rows: Iterable<HistoryRow>,
  { since, until }: Period,
  outcomeOf: (submitter: string, id: string) => { readonly finding: boolean } | null,
): VersionTallies {
  const tallies: VersionTallies = {};
  for (const { declaration, facts, submitter, corridor, policyVersion } of rows) {
    if (facts.receivedAt < since || facts.receivedAt >= until) continue;
    const tally = tallyOf(tallies, policyVersion);
    tally.declarations++;
    if (isReleased(corridor)) continue;
    tally.controls++;
    const outcome = outcomeOf(submitter, declaration.id);
    if (outcome === null) continue;
    tally.labelled++;
    if (outcome.finding) tally.findings++;
  }
  return tallies;
}

function tallyOf(tallies: VersionTallies, version: string): VersionTally {
  tallies[version] ??= { declarations: 0, controls: 0, labelled: 0, findings: 0 };
  return tallies[version];
}

export function addVersions(whole: VersionTallies, part: VersionTallies): void {
  for (const [version, each] of Object.entries(part)) {
    const tally = tallyOf(whole, version);
    for (const key of ['declarations', 'controls', 'labelled', 'findings'] as const) tally[key] += each[key];
  }
}

export interface Contest {
  readonly champion: Side;
  readonly challenger: Side;
  /** Challenger less champion; null where too little is known. */
  readonly controlRate: { readonly difference: number; readonly p: number } | null;
  readonly hitRate: { readonly difference: number; readonly p: number } | null;
}

interface Side extends VersionTally {
  readonly version: string;
  readonly controlInterval: Interval | null;
  readonly hitInterval: Interval | null;
}

/**
 * Two sides that decided at the same time, each its own share of the declarations, drawn by chance. A side is called by
 * its newest version; those before differed from it in lists alone.
 */
export function contestOf(
  tallies: VersionTallies,
  champions: readonly string[],
  challengers: readonly string[],
): Contest {
  const sum = (versions: readonly string[]): VersionTally => {
    const whole: VersionTallies = {};
    for (const version of versions) addVersions(whole, { sum: tallyOf(tallies, version) });
    return tallyOf(whole, 'sum');
  };
  const [old, renewed] = [sum(champions), sum(challengers)];
  const controls = ({ controls: part, declarations: of }: VersionTally): Counted => ({ part, of });
  const findings = ({ findings: part, labelled: of }: VersionTally): Counted => ({ part, of });
  return {
    champion: sideOf(champions.at(-1) ?? '', old),
    challenger: sideOf(challengers.at(-1) ?? '', renewed),
    controlRate: difference(controls(renewed), controls(old)),
    hitRate: difference(findings(renewed), findings(old)),
  };
}

function sideOf(version: string, tally: VersionTally): Side {
  const { declarations, controls, labelled, findings } = tally;
  return {
    version,
    ...tally,
    controlInterval: wilson(controls, declarations),
    hitInterval: wilson(findings, labelled),
  };
}
