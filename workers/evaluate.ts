import { serve } from '../src/engine/thread.ts';
import { buildPolicy } from '../src/profiles/policy.ts';
import { runVectors } from '../src/profiles/vectors.ts';
import { openModels } from '../src/state/models.ts';

/** Thread entry point of the engine: decides batches of declarations under one policy. Piscina calls the default. */
export default serve({
  build: (bundle, progress) => buildPolicy(bundle, { progress }),
  check: runVectors,
  openModels,
});
