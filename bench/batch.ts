import { figureOf } from './lib/figures.ts';
import { type Figure, keep, type Ratio, ratioOf } from './lib/results.ts';
import {
  interleave,
  isWorthKeeping,
  methodOf,
  perRound,
  plan,
  type Setting,
  withSetting,
  withTargets,
} from './lib/setting.ts';
import { startOurs } from './lib/targets.ts';

/**
 * Declarations per second through POST /v1/declarations/batch, by the number of requests that stream at once, beside
 * one request per declaration on 50 connections.
 *
 *   npm run bench -- batch [--quick]
 */
const STREAMS = [1, 2, 4] as const;
/** Short, so that the streams do not fill at any rate. */
const PLAN = plan({ rounds: 7, seconds: 2, warmUpSeconds: 0.5 });

async function at(setting: Setting, streams: number): Promise<{ ratio: Ratio; figure: Figure }> {
  return withTargets([() => startOurs(setting.root, 'batch')], async (targets) => {
    const contenders = targets.flatMap((target) => [
      { name: 'batch', target, load: { kind: 'batch', streams } as const },
      { name: 'single', target, load: { kind: 'closed', connections: 50 } as const },
    ]);
    const runs = await interleave(setting, contenders, PLAN);
    const name = `Batch route, ${streams} ${streams === 1 ? 'stream' : 'streams'}`;
    const ratio = ratioOf(
      {
        id: `batch-${streams}-single`,
        what: `${name} ÷ single route at 50 connections`,
        better: 'higher',
        wanted: null,
      },
      perRound(runs, 'batch', 'single', (run) => run.perSecond),
    );
    return { ratio, figure: figureOf(name, runs.get('batch') ?? []) };
  });
}

await withSetting(async (setting) => {
  const found: { ratio: Ratio; figure: Figure }[] = [];
  for (const streams of STREAMS) found.push(await at(setting, streams));
  keep(
    {
      name: 'batch',
      method: methodOf(PLAN),
      notMeasured: ['a network; TLS', 'a client that reads slowly'],
      ratios: found.map(({ ratio }) => ratio),
      figures: found.map(({ figure }) => figure),
    },
    ['fastify', 'nats', 'lmdb', 'piscina'],
    !isWorthKeeping(),
  );
});
