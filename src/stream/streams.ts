import { LEASE_MS } from '../limits.ts';

export const STREAM_NAMES = [
  'DECLARATIONS',
  'DECISIONS',
  'PARTIES',
  'POLICY',
  'NODES',
  'QUARANTINE',
  'HEADS',
  'POSITIONS',
  'ACCESS',
  'DRAFTS',
  'OUTCOMES',
  'APPLICATIONS',
] as const;
export type StreamName = (typeof STREAM_NAMES)[number];

/** The one durable consumer of DECLARATIONS, shared by every engine. */
export const ENGINE_CONSUMER = 'engine';

export interface StreamBounds {
  /** A full stream refuses what is new; it never forgets to make room. */
  readonly maxBytes: number;
  /** 0: no bound of age. */
  readonly maxAgeMs: number;
}

export interface StreamSpec {
  readonly name: StreamName;
  readonly subjects: readonly string[];
  readonly bounds: StreamBounds;
  /** A subject keeps its last message only: what it said before no longer matters. */
  readonly lastOnly?: boolean;
}

const MIB = 1024 * 1024;
const DAY_MS = 86_400_000;

/**
 * Every stream. A full stream refuses; the broker keeps them in files. DECLARATIONS and DECISIONS have no bound of age:
 * what goes is what every node has kept (see retention.ts), whenever that is.
 */
export const STREAMS: readonly StreamSpec[] = [
  { name: 'DECLARATIONS', subjects: ['declarations.>'], bounds: { maxBytes: 2048 * MIB, maxAgeMs: 0 } },
  { name: 'DECISIONS', subjects: ['decisions.>'], bounds: { maxBytes: 8192 * MIB, maxAgeMs: 0 } },
  { name: 'PARTIES', subjects: ['parties.>'], bounds: { maxBytes: 512 * MIB, maxAgeMs: 0 } },
  { name: 'POLICY', subjects: ['policy.>'], bounds: { maxBytes: 2048 * MIB, maxAgeMs: 0 } },
  { name: 'NODES', subjects: ['nodes.>'], bounds: { maxBytes: 16 * MIB, maxAgeMs: LEASE_MS }, lastOnly: true },
  { name: 'QUARANTINE', subjects: ['quarantine.>'], bounds: { maxBytes: 512 * MIB, maxAgeMs: 90 * DAY_MS } },
  { name: 'HEADS', subjects: ['heads.>'], bounds: { maxBytes: 128 * MIB, maxAgeMs: 0 }, lastOnly: true },
  { name: 'POSITIONS', subjects: ['positions.>'], bounds: { maxBytes: 16 * MIB, maxAgeMs: 0 }, lastOnly: true },
  { name: 'ACCESS', subjects: ['access.>'], bounds: { maxBytes: 256 * MIB, maxAgeMs: 0 }, lastOnly: true },
  { name: 'DRAFTS', subjects: ['drafts.>'], bounds: { maxBytes: 512 * MIB, maxAgeMs: 0 }, lastOnly: true },
  { name: 'OUTCOMES', subjects: ['outcomes.>'], bounds: { maxBytes: 1024 * MIB, maxAgeMs: 0 }, lastOnly: true },
  { name: 'APPLICATIONS', subjects: ['applications.>'], bounds: { maxBytes: 512 * MIB, maxAgeMs: 0 }, lastOnly: true },
];

export interface TopologyOptions {
  readonly replicas?: number;
  readonly bounds?: Partial<Record<StreamName, Partial<StreamBounds>>>;
}
