import { figureOf } from './lib/figures.ts';
import type { Measured } from './lib/load.ts';
import { type Figure, keep, type Ratio, ratioOf } from './lib/results.ts';
import {
  interleave,
  isWorthKeeping,
  methodOf,
  PLAN,
  perRound,
  type Setting,
  withSetting,
  withTargets,
} from './lib/setting.ts';
import { startLoop, startOurs } from './lib/targets.ts';

/**
 * Latency where requests come at fixed times, whatever the service does: from the time a request should have been sent,
 * so that a stall counts for all that had to wait for it. What the generator itself was late is shown apart.
 *
 *   npm run bench -- open-loop [--quick]
 */
const WANTED_P99 = 1.1;

async function at(setting: Setting, perSecond: number): Promise<{ ratios: Ratio[]; figures: Figure[] }> {
  const { root } = setting;
  const [ours, loop] = ['Corridor', 'one message each'];
  return withTargets([() => startOurs(root, ours), () => startLoop(root, loop)], async (targets) => {
    const contenders = targets.map((target) => {
      return { name: target.name, target, load: { kind: 'open', perSecond } as const };
    });
    const runs = await interleave(setting, contenders, PLAN);
    const ratio = (which: 'p50' | 'p99', wanted: number | null): Ratio =>
      ratioOf(
        {
          id: `open-${perSecond}-${which}`,
          what: `${which} at ${perSecond}/s ÷ one message per declaration`,
          better: 'lower',
          wanted,
        },
        perRound(runs, ours, loop, (run: Measured) => run.latencyMs?.[which] ?? Number.NaN),
      );
    const figures = targets.map(({ name }) => figureOf(`${perSecond}/s: ${name}`, runs.get(name) ?? []));
    return { ratios: [ratio('p99', WANTED_P99), ratio('p50', null)], figures };
  });
}

await withSetting(async (setting) => {
  const found = [await at(setting, 500), await at(setting, 2000)];
  keep(
    {
      name: 'open-loop',
      method: methodOf(PLAN),
      notMeasured: [
        'a network between client, service and broker; TLS; a broker of three servers',
        'bursts: requests come at even distances',
        'in the loop: ledger, read models that follow the stream, repair after faults, limits',
      ],
      ratios: found.flatMap(({ ratios }) => ratios),
      figures: found.flatMap(({ figures }) => figures),
    },
    ['fastify', 'nats', 'lmdb', 'piscina'],
    !isWorthKeeping(),
  );
});
