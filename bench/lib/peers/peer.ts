import type { Case } from '../cases.ts';
import type { PeerCase, PeerPolicy } from './conditions.ts';

/** Hits of one declaration: `PROFILE:` for the declaration, `PROFILE:2` for its third item. */
export type Hits = readonly string[];

/** A rule engine with a policy loaded. */
export interface LoadedPeer {
  /** Whatever can be worked out before the clock starts. */
  prepare(of: Case, facts: PeerCase): unknown;
  evaluate(prepared: unknown): Hits | Promise<Hits>;
}

export interface Peer {
  readonly name: string;
  /** Largest policy that it is asked about: beyond, one round takes minutes. */
  readonly profilesMax: number;
  load(policy: PeerPolicy): LoadedPeer;
}
