import type { PolicyBundle } from '../profiles/bundle.ts';
import { formOf, yamlOf } from '../profiles/profile-form.ts';
import type { Changes, Launch } from './draft.ts';
import { textOf } from './merge.ts';

/**
 * Profiles that a draft brings hold where its launch says: the narrower of both. Profiles that are there already keep
 * their scope, or the launch of a change would switch them off elsewhere.
 */
export function narrowed(changes: Changes, { offices, regimes }: Launch, active: PolicyBundle): Changes {
  if (offices.length + regimes.length === 0) return changes;
  return Object.fromEntries(
    Object.entries(changes).map(([file, text]) => {
      const isNew = file.startsWith('profiles/') && textOf(active, file) === null;
      return [file, isNew && text !== null ? within(text, offices, regimes) : text];
    }),
  );
}

function within(text: string, offices: readonly string[], regimes: readonly string[]): string {
  const form = formOf(text);
  const { scope } = form;
  const both = { offices: shared(scope.offices ?? [], offices), regimes: shared(scope.regimes ?? [], regimes) };
  const named = Object.fromEntries(Object.entries(both).filter(([, codes]) => codes.length > 0));
  return yamlOf({ ...form, scope: { ...scope, ...named } }, text);
}

/** Empty means all. Where nothing is shared, the profile's own stay: what it never was meant for is not begun. */
function shared(own: readonly string[], wanted: readonly string[]): readonly string[] {
  if (own.length === 0) return wanted;
  const common = own.filter((code) => wanted.includes(code));
  return common.length === 0 ? own : common;
}
