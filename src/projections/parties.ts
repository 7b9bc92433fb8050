import type { ModelsStore } from '../state/models-store.ts';
import { decodeParty, encodedChanges, encodeParty, newParty, type PartyRow, withChange } from '../state/party-rows.ts';
import type { CategoryOverride, PartyChange, PartyEntry } from '../wire/envelope.ts';

/** What is said of parties, when it was published, and by which process. */
export interface PartiesTold {
  readonly entries: readonly PartyChange[];
  readonly at: number;
  readonly by: string;
}

/** Applies what is said of parties within a transaction of its caller. An override leaves what was imported as it is. */
export function applyParties(store: ModelsStore, { at, by, entries }: PartiesTold): void {
  for (const change of entries) {
    const key = `${change.role}\n${change.id}`;
    const row = readParty(store, key, change);
    const changed = 'kind' in change ? withOverride(row, change, at) : withImport(row, change, at, by);
    store.parties.put(key, encodeParty(changed));
  }
}

function readParty(store: ModelsStore, key: string, { role, id }: PartyChange): PartyRow {
  const bytes = store.parties.getBinary(key);
  if (bytes === undefined) return newParty(role, id);
  return { party: decodeParty(role, id, bytes), changes: encodedChanges(bytes) };
}

function withImport({ party, changes }: PartyRow, entry: PartyEntry, at: number, by: string): PartyRow {
  const { role, id, category, authorisedOperator, openViolations, arrearsTiyn } = entry;
  const { override } = party;
  const isNew = !party.imported || party.category !== category;
  return {
    party: { role, id, category, authorisedOperator, openViolations, arrearsTiyn, imported: true, override },
    changes: isNew ? withChange(changes, { at, by, category, reason: null, until: null }) : changes,
  };
}

/** One that is undone holds on for what was received before, which may still be on its way to its decision. */
function withOverride({ party, changes }: PartyRow, change: CategoryOverride, at: number): PartyRow {
  const { category, from, until, reason, by } = change;
  const before = party.override;
  const ended = before === null ? null : { ...before, until: Math.min(before.until, from) };
  return {
    party: { ...party, override: category === null ? ended : { category, from, until } },
    changes: withChange(changes, { at, by, category, reason, until: category === null ? null : until }),
  };
}
