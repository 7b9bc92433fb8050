import { defineConfig } from 'vitest/config';

// A process for each file: brokers, stores and threads of one do not reach another. Two at once: each brings a
// broker and threads of its own.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    teardownTimeout: 20_000,
  },
});
