import { ENGINE_CONSUMER, STREAM_NAMES, type StreamName } from './streams.ts';

/** Who connects to the broker: `all` is an ingress and an engine in one process, `operator` the command line. */
export const BROKER_ROLES = ['all', 'ingress', 'engine', 'projection', 'operator'] as const;
export type BrokerRole = (typeof BROKER_ROLES)[number];

/** What a role does with the streams; nobody deletes a stream, a consumer or a single message. */
export interface Duties {
  /** Subjects of messages. */
  readonly publishes: readonly string[];
  /** Streams read in order, through consumers of one's own. */
  readonly follows: readonly StreamName[];
  /** Streams of which single messages are looked up beside those. */
  readonly looksUp: readonly StreamName[];
  /** Streams that are trimmed behind what is kept elsewhere. */
  readonly purges: readonly StreamName[];
  /** Streams and the consumer of the engines: made where they are missing, brought to what this version wants. */
  readonly topology: 'creates and updates' | 'creates' | 'no';
  /** Takes declarations through the consumer of the engines, and acknowledges them. */
  readonly decides: boolean;
}

const PROJECTED: readonly StreamName[] = ['DECISIONS', 'PARTIES'];

/** Of the rules constructor. */
const WORKBENCH: readonly StreamName[] = ['DRAFTS', 'OUTCOMES', 'APPLICATIONS'];

const INGRESS: Duties = {
  publishes: [
    ...[
      'access.>',
      'applications.*',
      'declarations.*',
      'decisions.*',
      'drafts.*',
      'heads.>',
      'outcomes.*',
      'parties.*',
    ],
    ...['policy.activated', 'policy.proposed', 'policy.saved.*', 'positions.>'],
  ],
  follows: [...PROJECTED, 'POLICY', 'NODES', 'ACCESS', ...WORKBENCH],
  looksUp: ['POSITIONS'],
  purges: ['DECLARATIONS', 'DECISIONS', 'POSITIONS', 'ACCESS', ...WORKBENCH],
  topology: 'creates and updates',
  decides: false,
};

const ENGINE: Duties = {
  publishes: ['decisions.*', 'nodes.*', 'policy.activated', 'positions.models.*', 'quarantine.declarations'],
  follows: [...PROJECTED, 'POLICY', 'ACCESS'],
  looksUp: ['DECLARATIONS'],
  purges: [],
  topology: 'creates',
  decides: true,
};

/** A process of the service holds read models, so it may follow what they are made of, also by its own connection. */
export const DUTIES: Readonly<Record<BrokerRole, Duties>> = {
  ingress: INGRESS,
  engine: ENGINE,
  all: {
    publishes: union(INGRESS.publishes, ENGINE.publishes),
    follows: INGRESS.follows,
    looksUp: union(INGRESS.looksUp, ENGINE.looksUp),
    purges: INGRESS.purges,
    topology: INGRESS.topology,
    decides: true,
  },
  projection: { publishes: [], follows: PROJECTED, looksUp: [], purges: [], topology: 'no', decides: false },
  operator: {
    publishes: ['parties.*'],
    follows: [...PROJECTED, 'HEADS', 'QUARANTINE'],
    looksUp: ['POSITIONS'],
    purges: ['POSITIONS', 'QUARANTINE'],
    topology: 'creates and updates',
    decides: false,
  },
};

/** Subjects that a user of the broker may use; every other one is refused. */
export interface Permissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** Answers to a role arrive under this prefix, where no other role can listen. */
export function inboxPrefixOf(role: BrokerRole): string {
  return `_INBOX.${role}`;
}

export function permissionsOf(role: BrokerRole): Permissions {
  const { publishes, follows, looksUp, purges, topology, decides } = DUTIES[role];
  const known = topology === 'no' ? follows : STREAM_NAMES;
  const api = [
    ...known.map((stream) => `STREAM.INFO.${stream}`),
    ...union(follows, looksUp).map((stream) => `STREAM.MSG.GET.${stream}`),
    ...follows.flatMap((stream) => [`CONSUMER.CREATE.${stream}`, `CONSUMER.MSG.NEXT.${stream}.*`]),
    ...purges.map((stream) => `STREAM.PURGE.${stream}`),
    ...topologyRequests(topology),
    ...(decides ? [`CONSUMER.MSG.NEXT.DECLARATIONS.${ENGINE_CONSUMER}`] : []),
  ];
  const acknowledged = `DECLARATIONS.${ENGINE_CONSUMER}.>`;
  return {
    // With a domain the broker puts it, and the account, before the stream.
    publish: [
      ...publishes,
      ...api.map((request) => `$JS.API.${request}`),
      ...(decides ? [`$JS.ACK.${acknowledged}`, `$JS.ACK.*.*.${acknowledged}`] : []),
    ],
    subscribe: [`${inboxPrefixOf(role)}.>`],
  };
}

/** With what `brokerState` asks for. */
function topologyRequests(topology: Duties['topology']): string[] {
  if (topology === 'no') return [];
  const verbs = topology === 'creates' ? ['CREATE'] : ['CREATE', 'UPDATE'];
  return [
    'INFO',
    'STREAM.LIST',
    ...verbs.flatMap((verb) => STREAM_NAMES.map((stream) => `STREAM.${verb}.${stream}`)),
    ...['INFO', 'CREATE'].map((verb) => `CONSUMER.${verb}.DECLARATIONS.${ENGINE_CONSUMER}`),
  ];
}

function union<T>(one: readonly T[], other: readonly T[]): T[] {
  return [...new Set([...one, ...other])];
}
