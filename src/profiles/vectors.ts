import { type Declaration, type Party, type PartyRole, traderIndex } from '../core/declaration.ts';
import type { Category, Facts, PartyFacts, QuantileFacts, TraderFacts, WindowFacts } from '../core/facts.ts';
import { kztOf, tiynOf } from '../core/money.ts';
import {
  type DeclarationInput,
  type ItemInput,
  type MoneyInput,
  normalise,
  type PartyInput,
} from '../core/normalise.ts';
import type { Policy } from '../core/policy.ts';
import type { Scope } from '../core/profile.ts';
import type { PolicyBundle } from './bundle.ts';
import { inOrder, type PolicyProblem, suggestion } from './problems.ts';
import { type ProfileSource, readProfile, type VectorSource } from './profile-file.ts';
import {
  BASE_RECEIVED_AT,
  baseDeclaration,
  baseItem,
  basePartyOf,
  DECLARATION_SHAPE,
  FACTS_SHAPE,
} from './vector-bases.ts';
import { parseInstant } from './yaml-reader.ts';

/** A test of a profile that did not come out as its file says, or cannot be run. */
export interface VectorFailure extends PolicyProblem {
  readonly profile: string;
  readonly test: string;
}

/** What a test of a profile evaluates. */
export interface Vector {
  readonly declaration: Declaration;
  readonly facts: Facts;
}

/** Runs the tests of every profile against the policy built from the same bundle; empty where all hold. */
export function runVectors(bundle: PolicyBundle, policy: Policy): VectorFailure[] {
  const failures: VectorFailure[] = [];
  const others = new Set(policy.profiles.profiles.map(({ id }) => id));
  for (const [file, text] of Object.entries(bundle.files)) {
    if (!file.startsWith('profiles/')) continue;
    const problems: PolicyProblem[] = [];
    const source = readProfile(file, text, problems);
    if (source === null) {
      failures.push(...problems.map((problem) => ({ ...problem, profile: file, test: '' })));
      continue;
    }
    others.delete(source.profile.id);
    for (const test of source.tests) {
      const message = runVector(source, test, policy, others);
      if (message === null) continue;
      const { line, column, name } = test;
      failures.push({ file, line, column, message, profile: source.profile.id, test: name });
    }
    others.add(source.profile.id);
  }
  return inOrder(failures) as VectorFailure[];
}

/** What is wrong with the outcome; null where it is as expected. */
function runVector(
  { profile }: ProfileSource,
  test: VectorSource,
  policy: Policy,
  others: ReadonlySet<string>,
): string | null {
  const vector = vectorOf(test, profile.scope);
  if ('faults' in vector) return `the test "${test.name}" cannot be run: ${vector.faults.join('; ')}`;
  const { hits, faults } = policy.profiles.match(vector.declaration, vector.facts, others);
  const [fault] = faults;
  if (fault !== undefined) return `the test "${test.name}" fails with an error: ${fault.message}`;
  const hit = hits.length > 0;
  if (hit === test.hits) return null;
  return `the test "${test.name}" should ${test.hits ? '' : 'not '}hit, and does ${hit ? 'hit' : 'not'}`;
}

/**
 * Declaration and facts of a test: its patches over the neutral ones, which lie in the profile's scope. Objects merge
 * field by field, items by position over the neutral item, parties by role; other lists replace.
 */
export function vectorOf(test: VectorSource, scope: Scope): Vector | { faults: readonly string[] } {
  const faults = [
    ...shapeFaults('declaration', test.declaration, DECLARATION_SHAPE),
    ...shapeFaults('facts', test.facts, FACTS_SHAPE),
  ];
  if (faults.length > 0) return { faults };
  const input = patchedDeclaration(test, scope);
  const { declaration, faults: wrong } = normalise(input);
  if (declaration === null) return { faults: wrong.map(({ pointer, message }) => `declaration${pointer} ${message}`) };
  const facts = patchedFacts(declaration, test.facts as FactsPatch, scope, faults);
  return faults.length > 0 ? { faults } : { declaration, facts };
}

