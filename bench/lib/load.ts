import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type CpuTimes, cpuBetween, cpuOf } from './cpu.ts';
import type { LoadOrder, LoadResult } from './orders.ts';
import type { Target } from './targets.ts';

export interface Measured extends LoadResult {
  readonly perSecond: number;
  /** Microseconds of CPU time per answer, by thread. */
  readonly cpu: CpuTimes;
}

/** Each kind of order without what the target says by itself. */
export type Load = LoadOrder extends infer O
  ? O extends LoadOrder
    ? Omit<O, 'url' | 'headers' | 'decision'>
    : never
  : never;

/** The sending process, asked to send. */
export class Generator {
  private readonly child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.child = child;
  }

  /** Its declarations have other ids than those of a generator with another letter or digit. */
  static async start(prefix: string): Promise<Generator> {
    const child = fork(join(import.meta.dirname, '../processes/generator.js'), [prefix]);
    await once(child, 'message');
    return new Generator(child);
  }

  async run({ url, headers, decision, cpu: cpuOfTarget }: Target, load: Load): Promise<Measured> {
    const times = () => ({ ...cpuOfTarget(), ...cpuOf(this.child.pid ?? 0, 'generator') });
    const before = times();
    this.child.send({ ...load, url, headers, decision });
    const result = await this.answer();
    const spent = cpuBetween(before, times());
    const { answers, seconds } = result;
    const cpu = Object.fromEntries(Object.entries(spent).map(([role, time]) => [role, time / answers]));
    return { ...result, perSecond: answers / seconds, cpu };
  }

  stop(): void {
    if (this.child.connected) this.child.disconnect();
  }

  private answer(): Promise<LoadResult> {
    return new Promise((resolve, reject) => {
      const failed = () => reject(new Error('the generator failed'));
      this.child.once('exit', failed);
      this.child.once('message', (result: LoadResult) => {
        this.child.off('exit', failed);
        resolve(result);
      });
    });
  }
}
