import { serve } from '../src/engine/thread.ts';
import { buildPolicy } from '../src/profiles/policy.ts';
import { runVectors } from '../src/profiles/vectors.ts';
import { openModels } from '../src/state/models.ts';

/**
 * Thread entry point of the engine: decides batches of declarations under one policy. Piscina calls the default.
 *
 * The `await` makes Piscina load it by `import()`: Node 20.19 and later would let it `require()` the module, and abort
 * the whole process where the thread is ended while that goes on.
 */
export default await Promise.resolve(
  serve({
    build: (bundle, progress) => buildPolicy(bundle, { progress }),
    check: runVectors,
    openModels,
  }),
);
