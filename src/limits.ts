/** Every bound of the system, in one place, with the relations between them that must hold. */

const KIB = 1024;
const MIB = 1024 * KIB;

/** JSON or MessagePack body of one declaration, and one line of a batch. */
export const BODY_BYTES_MAX = 512 * KIB;
/** A declaration in normal form, encoded. */
export const DECLARATION_BYTES_MAX = 192 * KIB;
export const BODY_DEPTH_MAX = 12;
export const ITEMS_MAX = 500;
export const PARTIES_MAX = 30;
export const DOCUMENTS_MAX = 300;
export const DUTIES_PER_ITEM_MAX = 20;
export const LIST_LENGTH_MAX = 100;
export const TEXT_LENGTH_MAX = 2000;
/** Versions of one declaration. */
export const VERSION_MAX = 1000;
/** Faults listed in one answer; what comes after is not looked for. */
export const FAULTS_MAX = 100;

/** One message on DECLARATIONS. */
export const BATCH_DECLARATIONS_MAX = 64;
export const BATCH_BYTES_MAX = 256 * KIB;
/** Publishes of one batcher that may wait for their acknowledgement. */
export const PUBLISHES_IN_FLIGHT_MAX = 2;

/**
 * Declarations of one ingress that are published and not decided; with so many the next message waits for the decisions
 * and grows meanwhile, but no longer than this.
 */
export const UNDECIDED_MAX = 16;
export const UNDECIDED_WITHIN_MS = 25;

/** NATS' own default limit of a payload. */
export const PAYLOAD_BYTES_MAX = MIB;
/** What we have a broker of our own take, for the gzipped sources of one policy; everything else fits into the default. */
export const BROKER_PAYLOAD_BYTES_MAX = 8 * MIB;
/** A decision's record over its declaration: facts, reasons, framing. */
const RECORD_OVERHEAD_BYTES_MAX = 384 * KIB;

/** Declarations an ingress holds at once, waiting for their decision; beyond it 503. */
export const IN_FLIGHT_MAX = 4096;
export const IN_FLIGHT_BYTES_MAX = 64 * MIB;
/** Requests with a body at once; beyond it 503. */
export const BODIES_MAX = 4096;
/** Declarations answered with 202 that wait for their decision at one ingress; beyond it 503. */
export const PENDING_MAX = 65_536;
/** Bytes of one batch request's lines in flight. */
export const BATCH_WINDOW_BYTES_MAX = 8 * MIB;
/** Batch requests at once. */
export const BATCHES_MAX = 64;
/** Declarations of one batch request in flight; the rest of its body waits in the socket. */
export const BATCH_WINDOW = 512;

/** Item numbers and values kept with one reason. */
export const REASON_ITEMS_MAX = 20;
export const REASON_VALUES_MAX = 12;
/** Characters kept of one value. */
export const REASON_VALUE_LENGTH_MAX = 200;

/** What a profile is and why, in one language. */
export const DOCUMENTATION_LENGTH_MAX = 4000;
/** A cell of a decision table. */
export const CELL_LENGTH_MAX = 2000;
/** Texts of profiles, and of expressions, whose reading each thread that compiles remembers. */
export const TEXTS_REMEMBERED = 256;
/** A profile's expression: a decision table of some hundred rows is one. */
export const EXPRESSION_LENGTH_MAX = 64_000;
export const EXPRESSION_DEPTH_MAX = 32;
/** Static estimate of what one evaluation may cost, in elementary steps. */
export const EXPRESSION_COST_MAX = 100_000;
/** Steps that the comprehensions of one evaluation may take. */
export const COMPREHENSION_STEPS_MAX = 20_000;
export const PROFILES_MAX = 100_000;
export const LIST_ROWS_MAX = 1_000_000;

/** How long a client waits for a decision before it gets 202. */
export const DECISION_DEADLINE_MS = 250;
/** The beat on which those are answered who see outcomes only: see ingress/beat.ts. */
export const ANSWER_BEAT_MS = 25;
export const HTTP_TIMEOUT_MS = 5000;
/** The same for a line of a batch, whose client reads on while it waits. */
export const BATCH_DECISION_DEADLINE_MS = 10_000;
/** How long a worker may take over one batch before it is killed. */
export const WORKER_DEADLINE_MS = 500;
/** Kills that a profile may cause before it is suspended for every declaration. */
export const PROFILE_STRIKES_MAX = 3;
export const ACK_WAIT_MS = 3000;

/** How long an exempting record of withdrawn goods is remembered. */
export const WITHDRAWAL_MEMORY_DAYS = 30;

