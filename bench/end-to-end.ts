import { figureOf, totalCpu } from './lib/figures.ts';
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
import { startFloors, startLoop, startOurs } from './lib/targets.ts';

/**
 * Decisions per second where clients wait for each answer before they send the next (autocannon), beside the
 * one-message-per-declaration loop and the floors, in turn within each round.
 *
 *   npm run bench -- end-to-end [--quick]
 */
const CLOSED_PLAN = plan({ rounds: 7, seconds: 3, warmUpSeconds: 0.5 });
const WANTED_TO_LOOP = 2;
const WANTED_TO_ECHO = 0.35;

interface Found {
  readonly ratios: Ratio[];
  readonly figures: Figure[];
}

async function at(setting: Setting, connections: number): Promise<Found> {
  const { root } = setting;
  const floors = await startFloors(root);
  const [ours, loop] = ['Corridor', 'one message each'];
  try {
    return await withTargets([() => startOurs(root, ours), () => startLoop(root, loop)], async (targets) => {
      const contenders = [...targets, ...floors.targets].map((target) => {
        return { name: target.name, target, load: { kind: 'closed', connections } as const };
      });
      const runs = await interleave(setting, contenders, CLOSED_PLAN);
      const rate = (to: string) => perRound(runs, ours, to, (run) => run.perSecond);
      const ratios = [
        ratioOf(
          {
            id: `closed-${connections}-loop`,
            what: `Decisions/s at ${connections} connections ÷ one message per declaration`,
            better: 'higher',
            wanted: WANTED_TO_LOOP,
          },
          rate(loop),
        ),
        ratioOf(
          {
            id: `closed-${connections}-cpu`,
            what: `CPU time per decision at ${connections} connections ÷ one message per declaration`,
            better: 'lower',
            wanted: null,
          },
          perRound(runs, ours, loop, (run) => totalCpu(run)),
        ),
        ratioOf(
          {
            id: `closed-${connections}-echo`,
            what: `Decisions/s at ${connections} connections ÷ Fastify echo`,
            better: 'higher',
            wanted: connections === 50 ? WANTED_TO_ECHO : null,
          },
          rate('Fastify echo'),
        ),
      ];
      const figures = contenders.map(({ name }) =>
        figureOf(`${connections} connections: ${name}`, runs.get(name) ?? []),
      );
      return { ratios, figures };
    });
  } finally {
    await floors.stop();
  }
}

await withSetting(async (setting) => {
  const found = [await at(setting, 50), await at(setting, 200)];
  keep(
    {
      name: 'end-to-end',
      method: methodOf(CLOSED_PLAN),
      notMeasured: [
        'a network between client, service and broker; TLS; a broker of three servers',
        'amendments, withdrawals and repeats: every request is a new declaration',
        'faulty declarations, and clients that are slow',
        'in the loop: ledger, read models that follow the stream, repair after faults, limits',
      ],
      ratios: found.flatMap(({ ratios }) => ratios),
      figures: found.flatMap(({ figures }) => figures),
    },
    ['fastify', 'nats', 'lmdb', 'piscina', 'autocannon'],
    !isWorthKeeping(),
  );
});
