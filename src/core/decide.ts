import { affordable } from './capacity.ts';
import { type Corridor, isReleased, mostSevere, severity } from './corridor.ts';
import { type Declaration, traderIndex } from './declaration.ts';
import { mix, selects } from './draw.ts';
import { type ExceptionEntry, isLive } from './exceptions.ts';
import type { Facts } from './facts.ts';
import type { Policy } from './policy.ts';
import type { HitValue, Match, Matches, Measure, ProfileFault, Target } from './profile.ts';
import { combine, type Evidence } from './score.ts';

/** Why a corridor was asked for. */
export const REASON_KINDS = ['profile', 'fault', 'forced', 'random', 'amendment', 'withdrawal'] as const;
export type ReasonKind = (typeof REASON_KINDS)[number];

export interface Reason {
  readonly kind: ReasonKind;
  /** Id of the profile or exception entry, or the declaration whose control passes on. */
  readonly code: string;
  readonly text: string;
  readonly target: Target | null;
  /** The corridor this reason asks for … */
  readonly corridor: Corridor;
  /** … and the one it got, after capacity. */
  readonly settled: Corridor;
  readonly weight: number;
  readonly items: readonly number[];
  readonly values: Readonly<Record<string, HitValue>>;
  readonly measures: readonly Measure[];
}

/** Keys in this order, always all of them: the record's bytes depend on it. */
export interface Decision {
  readonly declarationId: string;
  readonly version: number;
  readonly corridor: Corridor;
  readonly released: boolean;
  /** Probability of a violation, 0 to 1. */
  readonly score: number;
  readonly expectedDamageTiyn: number;
  readonly reasons: readonly Reason[];
  readonly measures: readonly Measure[];
  readonly policyVersion: string;
  readonly compilerVersion: string;
  readonly decidedAt: number;
}

const DOCUMENTS: Measure = {
  code: 'documentary_check',
  instructions: 'A risk check could not be completed. Check the documents and data of this declaration in full.',
};
const INSPECT: Measure = {
  code: 'physical_examination',
  instructions: 'A risk check could not be completed. Examine the goods.',
};
const CARRY_ON: Measure = {
  code: 'continue_control',
  instructions:
    'Carry out the control that was ordered before; compare what was declared then with what is declared now.',
};

/**
 * Decides how customs treats a declaration: exempt → match → sample → score → ration → draw → settle.
 * Pure: same declaration, facts and policy, same decision. Does not throw for any declaration in normal form.
 */
export function decide(declaration: Declaration, facts: Facts, policy: Policy): Decision {
  const live = liveExceptions(declaration, facts, policy);
  const matches = match(declaration, facts, policy, live);
  const selected = sample(matches.hits, facts);
  const score = scoreOf(selected, facts);
  const expectedDamageTiyn = Math.round(score * damageOf(declaration, selected));
  const rationed = ration(declaration, selected, expectedDamageTiyn, policy);
  const forced = force(live);
  const faulted = fault(matches.faults);
  const drawn = drawRandom(declaration, facts, policy);
  const carried = carryOver(facts);
  return settle(declaration, facts, policy, score, expectedDamageTiyn, [
    ...forced,
    ...rationed,
    ...faulted,
    ...drawn,
    ...carried,
  ]);
}

function liveExceptions(declaration: Declaration, facts: Facts, policy: Policy): readonly ExceptionEntry[] {
  return policy.exceptions.filter((entry) => isLive(entry, declaration, facts.receivedAt));
}

const NONE: ReadonlySet<string> = new Set();

function match(declaration: Declaration, facts: Facts, policy: Policy, live: readonly ExceptionEntry[]): Matches {
  const named = live.filter((entry) => entry.kind === 'exempt').flatMap((entry) => entry.profiles);
  if (named.length === 0) return policy.profiles.match(declaration, facts, NONE);
  const exempt = policy.profiles.profiles.filter(({ id, target }) => named.includes(id) || named.includes(target));
  return policy.profiles.match(declaration, facts, new Set(exempt.map(({ id }) => id)));
}

/** A profile with a percentage selects that share of its hits; a mandatory one all of them. */
function sample(hits: readonly Match[], facts: Facts): readonly Match[] {
  return hits.filter(
    ({ profile }) =>
      profile.mandatory ||
      profile.percentage >= 100 ||
      selects(profile.percentage, mix(effectiveDraw(facts), profile.id)),
  );
}

/** Goods withdrawn and sent again keep the smaller, that is the more selective, of the two draws. */
function effectiveDraw(facts: Facts): number {
  return facts.inherited === null ? facts.draw.value : Math.min(facts.draw.value, facts.inherited.draw);
}

function scoreOf(hits: readonly Match[], facts: Facts): number {
  if (hits.length === 0 && facts.models.length === 0) return 0;
  const evidence: Evidence[] = hits.map(({ profile }) => profile);
  for (const { group, probability } of facts.models) evidence.push({ group, weight: probability });
  return combine(evidence);
}