/** How long the read models remember a declaration after its last version: beyond every window of the statistics. */
export const DECLARATION_MEMORY_DAYS = 400;

/** Share of a stream's bytes at which what every node has taken in goes early, and down to which it goes. */
export const STREAM_FILL_MAX = 0.7;
export const STREAM_FILL_TARGET = 0.5;
/** How long DECISIONS keeps what every node has taken in, where there is room: a node made anew reads it from there. */
export const DECISIONS_MINUTES = 7 * 24 * 60;
/** The shortest term of the ledger. */
export const LEDGER_DAYS_MIN = 30;
/** How often nodes say how far they are, and streams are trimmed. */
export const RETENTION_ROUND_MS = 10_000;
/** A node with read models alone that is silent for so long no longer holds DECISIONS back. */
export const SILENT_MODELS_MS = 3_600_000;
/** And after so long it is forgotten. */
export const FORGOTTEN_MODELS_MS = 24 * SILENT_MODELS_MS;
/** A node that decides says so every so often, and counts as alive for so long after it did. */
export const HEARTBEAT_MS = 3000;
export const LEASE_MS = 10_000;
/** How long live nodes may take to prepare a version; and how long a proposal that nobody ends stands in the way. */
export const PREPARE_WITHIN_MS = 30_000;
export const PROPOSAL_MS = 60_000;
/** How long an engine decides on without hearing that its policy is still the one. */
export const AWAY_MINUTES = 15;
/** Rows that the writer of the read models keeps decoded: a trader's takes 12 KiB at most. */
export const CACHED_TRADERS_MAX = 2048;
/** HS codes × origins: one takes a kilobyte or two, 40 KiB at most. */
export const CACHED_PAIRS_MAX = 8192;

/** Longest access token that a browser keeps in a cookie: 4096 bytes with the name and attributes (RFC 6265, 6.1). */
export const SESSION_TOKEN_BYTES_MAX = 3840;
/** From being sent to the issuer of tokens to coming back. */
export const SIGN_IN_MS = 600_000;
/** How long the issuer may take over one answer. */
export const ISSUER_TIMEOUT_S = 5;
/** Codes of the development issuer that wait to be exchanged, and how long each does. */
export const DEV_CODES_MAX = 1000;
export const DEV_CODE_MS = 60_000;
export const DEV_TOKEN_HOURS = 8;

/** Free space on the data folder's disk below which the service takes no more. */
export const DISK_FREE_BYTES_MIN = 256 * MIB;

function assert(holds: boolean, what: string): void {
  if (!holds) throw new Error(`limits contradict each other: ${what}`);
}

assert(DECLARATION_BYTES_MAX <= BATCH_BYTES_MAX, 'a declaration must fit into a batch');
assert(DECLARATION_BYTES_MAX + RECORD_OVERHEAD_BYTES_MAX <= PAYLOAD_BYTES_MAX, 'a record must fit into a message');
assert(BATCH_BYTES_MAX <= PAYLOAD_BYTES_MAX, 'a batch must fit into a message');
assert(BATCH_WINDOW <= IN_FLIGHT_MAX, 'one batch request must not fill the ingress');
assert(DECLARATION_MEMORY_DAYS >= 12 * 31, 'a declaration must be remembered while the statistics count it');
assert(
  DECLARATION_MEMORY_DAYS >= 2 * WITHDRAWAL_MEMORY_DAYS,
  'a withdrawal must be remembered while goods inherit from it',
);
assert(DECISION_DEADLINE_MS < HTTP_TIMEOUT_MS, 'a client must get its 202 before the connection times out');
assert(STREAM_FILL_TARGET < STREAM_FILL_MAX, 'trimming must make room');
assert(RETENTION_ROUND_MS * 10 <= SILENT_MODELS_MS, 'a node that lives must be heard of');
assert(HEARTBEAT_MS * 3 < LEASE_MS, 'a node that lives must be heard of while its lease lasts');
assert(PREPARE_WITHIN_MS < PROPOSAL_MS, 'a proposal must be ended before it is taken for abandoned');
assert(WORKER_DEADLINE_MS < ACK_WAIT_MS, 'a batch must be settled before the broker sends it again');

/** A table of rules that is taken over: its file, parts of a workbook inflated and their number, rows, columns. */
export const SHEET_BYTES_MAX = 4 * MIB;
export const SHEET_PART_BYTES_MAX = 8 * MIB;
export const SHEET_PARTS_MAX = 1000;
export const SHEET_ROWS_MAX = 5000;
export const SHEET_COLUMNS_MAX = 200;
/** Files that only one of two policies has of which a diff says everything; of more it names them. */
export const DIFF_WHOLE_FILES_MAX = 100;
/** Profiles that one file may bring. */
export const MIGRATED_PROFILES_MAX = 2000;
/** Criteria of another system that are taken over: bytes, and how deep they may be nested. */
export const CRITERIA_BYTES_MAX = MIB;
export const CRITERIA_DEPTH_MAX = 50;

