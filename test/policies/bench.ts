import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine, EngineOptions } from '../../src/engine/engine.ts';
import { Leases } from '../../src/policies/leases.ts';
import { PolicyNode, type PolicyNodeDeps } from '../../src/policies/node.ts';
import type { VersionOrigin } from '../../src/policies/version.ts';
import { Versions, type VersionsDeps } from '../../src/policies/versions.ts';
import { connectStream } from '../../src/stream/connection.ts';
import { Bench } from '../engine/fixture.ts';

const DRAW_KEYS = { current: 'k1', keys: { k1: 'a5'.repeat(32) } };

export const ORIGIN: VersionOrigin = {
  source: 'draft',
  parent: null,
  authors: ['ana'],
  approver: 'boris',
  reason: 'prices fell',
  draft: 'd1',
};

/** Engines that follow the policy as those of the service do, and nodes that publish it. */
export class PolicyBench {
  readonly bench: Bench;
  /** What engines refused: name of its node and the error. */
  readonly refused: string[] = [];
  private readonly closers: (() => Promise<unknown>)[] = [];

  static async open(): Promise<PolicyBench> {
    return new PolicyBench(await Bench.open());
  }

  private constructor(bench: Bench) {
    this.bench = bench;
    mkdirSync(join(bench.dir, 'keys'), { recursive: true });
    writeFileSync(join(bench.dir, 'keys', 'draw.json'), JSON.stringify(DRAW_KEYS));
  }

  /** A node with a ledger: it knows versions and activates them. */
  async desk(name: string, options: Partial<VersionsDeps> = {}): Promise<{ versions: Versions; leases: Leases }> {
    const conn = await connectStream({ url: this.bench.server.url, name });
    const onError = (): void => undefined;
    const leases = await Leases.start({ conn, onError });
    const dataDir = join(this.bench.dir, name);
    const versions = await Versions.start({ conn, dataDir, leases, onError, ...options });
    this.closers.push(
      () => conn.close(),
      () => leases.stop(),
      () => versions.stop(),
    );
    return { versions, leases };
  }

  /** An engine of its own, with a lease. */
  async node(
    options: Partial<EngineOptions> = {},
    deps: Partial<PolicyNodeDeps> = {},
  ): Promise<{ engine: Engine; node: PolicyNode; kept: string[] }> {
    const conn = await connectStream({ url: this.bench.server.url, name: `node-${this.closers.length}` });
    const engine = await this.bench.engine({ ...options, conn });
    const kept: string[] = [];
    const node = await PolicyNode.start({
      ...{ conn, engine, awayMs: 60_000, onError: () => undefined },
      keep: async (version) => void kept.push(version),
      onRefused: (error) => this.refused.push(`${conn.name} ${String(error)}`),
      ...deps,
    });
    this.closers.push(
      () => conn.close(),
      () => node.stop(),
    );
    return { engine, node, kept };
  }

  async close(): Promise<void> {
    for (const close of this.closers.reverse()) await close();
    await this.bench.close();
  }
}
