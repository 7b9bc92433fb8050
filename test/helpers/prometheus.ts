import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from 'yaml';
import type { Target } from './load.ts';
import { freePort } from './nats.ts';

/** Why the suites that need Prometheus are passed over; null where it is there. With CI set, missing is a failure. */
export const PROMETHEUS_MISSING: string | null = reason();

function reason(): string | null {
  const missing = ['prometheus', 'promtool'].filter((name) => spawnSync(name, ['--version']).status !== 0);
  if (missing.length === 0) return null;
  const text = `${missing.join(' and ')} missing: install Prometheus 2.42 or newer (Debian: apt-get install prometheus)`;
  if (process.env.CI === 'true') throw new Error(text);
  return ` (${text})`;
}

/** One series of an answer: its labels, and its values in time. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [time: number, value: string])[];
}

export interface RuleState {
  readonly name: string;
  readonly type: 'alerting' | 'recording';
  readonly health: string;
  readonly lastError?: string;
  /** Of alerts. */
  readonly state?: 'inactive' | 'pending' | 'firing';
}

const SCRAPE_MS = 500;

/** A real Prometheus on a free port, with a store folder of its own, that reads one target and evaluates these rules. */
export class Prometheus {
  private readonly url: string;
  private readonly root: string;
  private readonly child: ChildProcess;

  private constructor(url: string, root: string, child: ChildProcess) {
    this.url = url;
    this.root = root;
    this.child = child;
  }

  static async start(target: Target, ruleFiles: readonly string[]): Promise<Prometheus> {
    const root = await mkdtemp(join(tmpdir(), 'corridor-prometheus-'));
    for (const file of ruleFiles) {
      // Groups that are evaluated seldom would first be so after the test.
      const text = (await readFile(file, 'utf8')).replace(/^ +interval: .*\n/gm, '');
      await writeFile(join(root, basename(file)), text);
    }
    const config = {
      global: { scrape_interval: `${SCRAPE_MS}ms`, scrape_timeout: `${SCRAPE_MS}ms`, evaluation_interval: '500ms' },
      rule_files: ruleFiles.map((file) => join(root, basename(file))),
      scrape_configs: [
        {
          job_name: 'corridor',
          static_configs: [{ targets: [new URL(target.url).host] }],
          authorization: { credentials: (await target.authorise()).authorization?.replace('Bearer ', '') },
        },
      ],
    };
    await writeFile(join(root, 'prometheus.yml'), stringify(config));
    const port = await freePort();
    const child = spawn(
      'prometheus',
      [
        `--config.file=${join(root, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(root, 'store')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=error',
      ],
      { stdio: 'ignore' },
    );
    const prometheus = new Prometheus(`http://127.0.0.1:${port}`, root, child);
    running.add(child);
    await prometheus.ready();
    return prometheus;
  }

  private async ready(): Promise<void> {
    for (let attempt = 0; attempt < 500; attempt++) {
      const answer = await fetch(`${this.url}/-/ready`).catch(() => null);
      if (answer?.ok) return;
      if (this.child.exitCode !== null) throw new Error(`prometheus ended at its start with ${this.child.exitCode}`);
      await delay(20);
    }
    throw new Error('prometheus does not answer');
  }

  /** @throws Error with what Prometheus says of a query that it cannot run. */
  async range(expr: string, lastSeconds: number): Promise<Series[]> {
    const end = Date.now() / 1000;
    const query = { query: expr, start: String(end - lastSeconds), end: String(end), step: '0.5' };
    return ((await this.get('query_range', query)) as { result: Series[] }).result;
  }

  async instant(expr: string): Promise<Series[]> {
    const { result } = (await this.get('query', { query: expr })) as {
      result: { metric: Series['metric']; value: Series['values'][number] }[];
    };
    return result.map(({ metric, value }) => ({ metric, values: [value] }));
  }

  /** Values that a label has in series of this selector. */
  async labelValues(selector: string, label: string): Promise<string[]> {
    return (await this.get(`label/${label}/values`, { 'match[]': selector })) as string[];
  }

  async rules(): Promise<RuleState[]> {
    const { groups } = (await this.get('rules', {})) as { groups: { rules: RuleState[] }[] };
    return groups.flatMap((group) => group.rules);
  }

  private async get(path: string, query: Record<string, string>): Promise<unknown> {
    const answer = await fetch(`${this.url}/api/v1/${path}?${new URLSearchParams(query)}`);
    const body = (await answer.json()) as { status: string; data?: unknown; error?: string };
    if (body.status !== 'success') throw new Error(body.error ?? `status ${answer.status}`);
    return body.data;
  }

  async close(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const exited = once(this.child, 'exit');
      this.child.kill('SIGKILL');
      await exited;
    }
    running.delete(this.child);
    await rm(this.root, { recursive: true, force: true });
  }
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