/** The sources of one policy: one file, all files, and their number. */
export const BUNDLE_FILE_BYTES_MAX = 16 * MIB;
export const BUNDLE_BYTES_MAX = 64 * MIB;
export const BUNDLE_FILES_MAX = PROFILES_MAX + 1000;

/** Drafts of the policy, and one of them packed: it must fit into a message. */
export const DRAFTS_MAX = 1000;
export const DRAFT_BYTES_MAX = 768 * KIB;
assert(DRAFT_BYTES_MAX < PAYLOAD_BYTES_MAX, 'a draft must fit into a message');
/** Steps of a draft that are listed, and those of them whose texts can be brought back; comments. */
export const DRAFT_STEPS_MAX = 100;
export const DRAFT_UNDO_BYTES_MAX = 256 * KIB;
export const DRAFT_COMMENTS_MAX = 200;
export const COMMENT_LENGTH_MAX = 2000;
/** A draft that is finished, and the note that one was deleted, are kept for so long. */
export const DRAFT_DAYS = 400;
/** How long one node may take to publish a draft before another sees what became of it. */
export const PUBLISHING_MS = 120_000;
/** How often nodes look for what is due. */
export const SCHEDULE_ROUND_MS = 1000;
/** How often a change is tried on a policy that changes meanwhile. */
export const ACTIVATION_ATTEMPTS_MAX = 20;
/** Rows of a list in one answer or request, and of those that an upload would change. */
export const LISTED_ROWS_MAX = 1000;
export const LIST_UPLOAD_SHOWN_MAX = 200;
/** Policies that wait to be checked, and how long one may take. */
export const CHECKS_QUEUED_MAX = 32;
export const CHECK_DEADLINE_MS = 30_000;

/** One commit of a chain: what one sync makes durable at once. */
export const COMMIT_ENTRIES_MAX = 1024;
export const COMMIT_BYTES_MAX = 8 * MIB;

/** Between two commits of the audit: a busy service syncs it so often at most, an idle one at once. */
export const AUDIT_COMMIT_PAUSE_MS = 2;
/** Characters kept of each text of an event of the audit, and the fields of its detail. */
export const AUDIT_TEXT_LENGTH_MAX = 256;
export const AUDIT_DETAIL_FIELDS_MAX = 12;
/** Events in one answer, and entries of the audit looked at for it; the cursor says where to go on. */
export const AUDIT_PAGE_MAX = 500;
export const AUDIT_SCAN_MAX = 20_000;
/** Different refusals held for one entry each, for so long; what comes beyond shares one entry per rule and code. */
export const REFUSALS_HELD_MAX = 256;
export const REFUSALS_HELD_MS = 1000;
/** What machines were shown, held for one commit: so many, or for so long. */
export const DISCLOSURES_HELD_MAX = 512;
export const DISCLOSURES_HELD_MS = 250;
/** Lists named one by one of those that a new policy changes; the others are counted. */
export const LISTS_NAMED_MAX = 500;

/** Entries that leave the ledger in one transaction, a lone commit of more apart; and the pause after it. */
export const LEDGER_SLICE_ENTRIES = 256;
export const LEDGER_SLICE_PAUSE_MS = 50;

/** One line of an archive of the ledger: an entry, or the digests of a commit. */
export const ARCHIVE_LINE_BYTES_MAX = 16 * MIB;

/** Changes of one party's category in one role that are kept. */
export const PARTY_CHANGES_MAX = 20;
/** How long an official's category may stand in place of the imported one. */
export const OVERRIDE_DAYS_MAX = 366;
export const OVERRIDE_REASON_LENGTH_MAX = 500;
/** One row of a file of parties. */
export const PARTY_LINE_BYTES_MAX = 4 * KIB;
/** Rows of such a file that are compared with one another for duplicates. */
export const PARTY_ROWS_REMEMBERED_MAX = 2_000_000;

