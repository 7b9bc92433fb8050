import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { type CpuTimes, cpuBetween, cpuOf } from './cpu.ts';
import type { LoadOrder, LoadResult } from './generator.ts';
import { forkBuilt, type Target } from './targets.ts';

export interface Measured extends LoadResult {
  /** Microseconds of CPU time per answer, by thread. */
  readonly cpu: CpuTimes;
}

/** The sending process, asked to send. */
export class Generator {
  private readonly child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.child = child;
  }

  /** Other prefixes give other declarations. */
  static async start(prefix: string): Promise<Generator> {
    const child = forkBuilt('generator.js', [prefix]);
    await once(child, 'message');
    return new Generator(child);
  }

  async run(target: Target, order: Omit<LoadOrder, 'url'>): Promise<Measured> {
    const times = () => ({ ...target.cpu(), ...cpuOf(this.child.pid ?? 0, 'generator') });
    const before = times();
    this.child.send({ ...order, url: target.url });
    const [result] = (await once(this.child, 'message')) as [LoadResult];
    const spent = cpuBetween(before, times());
    const cpu = Object.fromEntries(Object.entries(spent).map(([role, time]) => [role, time / result.answers]));
    return { ...result, cpu };
  }

  stop(): void {
    this.child.disconnect();
  }
}
