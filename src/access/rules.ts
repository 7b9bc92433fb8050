import type { Principal } from './principal.ts';
import type { Role, Scope } from './roles.ts';

/** Whose things a right reaches: one's own, those of one's offices, all. */
export type Reach = 'own' | 'office' | 'all';

/** How much of a decision is shown: see `ingress/views.ts`. */
export type View = 'outcome' | 'inspection' | 'full';

export interface Right {
  readonly reach: Reach;
  readonly view: View;
  /** An API key needs all of them as well; one that is limited has no right without. */
  readonly scopes?: readonly Scope[];
}

/** Roles that may, with their rights, the widest first; `anyone`: without signing in; `signed_in`: every role. */
export type Rule = 'anyone' | 'signed_in' | Readonly<Partial<Record<Role, readonly Right[]>>>;

const OWN: readonly Right[] = [{ reach: 'own', view: 'outcome' }];
const OFFICE: readonly Right[] = [{ reach: 'office', view: 'full' }];
const ALL: readonly Right[] = [{ reach: 'all', view: 'full' }];
const INSPECTION: readonly Right[] = [{ reach: 'office', view: 'inspection' }];
const SUBMIT: readonly Right[] = [
  { reach: 'own', view: 'full', scopes: ['submit', 'decisions'] },
  { reach: 'own', view: 'outcome', scopes: ['submit'] },
];
const READ: readonly Right[] = [
  { reach: 'own', view: 'full', scopes: ['decisions'] },
  { reach: 'own', view: 'outcome', scopes: ['submit'] },
];

const SUBMISSION: Rule = { declarant: OWN, carrier: OWN, ingest: SUBMIT };
const OFFICIAL_DECISION: Rule = {
  inspector: INSPECTION,
  head: OFFICE,
  expert: ALL,
  approver: ALL,
  analyst: ALL,
  auditor: ALL,
};
const DECISION: Rule = { ...OFFICIAL_DECISION, declarant: OWN, carrier: OWN, ingest: READ };
const PARTY: Rule = { head: ALL, expert: ALL, approver: ALL, analyst: ALL, auditor: ALL };

/**
 * Who may do what: one rule for each route, by its name. A route names its rule when it is registered; one without a
 * rule does not start. test/access/matrix.test.ts walks every route with every role and writes docs/access.md.
 */
export const RULES = {
  open: 'anyone',
  me: 'signed_in',
  submit: SUBMISSION,
  withdraw: SUBMISSION,
  status: DECISION,
  decision: DECISION,
  latest: OFFICIAL_DECISION,
  transit: {
    checkpoint: [{ reach: 'all', view: 'inspection', scopes: ['transit'] }],
    inspector: [{ reach: 'all', view: 'inspection' }],
    head: ALL,
    analyst: ALL,
    auditor: ALL,
  },
  party: PARTY,
  indicators: { ...PARTY, declarant: OWN, carrier: OWN },
  categorise: { analyst: ALL },
  overview: { head: OFFICE, expert: ALL, approver: ALL, analyst: ALL, auditor: ALL, administrator: ALL },
  profiles: { head: ALL, expert: ALL, approver: ALL, analyst: ALL, auditor: ALL },
  author: { expert: ALL },
  lists: { expert: ALL, analyst: ALL },
  review: { approver: ALL },
  publish: { approver: ALL },
  emergency: { head: ALL },
  outcomes: { expert: ALL, analyst: ALL },
  audit: { auditor: ALL },
  keys: { administrator: ALL },
  revoke: { administrator: ALL },
  metrics: { administrator: ALL, ingest: [{ reach: 'all', view: 'outcome', scopes: ['metrics'] }] },
} as const satisfies Record<string, Rule>;

export type RuleName = keyof typeof RULES;

const NONE: readonly Right[] = [];

/** The rights that a principal has under a rule, the widest first; empty: refused. */
export function rightsOf(rule: Rule, principal: Principal): readonly Right[] {
  if (typeof rule === 'string') return ALL;
  const rights = principal.roles.flatMap((role) => rule[role] ?? NONE).filter((right) => isInScope(right, principal));
  return rights.length < 2 ? rights : rights.sort((a, b) => rank(b) - rank(a));
}

function isInScope({ scopes: needed }: Right, { scopes }: Principal): boolean {
  return scopes === null || (needed?.every((scope) => scopes.includes(scope)) ?? false);
}

const REACHES: readonly Reach[] = ['own', 'office', 'all'];
const VIEWS: readonly View[] = ['outcome', 'inspection', 'full'];

function rank({ reach, view }: Right): number {
  return VIEWS.indexOf(view) * REACHES.length + REACHES.indexOf(reach);
}

/** What a right can be asked about. */
export interface Subject {
  readonly submitter: string;
  /** Code of the customs office; null where it is not known (yet). */
  readonly office: string | null;
}

/** How much of this thing the principal may see; null: nothing, as if it were not there. */
export function viewOf(rights: readonly Right[], principal: Principal, subject: Subject): View | null {
  return rights.find((right) => reaches(right, principal, subject))?.view ?? null;
}

function reaches({ reach }: Right, { submitters, offices }: Principal, { submitter, office }: Subject): boolean {
  if (reach === 'all') return true;
  if (reach === 'own') return submitters === 'all' || submitters.includes(submitter);
  return offices === 'all' || (office !== null && offices.includes(office));
}

/** What is told a principal of itself; `may`: names of the rules under which it has any right, for its navigation. */
export function principalView(principal: Principal): object {
  const { subject, name, roles, offices, party, expiresAt } = principal;
  const may = (Object.keys(RULES) as RuleName[]).filter((rule) => rightsOf(RULES[rule], principal).length > 0);
  return { subject, name, roles, offices, party, expiresAt: new Date(expiresAt).toISOString(), may };
}
