import type { PartyRole } from '../core/declaration.ts';
import { PARTY_ROLES } from '../core/declaration.ts';
import { kztOf } from '../core/money.ts';
import { isoOf } from '../ingress/views.ts';
import type { Models } from '../state/models.ts';
import { type CategoryChange, type KnownParty, overrideAt, UNKNOWN_CATEGORY } from '../state/party-rows.ts';
import type { CategoryOverride } from '../wire/envelope.ts';

export type PartyModels = Pick<Models, 'refresh' | 'party' | 'categoryChanges' | 'position'>;

/** What customs knows of a party in every role, as a decision on what is received `now` would take it. */
export function partyView(models: PartyModels, id: string, now: number): object {
  models.refresh();
  return { partyId: id, roles: PARTY_ROLES.map((role) => roleView(models, role, id, now)) };
}

function roleView(models: PartyModels, role: PartyRole, id: string, now: number): object {
  const party = models.party(role, id);
  const override = party === null ? null : overrideAt(party, now);
  return {
    role,
    category: override?.category ?? party?.category ?? UNKNOWN_CATEGORY,
    known: override !== null || (party?.imported ?? false),
    importedCategory: party?.imported === true ? party.category : null,
    authorisedOperator: party?.authorisedOperator ?? false,
    openViolations: party?.openViolations ?? 0,
    arrears: kztOf(party?.arrearsTiyn ?? 0),
    override: override === null ? null : { ...override, from: isoOf(override.from), until: isoOf(override.until) },
    history: models.categoryChanges(role, id).map(changeView),
  };
}

function changeView({ at, by, category, reason, until }: CategoryChange): object {
  return { at: isoOf(at), by, category, reason, until: until === null ? null : isoOf(until) };
}

/**
 * The two indicators that the law lets a party know of itself, in any of its roles; a party that nobody knows has
 * neither. As of now: a time of the read model would tell when customs last said something of anybody.
 */
export function indicatorsView(models: PartyModels, id: string, now: number): object {
  models.refresh();
  const roles = PARTY_ROLES.map((role) => models.party(role, id)).filter(
    (party): party is KnownParty => party !== null,
  );
  return {
    partyId: id,
    liability: roles.some(({ openViolations }) => openViolations > 0),
    arrears: roles.some(({ arrearsTiyn }) => arrearsTiyn > 0),
    asOf: isoOf(now),
  };
}

export function overrideView({ id, role, category, reason, from, until, by }: CategoryOverride): object {
  return { partyId: id, role, category, reason, from: isoOf(from), until: isoOf(until), by };
}
