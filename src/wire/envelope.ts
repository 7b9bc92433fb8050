import type { Instant, PartyRole } from '../core/declaration.ts';
import type { Category, InheritedFacts, PreviousFacts } from '../core/facts.ts';
import { type Codec, compileCodec, decodeEither, list, maybe, record, type Shape } from './codec.ts';
import type { Identity } from './identity.ts';
import { decode, encode } from './messagepack.ts';
import { INHERITED, PREVIOUS } from './shapes.ts';

/** Every message on every stream is one of these, in MessagePack. `v` counts up; readers accept the one before. */
export interface Envelope<T extends MessageType = MessageType> {
  readonly v: number;
  readonly type: T;
  /** When it was published. */
  readonly at: Instant;
  /** The process that published it. */
  readonly by: string;
  /** Request id that the logs follow, or empty for a batch of several. */
  readonly trace: string;
  readonly body: Bodies[T];
}

export interface Bodies {
  readonly 'declarations.submitted': readonly DeclarationEntry[];
  readonly 'decisions.made': readonly DecisionEntry[];
  readonly 'parties.categorised': readonly PartyChange[];
  readonly 'policy.activated': PolicyEntry;
  readonly 'policy.saved': PolicyVersionEntry;
  readonly 'policy.proposed': ProposalEntry;
  readonly 'nodes.told': NodeEntry;
  readonly 'quarantine.held': QuarantineEntry;
  readonly 'heads.signed': HeadEntry;
  readonly 'positions.reached': PositionsEntry;
  readonly 'access.changed': AccessEntry;
  readonly 'drafts.changed': DraftEntry;
  readonly 'outcomes.recorded': OutcomesEntry;
  readonly 'applications.changed': ApplicationEntry;
}
export type MessageType = keyof Bodies;

/** Of types that have changed; 1: parties without overrides, activations without who and why. */
const VERSIONS: Partial<Record<MessageType, number>> = { 'parties.categorised': 2, 'policy.activated': 2 };

function versionOf(type: MessageType): number {
  return VERSIONS[type] ?? 1;
}

/** The version of now and the one before. */
function isKnown(type: MessageType, v: number): boolean {
  const version = versionOf(type);
  return v === version || (v === version - 1 && v > 0);
}

/** One declaration on its way to an engine. */
export interface DeclarationEntry extends Identity {
  readonly trace: string;
  readonly receivedAt: Instant;
  /** SHA-256 of `declaration`. */
  readonly hash: Uint8Array;
  /** Canonical MessagePack of `Declaration`: one entry that cannot be read leaves the others whole. */
  readonly declaration: Uint8Array;
  readonly previous: PreviousFacts | null;
  readonly inherited: InheritedFacts | null;
}

