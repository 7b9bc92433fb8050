import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runBacktest } from '../src/backtest/run.ts';
import { SegmentWriter } from '../src/backtest/segment.ts';
import { packageRoot } from '../src/config.ts';
import { decide } from '../src/core/decide.ts';
import { normalise } from '../src/core/normalise.ts';
import { generate } from '../src/generate/generate.ts';
import { partiesOf } from '../src/generate/parties.ts';
import { SEGMENT_DECLARATIONS } from '../src/limits.ts';
import { bundleVersion, type PolicyBundle, readBundle } from '../src/profiles/bundle.ts';
import { buildPolicy } from '../src/profiles/policy.ts';
import { History } from './lib/history.ts';

/**
 * How long a full backtest takes: generated declarations, decided and kept as history once, then decided again under
 * another policy in threads, from disk.
 *
 *   npm run bench -- backtest [--declarations 1000000] [--profiles 110] [--threads 2] [--rounds 3]
 */
const { values } = parseArgs({
  options: {
    declarations: { type: 'string', default: '1000000' },
    /** The shipped ones, and copies of them under other names where more are asked for. */
    profiles: { type: 'string', default: '110' },
    threads: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '3' },
    seed: { type: 'string', default: '101' },
  },
});
const SECONDS_WANTED = 15;

const shipped = await readBundle(join(packageRoot(), 'rules'));
const after = withProfiles(shipped, Number(values.profiles));
const dir = mkdtempSync(join(tmpdir(), 'corridor-backtest-'));
try {
  const files = writeHistory(Number(values.declarations));
  const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
  console.log(`${values.declarations} declarations in ${files.length} segments, ${(bytes / 2 ** 30).toFixed(2)} GiB`);
  for (let round = 1; round <= Number(values.rounds); round++) await measure(round, files);
} finally {
  rmSync(dir, { recursive: true });
}

async function measure(round: number, files: readonly string[]): Promise<void> {
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 100);
  const begun = performance.now();
  const cpuBefore = process.cpuUsage();
  const tally = await runBacktest({
    parts: files.map((file) => ({ kind: 'segment', file })),
    before: shipped,
    after,
    threads: Number(values.threads),
    outcomesDir: null,
  });
  const seconds = (performance.now() - begun) / 1000;
  clearInterval(watch);
  const { user, system } = process.cpuUsage(cpuBefore);
  const cpuUs = (user + system) / tally.declarations;
  const perSecond = Math.round(tally.declarations / seconds);
  const verdict = seconds <= SECONDS_WANTED ? 'within' : 'beyond';
  console.log(
    `round ${round}: ${tally.declarations} × ${Object.keys(after.files).filter(isProfile).length} profiles in ${seconds.toFixed(1)} s, ` +
      `${perSecond}/s, ${cpuUs.toFixed(1)} µs of CPU each, peak memory ${Math.round(peak / 2 ** 20)} MiB: ${verdict} ${SECONDS_WANTED} s`,
  );
}

function isProfile(name: string): boolean {
  return name.startsWith('profiles/');
}

function withProfiles(bundle: PolicyBundle, count: number): PolicyBundle {
  const names = Object.keys(bundle.files).filter(isProfile);
  const files: Record<string, string> = { ...bundle.files };
  for (let i = names.length; i < count; i++) {
    const name = names[i % names.length] as string;
    const id = /^profiles\/(.+)\.yaml$/.exec(name)?.[1] ?? '';
    files[`profiles/${id}-${i}.yaml`] = (bundle.files[name] ?? '').replace(`id: ${id}`, `id: ${id}-${i}`);
  }
  return { files };
}

/** Decided as the service would, one after another; statistics fill as they go. */
function writeHistory(declarations: number): string[] {
  const policy = buildPolicy(shipped);
  const policyVersion = bundleVersion(shipped);
  const options = { declarations, seed: Number(values.seed) };
  const history = new History();
  for (const party of partiesOf(options)) history.setStanding(party.role, party.id, party);
  const files: string[] = [];
  let writer = new SegmentWriter();
  const put = (): void => {
    const file = join(dir, `${files.length}.segment`);
    writeFileSync(file, writer.take());
    files.push(file);
    writer = new SegmentWriter();
  };
  for (const { declaration: input, receivedAt } of generate(options)) {
    const { declaration } = normalise(input);
    if (declaration === null) throw new Error(`${input.id} is not valid`);
    const facts = history.facts(declaration, receivedAt, draw(declaration.id));
    const { corridor, reasons } = decide(declaration, facts, policy);
    history.add(declaration, receivedAt);
    writer.add({ declaration, facts, submitter: 'local', corridor, policyVersion, reasons });
    if (writer.rows === SEGMENT_DECLARATIONS) put();
  }
  if (writer.rows > 0) put();
  return files;
}

function draw(id: string): number {
  const hash = createHmac('sha256', 'bench').update(id).digest();
  return Number(hash.readBigUInt64BE() >> 11n) / 2 ** 53;
}
