import { join } from 'node:path';
import { devUser } from '../src/access/dev-users.ts';
import type { Scope } from '../src/access/roles.ts';
import { type Signer, signerOf } from '../src/cli/credentials.ts';
import { figureOf, totalCpu } from './lib/figures.ts';
import { FREE } from './lib/free.ts';
import type { Headers } from './lib/orders.ts';
import { keep, type Ratio, ratioOf } from './lib/results.ts';
import { interleave, isWorthKeeping, methodOf, perRound, plan, withSetting, withTargets } from './lib/setting.ts';
import { runningOn, startOurs, type Target } from './lib/targets.ts';

/**
 * What access takes of the service's CPU time per decision: one service, asked in turn with a key, with a token, and by
 * callers whom `processes/without-access.ts` lets past edges, access and audit. Those who see outcomes only are answered
 * on a beat, so they are compared with a caller that is, and who is shown decisions with one that is.
 *
 *   npm run bench -- access [--quick]
 */
const PLAN = plan({ rounds: 12, seconds: 1.5, warmUpSeconds: 0.5 });
const OUTCOME = '"outcome":';
const NAME = 'access';

/** Who asks, in the order of the rounds. */
const CALLERS = {
  free: 'without access, outcomes',
  key: 'API key, outcomes',
  token: 'token, outcomes',
  freeFull: 'without access, decisions',
  audited: 'API key, decisions',
} as const;

function share(id: string, what: string, wanted: number | null) {
  return { id, what: `${what}, share of the CPU time per decision`, better: 'lower', wanted } as const;
}

async function createKey({ url }: Target, administrator: Headers, scopes: readonly Scope[]): Promise<Headers> {
  const body = { name: scopes.join(' '), role: 'ingest', scopes, submitters: ['*'], days: 1 };
  const response = await fetch(`${url}/v1/keys`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...administrator },
    body: JSON.stringify(body),
  });
  if (response.status !== 201) throw new Error(`no key: ${response.status} ${await response.text()}`);
  const { key } = (await response.json()) as { key: string };
  return { authorization: `Bearer ${key}` };
}

async function mustSigner(root: string): Promise<Signer> {
  const data = join(root, NAME);
  const signer = await signerOf(data, await runningOn(data));
  if (signer === null) throw new Error('the service has no development issuer');
  return signer;
}

async function callersOf(target: Target, signer: Signer): Promise<readonly Target[]> {
  const tokenOf = async (user: Parameters<Signer['sign']>[0]): Promise<Headers> => {
    return { authorization: `Bearer ${await signer.sign(user, 3_600_000)}` };
  };
  const administrator = await tokenOf(devUser('administrator'));
  const outcomes = { ...target, decision: OUTCOME };
  return [
    { ...outcomes, name: CALLERS.free, headers: { authorization: FREE.outcome } },
    { ...outcomes, name: CALLERS.key, headers: await createKey(target, administrator, ['submit']) },
    { ...outcomes, name: CALLERS.token, headers: await tokenOf({ ...devUser('ingest'), scopes: ['submit'] }) },
    { ...target, name: CALLERS.freeFull, headers: { authorization: FREE.full } },
    { ...target, name: CALLERS.audited, headers: await createKey(target, administrator, ['submit', 'decisions']) },
  ];
}

/** Whatever lets callers through: if it does not, nothing was compared. */
async function mustPass({ url, name, headers }: Target): Promise<void> {
  const response = await fetch(`${url}/v1/declarations/none`, { headers });
  const edged = response.headers.has('content-security-policy');
  const free = name === CALLERS.free || name === CALLERS.freeFull;
  if (response.status !== 404 || edged === free) throw new Error(`${name}: ${response.status}, edges: ${edged}`);
}

await withSetting(async (setting) => {
  const { root } = setting;
  const preload = 'bench/processes/without-access.js';
  await withTargets([() => startOurs(root, NAME, { preload })], async ([target]) => {
    const callers = await callersOf(target as Target, await mustSigner(root));
    for (const caller of callers) await mustPass(caller);
    const contenders = callers.map((caller) => {
      return { name: caller.name, target: caller, load: { kind: 'closed', connections: 50 } as const };
    });
    const runs = await interleave(setting, contenders, PLAN);
    const ratio = (about: ReturnType<typeof share>, of: string, to: string): Ratio =>
      ratioOf(
        about,
        perRound(runs, of, to, (run) => totalCpu(run, 'service')).map((more) => 1 - 1 / more),
      );
    keep(
      {
        name: 'access',
        method: methodOf(PLAN),
        notMeasured: [
          'the choice of the view, the making of an audited event, the credential in the parser of HTTP',
          'the first verification of a token, but for one a minute',
        ],
        ratios: [
          ratio(share('access-key', 'Access with an API key', 0.05), CALLERS.key, CALLERS.free),
          ratio(share('access-token', 'Access with a token', 0.08), CALLERS.token, CALLERS.free),
          ratio(
            share('access-audited', 'Access with an API key, every answer audited', null),
            CALLERS.audited,
            CALLERS.freeFull,
          ),
        ],
        figures: callers.map(({ name }) => figureOf(`50 connections, ${name}`, runs.get(name) ?? [])),
      },
      ['fastify', 'jose', 'lmdb'],
      !isWorthKeeping(),
    );
  });
});
