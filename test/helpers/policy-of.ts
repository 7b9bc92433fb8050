import type { PolicyBundle } from '../../src/profiles/bundle.ts';

/** Settings of a profile that a test has no opinion on. */
const SETTINGS = {
  title: 'A profile of a test',
  target: 'customs_procedure',
  corridor: 'yellow',
  measures: [{ code: 'documentary_check', instructions: 'Check the documents.' }],
  weight: 0.5,
};
const TESTS = [
  { name: 'hits', hits: true },
  { name: 'does not', hits: false },
];

/**
 * A policy of the given profiles and lists, with no random selection. The profiles' own tests are for form's sake.
 * YAML reads JSON, so settings are given as they are.
 */
export function policyOf(
  profiles: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  lists: Readonly<Record<string, string>> = {},
): PolicyBundle {
  const files: Record<string, string> = { 'policy.yaml': 'label: test\nrandom: { lanes: [] }\n' };
  for (const [id, settings] of Object.entries(profiles)) {
    files[`profiles/${id}.yaml`] = JSON.stringify({ id, ...SETTINGS, tests: TESTS, ...settings });
  }
  for (const [name, text] of Object.entries(lists)) files[`lists/${name}.csv`] = text;
  return { files };
}