type Json = { readonly [key: string]: unknown };

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Names nobody knows and values of another kind, in a patch. */
function shapeFaults(path: string, patch: unknown, shape: unknown): string[] {
  if (patch === null) return [];
  if (Array.isArray(shape)) {
    if (!Array.isArray(patch)) return [`${path} must be a list`];
    return shape.length === 0 ? [] : patch.flatMap((entry, i) => shapeFaults(`${path}[${i}]`, entry, shape[0]));
  }
  if (isObject(shape)) {
    if (!isObject(patch)) return [`${path} must be a mapping`];
    return Object.entries(patch).flatMap(([key, value]) =>
      Object.hasOwn(shape, key)
        ? shapeFaults(`${path}.${key}`, value, shape[key])
        : [`${path} has no ${key}${suggestion(key, Object.keys(shape))}`],
    );
  }
  if (typeof patch === typeof shape) return [];
  const quoted = typeof patch === 'number' && typeof shape === 'string' ? `: write "${patch}"` : '';
  return [`${path} must be a ${typeof shape}${quoted}`];
}

function merged(base: unknown, patch: unknown): unknown {
  if (!isObject(base) || !isObject(patch)) return patch;
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(patch)) result[key] = merged(base[key], value);
  return result;
}

interface DeclarationPatch {
  readonly items?: readonly unknown[];
  readonly parties?: readonly Partial<PartyInput>[];
  readonly invoiceTotal?: unknown;
  readonly customsValueTotal?: unknown;
}

function patchedDeclaration(test: VectorSource, scope: Scope): DeclarationInput {
  const base = baseDeclaration(test.regime);
  base.office = within(scope.offices, base.office);
  base.procedure = within(scope.procedures, base.procedure);
  const { items, parties, ...rest } = test.declaration as DeclarationPatch;
  const input = merged(base, rest) as DeclarationInput;
  input.items = (items ?? [{}]).map((item, index) => merged(baseItem(index + 1), item) as ItemInput);
  if (items?.length === 0) input.items = [];
  for (const party of parties ?? []) patchParty(input.parties, party);
  if (rest.customsValueTotal === undefined) input.customsValueTotal = total(input, 'customsValue');
  if (rest.invoiceTotal === undefined) input.invoiceTotal = total(input, 'invoicePrice');
  return input;
}

function within<T extends string>(allowed: readonly T[], base: T): T {
  return allowed.length === 0 || allowed.includes(base) ? base : (allowed[0] as T);
}

function patchParty(parties: PartyInput[], patch: Partial<PartyInput>): void {
  const role = patch.role ?? parties[0]?.role ?? 'importer';
  const index = parties.findIndex((party) => party.role === role);
  const base = index < 0 ? basePartyOf(role) : parties[index];
  const party = merged(base, patch) as PartyInput;
  if (index < 0) parties.push(party);
  else parties[index] = party;
}

/** Totals follow the items, unless a test sets them or mixes currencies. */
function total(input: DeclarationInput, field: 'customsValue' | 'invoicePrice'): MoneyInput {
  const amounts = input.items.map((item) => item[field]);
  const base = field === 'customsValue' ? input.customsValueTotal : input.invoiceTotal;
  const [first] = amounts;
  if (first === undefined || amounts.some(({ currency, kzt }) => currency !== first.currency || kzt !== undefined)) {
    return base;
  }
  const sum = amounts.reduce((tiyn, { amount }) => tiyn + (tiynOf(amount) ?? 0), 0);
  return { amount: kztOf(sum), currency: first.currency };
}

interface StandingPatch {
  readonly category?: Category;
  readonly known?: boolean;
  readonly authorisedOperator?: boolean;
  readonly openViolations?: number;
  readonly arrears?: string;
}
interface WindowPatch {
  readonly count?: number;
  readonly value?: string;
}
interface FactsPatch {
  readonly receivedAt?: string;
  readonly trader?: StandingPatch & {
    readonly firstSeenAt?: string | null;
    readonly d1?: WindowPatch;
    readonly d7?: WindowPatch;
    readonly d30?: WindowPatch;
    readonly d90?: WindowPatch;
  };
  readonly parties?: readonly (StandingPatch & { readonly role?: PartyRole })[];
  readonly items?: readonly { readonly valuePerKg?: Partial<QuantileFacts> | null }[];
}