/** Duties and taxes at stake, or the largest fixed damage among the hits where that is more. In tiyn. */
function damageOf(declaration: Declaration, hits: readonly Match[]): number {
  let damage = 0;
  for (const item of declaration.items) for (const duty of item.duties) damage += duty.amount.tiyn;
  for (const { profile } of hits) if (profile.damageTiyn !== null) damage = Math.max(damage, profile.damageTiyn);
  return damage;
}

/** Mandatory hits stand; the others take place where the expected damage pays the price of the control. */
function ration(
  declaration: Declaration,
  hits: readonly Match[],
  expectedDamageTiyn: number,
  policy: Policy,
): Reason[] {
  return hits.map(({ profile, items, values }) => ({
    kind: 'profile',
    code: profile.id,
    text: profile.title,
    target: profile.target,
    corridor: profile.corridor,
    settled: profile.mandatory
      ? profile.corridor
      : affordable(policy.capacity, declaration.office, profile.corridor, expectedDamageTiyn),
    weight: profile.weight,
    items,
    values,
    measures: profile.measures,
  }));
}

function force(live: readonly ExceptionEntry[]): Reason[] {
  return live
    .filter((entry) => entry.kind === 'force')
    .map((entry) => reason('forced', entry.id, entry.reason, entry.corridor ?? 'red', [INSPECT_AS_ORDERED]));
}

const INSPECT_AS_ORDERED: Measure = {
  code: 'ordered_control',
  instructions: 'A control is ordered for this party or these goods. Follow the order named in the reason.',
};

function fault(faults: readonly ProfileFault[]): Reason[] {
  const reasons: Reason[] = [];
  for (const { profile, item } of faults) {
    if (profile.onError === 'miss' && !profile.mandatory) continue;
    const inspect = profile.onError === 'inspect';
    reasons.push({
      ...reason('fault', profile.id, profile.title, inspect ? 'red' : 'yellow', [inspect ? INSPECT : DOCUMENTS]),
      target: profile.target,
      items: item === null ? [] : [item],
    });
  }
  return reasons;
}

/** Lanes share one draw: the first takes [0, p1), the second [p1, p1 + p2) … percent. */
function drawRandom(declaration: Declaration, facts: Facts, policy: Policy): Reason[] {
  const lanes = policy.random.offices[declaration.office] ?? policy.random.lanes;
  const category = facts.parties[traderIndex(declaration)]?.category ?? 'medium';
  const at = effectiveDraw(facts);
  let upTo = 0;
  for (const { corridor, percent, measures } of lanes) {
    upTo += percent[category];
    if (selects(upTo, at)) {
      return [{ ...reason('random', 'random', 'Random selection', corridor, measures), target: 'random' }];
    }
  }
  return [];
}

/** Control goes on: what an earlier version or a withdrawn declaration of like goods was ordered. */
function carryOver({ previous, inherited }: Facts): Reason[] {
  const reasons: Reason[] = [];
  if (previous !== null && previous.corridor !== 'green') {
    const text = `Version ${previous.version} was under control`;
    reasons.push(reason('amendment', String(previous.version), text, previous.corridor, [CARRY_ON]));
  }
  if (inherited !== null && inherited.corridor !== 'green') {
    const text = 'Like goods of the same party were under control and withdrawn';
    reasons.push(reason('withdrawal', inherited.declarationId, text, inherited.corridor, [CARRY_ON]));
  }
  return reasons;
}

function reason(
  kind: ReasonKind,
  code: string,
  text: string,
  corridor: Corridor,
  measures: readonly Measure[],
): Reason {
  return { kind, code, text, target: null, corridor, settled: corridor, weight: 0, items: [], values: {}, measures };
}

/** The most severe corridor that stands, the reasons from the most severe down, and each measure once. */
function settle(
  declaration: Declaration,
  facts: Facts,
  policy: Policy,
  score: number,
  expectedDamageTiyn: number,
  reasons: readonly Reason[],
): Decision {
  const ordered = reasons.toSorted((a, b) => severity(b.settled) - severity(a.settled) || b.weight - a.weight);
  const corridor = ordered.reduce<Corridor>((most, { settled }) => mostSevere(most, settled), 'green');
  const measures = new Map<string, Measure>();
  for (const { settled, measures: due } of ordered) {
    if (settled === 'green') continue;
    for (const measure of due) measures.set(`${measure.code}\n${measure.instructions}`, measure);
  }
  return {
    declarationId: declaration.id,
    version: declaration.version,
    corridor,
    released: isReleased(corridor),
    score,
    expectedDamageTiyn,
    reasons: ordered,
    measures: [...measures.values()],
    policyVersion: policy.version,
    compilerVersion: policy.compilerVersion,
    decidedAt: facts.decidedAt,
  };
}