/** A bearer token or key. */
export const TOKEN_BYTES_MAX = 8 * KIB;
/** A token that would live longer is refused: its revocation is remembered for so long. */
export const TOKEN_LIFETIME_MAX_MS = 24 * 3_600_000;
/** How far the clocks of issuer and service may be apart. */
export const TOKEN_CLOCK_TOLERANCE_S = 5;
/** Verified tokens that are remembered, and how long without verifying them again. */
export const PRINCIPALS_CACHED_MAX = 10_000;
export const PRINCIPAL_RECHECK_MS = 60_000;
/** API keys that are not revoked, revocations in force, and the longest life of a key. */
export const API_KEYS_MAX = 10_000;
export const REVOCATIONS_MAX = 100_000;
export const API_KEY_DAYS_MAX = 400;
/** Of those revocations, the room that is left to administrators: however many people sign out. */
export const REVOCATIONS_RESERVED = 1_000;

/** What the console looks at: offices that are counted apart and that are shown, seconds of the series. */
export const OFFICES_TALLIED_MAX = 500;
export const OVERVIEW_OFFICES_MAX = 50;
export const OVERVIEW_SERIES_S = 300;
/** The newest decisions that are kept, and that are shown. */
export const LATEST_KEPT = 1000;
export const LATEST_SHOWN = 50;
/** The objective: so many milliseconds for 99 % of the answers. */
export const ANSWER_P99_MS = 25;
/** Streams of events that are open at once, of one subject and of all. */
export const EVENT_STREAMS_PER_SUBJECT_MAX = 8;
export const EVENT_STREAMS_MAX = 512;
/** Of one stream, what its reader has not taken; beyond it the reader is dropped. */
export const EVENT_BACKLOG_BYTES_MAX = 64 * KIB;

/** Headers of a request: bytes, how many, and how long they may take; how often that is looked after. */
export const HEADER_BYTES_MAX = 16 * KIB;
export const HEADERS_MAX = 64;
export const HEADERS_TIMEOUT_MS = 5000;
export const STALLED_CHECK_MS = 1000;
/** A client that neither sends nor reads for so long is cut off. */
export const IDLE_TIMEOUT_MS = 30_000;

/** Requests of one identity in a window, by what it is; without signing in, of one address (an IPv6 one: of its /64). */
export const RATES = { anonymous: 120, trader: 600, official: 1200, checkpoint: 6000, ingest: 3_000_000 } as const;
export type Rates = Readonly<Record<keyof typeof RATES, number>>;
export const RATE_WINDOW_MS = 60_000;
/** Identities and addresses that are counted at once; beyond, who has been silent longest begins anew. */
export const RATE_KEYS_MAX = 10_000;

/** Declarations in one segment of history: what a thread of a backtest holds at once. */
export const SEGMENT_DECLARATIONS = 4096;
/** The newest declarations that a draft is tried on while it is edited. */
export const LIVE_BACKTEST_DECLARATIONS = 10_000;
/** Declarations shown of what one profile hits. */
export const BACKTEST_SAMPLES_MAX = 20;
/** Days of offices that one backtest counts. */
export const BACKTEST_OFFICE_DAYS_MAX = 250_000;
/** Policies that a thread of a backtest keeps compiled. */
export const BACKTEST_POLICIES_MAX = 4;

/** Outcomes of controls in one message, and in one file. */
export const OUTCOMES_PER_MESSAGE_MAX = 2000;
export const OUTCOMES_PER_FILE_MAX = 200_000;
/** A trial of a policy with its result, packed. */
export const APPLICATION_BYTES_MAX = 900 * KIB;
/** Samples of each profile that are kept with a result. */
export const RESULT_SAMPLES_MAX = 5;
/** Declarations of one part of a live backtest: after each of them its counts are told. */
export const LIVE_BACKTEST_PART = 1000;
/** Backtests that run or wait in one process. */
export const BACKTESTS_WAITING_MAX = 8;
/** Declarations that the cost of each profile is measured on. */
export const REVIEW_COST_DECLARATIONS = 1000;
/** The longest window of a review of profiles, and how long one is shown again before it is made anew. */
export const REVIEW_DAYS_MAX = 3660;
export const REVIEW_KEPT_MS = 600_000;
/** How often nodes look for shares that have begun or ended, and how long a comparison is shown again. */
export const SHARE_ROUND_MS = 5000;
export const SHARE_KEPT_MS = 30_000;

/** Outcomes that are shown at once. */
export const OUTCOMES_SHOWN_MAX = 200;
/** The newest declarations that an expression is previewed on, and the values that are shown. */
export const PREVIEW_DECLARATIONS = 50;
export const PREVIEW_VALUES_MAX = 100;

/** Policies that run as shadows in one process, how long one may, how often it looks and is saved. */
export const SHADOWS_MAX = 4;
export const SHADOW_HOURS_MAX = 24 * 90;
export const SHADOW_BEAT_MS = 1000;
export const SHADOW_SAVE_MS = 30_000;
