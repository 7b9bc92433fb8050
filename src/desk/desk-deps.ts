import type { AuditPort } from '../access/audit-event.ts';
import type { CategoryOverride } from '../wire/envelope.ts';
import type { EventStreams } from './event-streams.ts';
import type { Latest } from './latest.ts';
import type { Overview } from './overview.ts';
import type { PartyModels } from './party-views.ts';

/** What the routes work with. */
export interface DeskDeps {
  readonly overview: Overview;
  readonly latest: Latest;
  readonly streams: EventStreams;
  readonly models: PartyModels;
  /** @returns its place in PARTIES. */
  readonly publishOverride: (override: CategoryOverride) => Promise<number>;
  readonly audit: AuditPort;
  /** Clock of event time. */
  readonly now: () => number;
}
