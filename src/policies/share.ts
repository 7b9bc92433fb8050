import type { PolicyBundle } from '../profiles/bundle.ts';

const LIST = /^lists\//;

/**
 * A challenger after a change of the version that it is compared with: with the same change, where that concerns lists
 * alone and the challenger has none of these otherwise. Null: they cannot be compared any longer, or are the same now.
 */
export function carriedOver(before: PolicyBundle, after: PolicyBundle, challenger: PolicyBundle): PolicyBundle | null {
  const changed = [...new Set([...Object.keys(before.files), ...Object.keys(after.files)])].filter(
    (name) => before.files[name] !== after.files[name],
  );
  const files: Record<string, string> = { ...challenger.files };
  for (const name of changed) {
    const ours = challenger.files[name];
    if (!LIST.test(name) || (ours !== before.files[name] && ours !== after.files[name])) return null;
    const text = after.files[name];
    if (text === undefined) delete files[name];
    else files[name] = text;
  }
  return isSame({ files }, after) ? null : { files };
}

function isSame(one: PolicyBundle, other: PolicyBundle): boolean {
  const names = Object.keys(one.files);
  if (names.length !== Object.keys(other.files).length) return false;
  return names.every((name) => one.files[name] === other.files[name]);
}
