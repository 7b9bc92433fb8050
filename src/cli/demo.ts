import { type Generated, generate } from '../generate/generate.ts';
import type { Service } from '../service.ts';
import { type Answered, sendBatch } from './batch-client.ts';
import { categorise } from './categorise.ts';
import {
  type Command,
  CommandFailure,
  EXIT_DONE,
  type Invocation,
  integerOption,
  noArguments,
  type Terminal,
  textOption,
} from './command.ts';
import { type Authorise, bearerFor } from './credentials.ts';
import { withTemporaryService } from './local-service.ts';
import { fetchDecision } from './pending.ts';
import { round, Tally } from './tally.ts';

const DECLARATIONS_DEFAULT = 1000;
const DECLARATIONS_MAX = 10_000_000;
const PROGRESS_MS = 200;

export const demoCommand: Command = {
  name: 'demo',
  usage: '[--declarations N] [--seed S] [--rules DIR] [--json]',
  description: `Starts a service in a temporary folder, has it decide a year of generated declarations over HTTP, and prints what
came of it: shares of the corridors, hits by target, latency, and how much of what was planted was controlled (yellow
or red). --json prints {declarations, shares (percent), hits, latencyMs, found: {scheme: {planted, controlled}},
hitRate}, where hitRate is controls with something to find ÷ controls.`,
  options: {
    declarations: { type: 'string', value: 'N', help: `how many (default: ${DECLARATIONS_DEFAULT})` },
    seed: { type: 'string', value: 'S', help: 'number or text (default: 1)' },
    rules: { type: 'string', value: 'DIR', help: 'policy.yaml, profiles/ and lists/ (default: those shipped)' },
    json: { type: 'boolean', help: 'as one JSON object' },
  },
  async run(invocation) {
    const { values, positionals, env, terminal } = invocation;
    noArguments(positionals);
    const declarations = integerOption(values, 'declarations', 1, DECLARATIONS_MAX) ?? DECLARATIONS_DEFAULT;
    const seed = textOption(values, 'seed') ?? '1';
    const clock = { at: 0 };
    const rules = textOption(values, 'rules');
    terminal.message(`deciding ${declarations} generated declarations`);
    const outcome = await withTemporaryService({ env, rules, terminal, now: () => clock.at }, async (service) => {
      await categorise(service.broker, { declarations, seed });
      return decideGenerated(service, sent(declarations, seed, clock), terminal);
    });
    await print(outcome, invocation);
    return EXIT_DONE;
  },
};

interface Sent extends Generated {
  readonly json: string;
}

/** Sets the clock of the service to the time of what is sent: windows and histories come out as in a year of work. */
async function* sent(declarations: number, seed: string, clock: { at: number }): AsyncGenerator<Sent> {
  for (const generated of generate({ declarations, seed })) {
    clock.at = generated.receivedAt;
    yield { ...generated, json: JSON.stringify(generated.declaration) };
  }
}

/** What was planted, how much of it was controlled, and what the controls were worth. */
class Findings {
  readonly schemes: Record<string, { planted: number; controlled: number }> = {};
  private controls = 0;
  private found = 0;

  add({ truth }: Generated, controlled: boolean): void {
    if (controlled) this.controls++;
    if (controlled && truth !== null) this.found++;
    if (truth?.kind !== 'scheme') return;
    const { planted, controlled: before } = this.schemes[truth.scheme] ?? { planted: 0, controlled: 0 };
    this.schemes[truth.scheme] = { planted: planted + 1, controlled: before + (controlled ? 1 : 0) };
  }

  hitRate(): number {
    return this.controls === 0 ? 0 : round(this.found / this.controls, 4);
  }
}

interface Outcome {
  readonly tally: Tally;
  readonly findings: Findings;
}

async function decideGenerated(service: Service, rows: AsyncIterable<Sent>, terminal: Terminal): Promise<Outcome> {
  const { url, devIssuer } = service;
  const authorise = bearerFor(devIssuer);
  const tally = new Tally();
  const findings = new Findings();
  const progress = setInterval(() => terminal.progress(tally.progress()), PROGRESS_MS);
  try {
    for await (const answered of sendBatch(url, rows, authorise)) {
      const decision = await decisionOf(url, answered, authorise);
      tally.add(decision, answered.latencyMs);
      findings.add(answered.sent, decision.corridor === 'yellow' || decision.corridor === 'red');
    }
  } finally {
    clearInterval(progress);
    terminal.progress('');
  }
  return { tally, findings };
}

async function decisionOf(url: string, { sent: { declaration }, answer }: Answered<Sent>, authorise: Authorise) {
  if ('problem' in answer) throw new CommandFailure(`${declaration.id}: ${JSON.stringify(answer.problem)}`);
  if (!('pending' in answer)) return answer;
  const decision = await fetchDecision(url, answer.pending.location, authorise);
  if (decision === null) throw new CommandFailure(`${declaration.id}: no decision in time`);
  return decision;
}

async function print({ tally, findings }: Outcome, { values, terminal }: Invocation): Promise<void> {
  if (values.json === true) {
    const { shares, hits, latencyMs } = tally.summary();
    const result = { declarations: tally.decisions, shares, hits, latencyMs };
    const found = { found: findings.schemes, hitRate: findings.hitRate() };
    await terminal.data(`${JSON.stringify({ ...result, ...found })}\n`);
    return;
  }
  const schemes = Object.entries(findings.schemes).map(
    ([name, { planted, controlled }]) =>
      `${name.padEnd(28)}${String(planted).padStart(9)} ${String(controlled).padStart(11)}`,
  );
  const rate = (findings.hitRate() * 100).toFixed(1);
  const lines = [tally.table(), '', 'scheme                        planted  controlled', ...schemes, ''];
  await terminal.data(`${[...lines, `${rate} % of the yellow and red ones had something to find`].join('\n')}\n`);
}
