// Thread entry point for tests of the engine itself: a policy made by hand, models that know nothing, and profiles
// that do what no compiled profile can. What a declaration asks for stands in its first item's description.
import { serve } from '../../dist/src/engine/thread.js';
import { bundleVersion } from '../../dist/src/profiles/bundle.js';

const NOTHING = { count: 0, valueTiyn: 0 };

function profile(id) {
  return {
    id,
    title: id,
    target: 'undervaluation',
    corridor: 'yellow',
    measures: [{ code: 'documentary_check', instructions: 'Check.' }],
    weight: 0.5,
    group: 'undervaluation',
    damageTiyn: null,
    mandatory: false,
    scope: { offices: [], regimes: [], procedures: [], categories: [], validFrom: null, validUntil: null },
    percentage: 100,
    onError: 'inspect',
  };
}

const profiles = [profile('A-1'), profile('B-2'), profile('C-3')];

function spin(ms) {
  const until = Date.now() + ms;
  while (Date.now() < until);
}

function match(progress, declaration, facts) {
  const said = declaration.items[0].description;
  const hits = [];
  const faults = [];
  for (const [index, each] of profiles.entries()) {
    if (facts.suspended.includes(each.id)) {
      faults.push({ profile: each, item: null, message: 'suspended' });
      continue;
    }
    progress[0] = index;
    if (said === `endless ${each.id}`) for (;;);
    if (said === `hit ${each.id}`) hits.push({ profile: each, items: [1], values: {} });
    progress[0] = -1;
  }
  if (said === 'endless') for (;;);
  if (said === 'crash') process.exit(7);
  if (said.startsWith('slow ')) spin(Number(said.slice(5)));
  if (said === 'throw') throw new Error('match must not throw, but did');
  return { hits, faults };
}

export default serve({
  build: (bundle, progress) => ({
    version: bundleVersion(bundle),
    compilerVersion: 'handmade',
    profiles: { profiles, match: (declaration, facts) => match(progress, declaration, facts) },
    exceptions: [],
    random: { lanes: [], offices: {} },
    capacity: { price: () => 0 },
  }),
  check: (bundle) =>
    bundle.files['policy.yaml'].includes('refuse')
      ? [{ file: 'policy.yaml', line: 1, column: 1, message: 'expected something else' }]
      : [],
  openModels: () => ({
    refresh: () => undefined,
    party: () => null,
    traderFacts: (id) => ({ id, firstSeenAt: null, d1: NOTHING, d7: NOTHING, d30: NOTHING, d90: NOTHING }),
    valuePerKg: () => null,
    close: () => undefined,
  }),
});