export const OUTCOMES = ['decided', 'withdrawn', 'quarantined'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** The one answer to one declaration. */
export interface DecisionEntry extends Identity {
  readonly trace: string;
  readonly outcome: Outcome;
  /** Event time of the declaration (or withdrawal). */
  readonly receivedAt: Instant;
  /** SHA-256 of the declaration's canonical bytes; of the withdrawal's reason for a withdrawal. */
  readonly hash: Uint8Array;
  /** `decided`: the record (see record.ts); `withdrawn` and `quarantined`: the reason as UTF-8. */
  readonly record: Uint8Array;
  /** Published again from a ledger after the stream lost it; outranks any entry that is not. */
  readonly restored: boolean;
}

export interface PartyEntry {
  readonly role: PartyRole;
  readonly id: string;
  readonly category: Category;
  readonly authorisedOperator: boolean;
  readonly openViolations: number;
  readonly arrearsTiyn: number;
}

/** An official's category for a party, in place of the imported one for a time. */
export interface CategoryOverride {
  readonly kind: 'override';
  readonly role: PartyRole;
  readonly id: string;
  /** Null: the override that stands ends at `from`. */
  readonly category: Category | null;
  readonly reason: string;
  /** Event time: it holds for what is received from here on … */
  readonly from: Instant;
  /** … and before. */
  readonly until: Instant;
  /** The official. */
  readonly by: string;
}

export type PartyChange = PartyEntry | CategoryOverride;

export interface PolicyEntry {
  readonly version: string;
  /** The sources the version was built from (see profiles/bundle.ts), gzipped. */
  readonly bundle: Uint8Array;
  /** From 1 on, one by one. All of these are missing from version 1 of the message. */
  readonly number?: number;
  /** From a machine's folder of rules, or from the console, after which folders no longer count. */
  readonly origin?: 'folder' | 'console';
  readonly at?: Instant;
  readonly by?: string;
  readonly reason?: string;
  /** Decides a share of the declarations; null or missing: none does. */
  readonly challenger?: ChallengerEntry | null;
}

/** A share of the declarations: how many percent, and which launch, which says whose. */
export interface ShareEntry {
  readonly version: string;
  readonly percent: number;
  readonly launch: string;
}

export interface ChallengerEntry extends ShareEntry {
  readonly bundle: Uint8Array;
}

/** What is to be activated next, if every live node takes it; its versions have been saved before. */
export interface ProposalEntry {
  readonly id: string;
  /** Of the activation that it would be. */
  readonly number: number;
  readonly version: string;
  readonly challenger: ShareEntry | null;
  readonly at: Instant;
  readonly by: string;
  /** It will not be activated: nobody has to hold it ready any longer. */
  readonly withdrawn: boolean;
}

/** A process that decides, as it says itself while it lives. */
export interface NodeEntry {
  /** Name of its connection. */
  readonly node: string;
  /** Since when it runs. */
  readonly since: Instant;
  /** What it decides by; null: nothing yet. */
  readonly active: string | null;
  readonly challenger: string | null;
  /** What became of the newest proposal there: ready where there are no problems. */
  readonly prepared: {
    readonly proposal: string;
    readonly version: string;
    readonly problems: readonly string[];
  } | null;
  /** It ends, and is waited for no longer. */
  readonly leaving: boolean;
}

/** Where a version came from: the rules folder of a machine, a draft that went through review, a change of lists alone. */
export const VERSION_SOURCES = ['folder', 'draft', 'lists', 'emergency'] as const;
export type VersionSource = (typeof VERSION_SOURCES)[number];

/** A version of the policy, kept for good. */
export interface PolicyVersionEntry {
  readonly version: string;
  readonly bundle: Uint8Array;
  readonly savedAt: Instant;
  readonly source: VersionSource;
  readonly parent: string | null;
  readonly authors: readonly string[];
  readonly approver: string | null;
  readonly reason: string;
  readonly draft: string | null;
}

export interface QuarantineEntry {
  /** Stream and sequence of the message it came from, and the place in it; -1: the whole message. */
  readonly stream: string;
  readonly sequence: number;
  readonly index: number;
  readonly reason: string;
  readonly bytes: Uint8Array;
}

/** The hash chains of a machine: each has its own folder, all share one key, of which each has its own seals and heads. */
export const CHAINS = ['ledger', 'audit'] as const;
export type ChainName = (typeof CHAINS)[number];

/** Head of a hash chain, signed: what leaves the machine to hold it to its word. */
export interface HeadEntry {
  readonly commit: number;
  readonly hash: Uint8Array;
  readonly signature: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** How far a node has taken DECISIONS in: each of its parts by the stream's creation, a sequence, and when that was stored. */
export type PositionsEntry = readonly {
  readonly created: string;
  readonly sequence: number;
  /** Nanoseconds since 1970; empty where it is not known. */
  readonly storedAt: string;
}[];

/** An API key or a revocation, as every node has to know it. Key: all but the secret. */
export type AccessEntry =
  | {
      readonly kind: 'key';
      readonly id: string;
      readonly name: string;
      readonly role: string;
      readonly scopes: readonly string[];
      /** `['*']`: all. */
      readonly submitters: readonly string[];
      readonly hash: Uint8Array;
      readonly createdAt: Instant;
      readonly createdBy: string;
      readonly expiresAt: Instant;
      readonly revokedAt: Instant | null;
      readonly revokedBy: string | null;
    }
  | RevocationEntry;

/** A token by its `jti`, or all tokens of a subject that were issued up to `at`. */
export interface RevocationEntry {
  readonly kind: 'token' | 'subject';
  readonly value: string;
  readonly at: Instant;
  /** From then on no token that it means can be valid any more. */
  readonly until: Instant;
  readonly by: string;
  readonly reason: string;
}

/** A draft of the policy as it is from this revision on. */
/** What the control of one declaration found. */
export interface OutcomeEntry {
  readonly submitter: string;
  readonly id: string;
  /** Epoch milliseconds. */
  readonly controlledAt: Instant;
  readonly finding: boolean;
  /** What was found, by a code list; empty where nothing, or nothing in particular. */
  readonly code: string;
  readonly recoveredTiyn: number;
}

/** Outcomes that came together. */
export interface OutcomesEntry {
  /** Ascending with time. */
  readonly id: string;
  readonly recordedAt: Instant;
  readonly by: string;
  readonly outcomes: readonly OutcomeEntry[];
}

/** A trial of a policy: a backtest, a shadow, a share. */
export interface ApplicationEntry {
  readonly id: string;
  readonly revision: number;
  /** Gzipped JSON. */
  readonly packed: Uint8Array;
}

export interface DraftEntry {
  readonly id: string;
  /** Counts up with every change. */
  readonly revision: number;
  readonly changedAt: Instant;
  /** See policies/draft.ts; empty: it was deleted. */
  readonly packed: Uint8Array;
}

const IDENTITY = { submitter: 'text', id: 'text', version: 'number' } as const;

const DECLARATION_ENTRY = record<DeclarationEntry>({
  ...IDENTITY,
  trace: 'text',
  receivedAt: 'number',
  hash: 'bytes',
  declaration: 'bytes',
  previous: maybe(PREVIOUS),
  inherited: maybe(INHERITED),
});

const DECISION_ENTRY = record<DecisionEntry>({
  ...IDENTITY,
  trace: 'text',
  outcome: 'text',
  receivedAt: 'number',
  hash: 'bytes',
  record: 'bytes',
  restored: 'boolean',
});

function codecOf<T extends MessageType>(entry: Shape): Codec<Envelope<T>> {
  const shape = { v: 'number', type: 'text', at: 'number', by: 'text', trace: 'text', body: list(entry) } as const;
  return compileCodec<Envelope<T>>(record<Envelope<T>>(shape));
}

/** Of the messages that every declaration takes; whatever is not as they would write it is read the general way. */
const CODECS: { readonly [T in MessageType]?: Codec<Envelope<T>> } = {
  'declarations.submitted': codecOf<'declarations.submitted'>(DECLARATION_ENTRY),
  'decisions.made': codecOf<'decisions.made'>(DECISION_ENTRY),
};

export function seal<T extends MessageType>(
  type: T,
  by: string,
  at: Instant,
  trace: string,
  body: Bodies[T],
): Uint8Array {
  const envelope: Envelope<T> = { v: versionOf(type), type, at, by, trace, body };
  // What is submitted may still be anything; the engine's own answers are what their types say.
  return type === 'decisions.made' ? (CODECS[type] as Codec<Envelope<T>>).encode(envelope) : encode(envelope);
}

/** @throws where the bytes are no envelope of this type and a known version. */
export function open<T extends MessageType>(type: T, bytes: Uint8Array): Envelope<T> {
  const codec: Codec<Envelope<T>> | undefined = CODECS[type];
  const envelope = (codec === undefined ? decode(bytes) : decodeEither(codec, bytes)) as Envelope<T> | null;
  if (typeof envelope !== 'object' || envelope === null) throw new Error('not an envelope');
  if (envelope.type !== type) throw new Error(`an envelope of type ${String(envelope.type)}, not ${type}`);
  if (!isKnown(type, envelope.v)) throw new Error(`envelope version ${String(envelope.v)} is not known`);
  return envelope;
}
