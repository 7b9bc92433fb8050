import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Generator } from './lib/load.ts';
import { seed, startLoop, startOurs } from './lib/targets.ts';

const root = await mkdtemp(join(tmpdir(), 'corridor-bench-'));
try {
  await seed(root);
  const ours = await startOurs(root, 'ours');
  const loop = await startLoop(root, 'loop');
  const generator = await Generator.start('A');
  try {
    for (const connections of [50, 200]) {
      for (let pair = 0; pair < 3; pair++) {
        for (const target of [ours, loop]) {
          await generator.run(target, { connections, seconds: 2 });
          const { answers, errors, seconds, latencyMs, cpu } = await generator.run(target, { connections, seconds: 5 });
          const { p50, p99 } = latencyMs;
          const all = Object.values(cpu).reduce((sum, each) => sum + each, 0);
          console.log(`${target.name} ${connections}: ${Math.round(answers / seconds)}/s, ${errors} errors, p50 ${p50} p99 ${p99}, CPU µs ${all.toFixed(0)}`);
          console.log('   ', Object.entries(cpu).map(([role, time]) => `${role} ${time.toFixed(1)}`).join(', '));
        }
      }
    }
  } finally {
    generator.stop();
    await ours.stop();
    await loop.stop();
  }
} finally {
  await rm(root, { recursive: true, force: true, maxRetries: 3 });
}
