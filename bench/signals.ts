import { setTimeout as delay } from 'node:timers/promises';
import { figureOf, totalCpu } from './lib/figures.ts';
import { keep, ratioOf } from './lib/results.ts';
import { interleave, isWorthKeeping, methodOf, perRound, plan, withSetting, withTargets } from './lib/setting.ts';
import { startOurs, type Target } from './lib/targets.ts';

/**
 * What metrics and logs at the default level take of the service's CPU time per decision: two services side by side, the
 * other one with metrics that do nothing and no logs, under the same load in turn. The first is scraped as by Prometheus.
 *
 *   npm run bench -- signals [--quick]
 */
const PLAN = plan({ rounds: 15, seconds: 3, warmUpSeconds: 0.5 });
const WANTED = 0.05;
/** More often than anybody does. */
const SCRAPE_MS = 5000;

async function metricsOf({ url, headers }: Target): Promise<string> {
  return (await fetch(`${url}/metrics`, { headers })).text();
}

/** Scrapes for ever; what it returns stops it. */
function scrape(target: Target): () => void {
  const stop = new AbortController();
  const run = async () => {
    while (!stop.signal.aborted) {
      await metricsOf(target);
      await delay(SCRAPE_MS, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  };
  void run();
  return () => stop.abort();
}

/** Whatever carries the counts: if it is not what `without-metrics.ts` takes out, nothing was compared. */
async function mustCount(target: Target, counts: boolean): Promise<void> {
  const counted = /^corridor_answer_seconds_count\{.*\} [1-9]/m.test(await metricsOf(target));
  if (counted !== counts) throw new Error(`${target.name} ${counted ? 'counts' : 'does not count'}`);
}

await withSetting(async (setting) => {
  const { root } = setting;
  const [on, off] = ['with metrics and logs', 'without'];
  const without = { env: { CORRIDOR_LOG: 'silent' }, preload: 'bench/processes/without-metrics.js' };
  await withTargets([() => startOurs(root, on), () => startOurs(root, off, without)], async (targets) => {
    const [measured, silenced] = targets as [Target, Target];
    const contenders = targets.map((target) => {
      return { name: target.name, target, load: { kind: 'closed', connections: 50 } as const };
    });
    const stop = scrape(measured);
    const runs = await interleave(setting, contenders, PLAN);
    stop();
    await mustCount(measured, true);
    await mustCount(silenced, false);
    const ofService = perRound(runs, on, off, (run) => totalCpu(run, 'service'));
    const share = ofService.map((ratio) => 1 - 1 / ratio);
    keep(
      {
        name: 'signals',
        method: methodOf(PLAN),
        notMeasured: ['the calls that hand a value to a metric', 'what Prometheus and a log shipper take'],
        ratios: [
          ratioOf(
            {
              id: 'signals',
              what: 'Metrics and logs, share of the CPU time per decision',
              better: 'lower',
              wanted: WANTED,
            },
            share,
          ),
        ],
        figures: contenders.map(({ name }) => figureOf(`50 connections, ${name}`, runs.get(name) ?? [])),
      },
      ['prom-client', 'pino'],
      !isWorthKeeping(),
    );
  });
});