function patchedFacts(declaration: Declaration, patch: FactsPatch, scope: Scope, faults: string[]): Facts {
  const receivedAt = instantOf(patch.receivedAt, 'facts.receivedAt', receivedWithin(scope), faults);
  const trader = traderIndex(declaration);
  const byRole = new Map((patch.parties ?? []).map((party) => [party.role, party]));
  for (const [role] of byRole) {
    if (!declaration.parties.some((party) => party.role === role)) faults.push(`facts: no ${role} is declared`);
  }
  return {
    receivedAt,
    decidedAt: receivedAt,
    draw: { value: 0.5, keyId: 'vector' },
    parties: declaration.parties.map((party, index) => {
      const standing = { ...(byRole.get(party.role) ?? {}), ...(index === trader ? patch.trader : {}) };
      const category = index === trader ? within(scope.categories, 'medium') : 'medium';
      return partyFacts(party, category, standing, faults);
    }),
    trader: traderFacts(declaration.parties[trader]?.id ?? null, receivedAt, patch.trader ?? {}, faults),
    items: declaration.items.map((_, index) => ({ valuePerKg: quantiles(patch.items?.[index]?.valuePerKg, faults) })),
    previous: null,
    inherited: null,
    models: [],
    suspended: [],
  };
}

const DAY_MS = 86_400_000;

function receivedWithin({ validFrom, validUntil }: Scope): number {
  if (validFrom !== null && BASE_RECEIVED_AT < validFrom) return validFrom;
  return validUntil !== null && BASE_RECEIVED_AT >= validUntil ? validUntil - 1 : BASE_RECEIVED_AT;
}

function partyFacts(party: Party, category: Category, patch: StandingPatch, faults: string[]): PartyFacts {
  return {
    role: party.role,
    id: party.id,
    category: patch.category ?? category,
    known: patch.known ?? true,
    authorisedOperator: patch.authorisedOperator ?? false,
    openViolations: patch.openViolations ?? 0,
    arrearsTiyn: tiyn(patch.arrears, `facts: arrears of ${party.role}`, 0, faults),
  };
}

/** An established trader: two years of some ten declarations a month, one million KZT each. */
function traderFacts(
  id: string | null,
  receivedAt: number,
  patch: NonNullable<FactsPatch['trader']>,
  faults: string[],
): TraderFacts {
  const window = (count: number, change: WindowPatch = {}): WindowFacts => ({
    count: change.count ?? count,
    valueTiyn: tiyn(change.value, 'facts: value of a window', (change.count ?? count) * 1e8, faults),
  });
  const since = receivedAt - 730 * DAY_MS;
  const firstSeenAt =
    patch.firstSeenAt === null ? null : instantOf(patch.firstSeenAt, 'facts.trader.firstSeenAt', since, faults);
  return {
    id,
    firstSeenAt,
    d1: window(1, patch.d1),
    d7: window(3, patch.d7),
    d30: window(10, patch.d30),
    d90: window(30, patch.d90),
  };
}

/** Quantiles that a test leaves out follow from the median, as those of a plain price distribution would. */
function quantiles(patch: Partial<QuantileFacts> | null | undefined, faults: string[]): QuantileFacts | null {
  if (patch === null || patch === undefined) return null;
  const { n, p50 } = patch;
  if (n === undefined || p50 === undefined) {
    faults.push('facts: valuePerKg needs n and p50');
    return null;
  }
  return {
    n,
    p05: patch.p05 ?? 0.5 * p50,
    p25: patch.p25 ?? 0.8 * p50,
    p50,
    p75: patch.p75 ?? 1.25 * p50,
    p95: patch.p95 ?? 2 * p50,
  };
}

function tiyn(kzt: string | undefined, what: string, base: number, faults: string[]): number {
  if (kzt === undefined) return base;
  const value = tiynOf(kzt);
  if (value === null) faults.push(`${what} must be a decimal amount of KZT, not "${kzt}"`);
  return value ?? base;
}

function instantOf(text: string | undefined, what: string, base: number, faults: string[]): number {
  if (text === undefined) return base;
  const instant = parseInstant(text);
  if (instant === null) faults.push(`${what} must be a date like 2026-01-31, not "${text}"`);
  return instant ?? base;
}
