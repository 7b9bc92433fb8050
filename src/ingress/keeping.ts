import type { Logger } from '../observe/log.ts';
import type { Ledger } from '../state/ledger.ts';
import { pruneLedger } from '../state/ledger-prune.ts';
import type { StreamConnection } from '../stream/connection.ts';
import { publishHead } from '../stream/heads.ts';
import { tail } from '../stream/tail.ts';
import { type ChainName, type HeadEntry, open, type PolicyEntry } from '../wire/envelope.ts';

const HEAD_EVERY_MS = 1000;
const DAY_MS = 86_400_000;

/** Keeps every policy that was ever activated in the ledger, so that its decisions can be repeated from it alone. */
export function keepPolicies(conn: StreamConnection, ledger: Ledger, log: Logger): { stop(): Promise<void> } {
  return tail(conn, 'POLICY', 'policy.activated', null, async (messages) => {
    for (const { sequence, data } of messages) {
      const entry = readPolicy(data);
      // What the ledger refuses is tried again by the tail; what cannot be read never can.
      if (entry === null) log.error({ sequence }, 'an unreadable policy was passed over');
      else await keepPolicy(ledger, entry);
    }
  });
}

async function keepPolicy(ledger: Ledger, { version, bundle, challenger = null }: PolicyEntry): Promise<void> {
  await ledger.putPolicy(version, bundle);
  if (challenger !== null) await ledger.putPolicy(challenger.version, challenger.bundle);
}

function readPolicy(data: Uint8Array): PolicyEntry | null {
  try {
    return open('policy.activated', data).body;
  } catch {
    return null;
  }
}

/** A hash chain whose head leaves the machine. */
export interface HeadedChain {
  head(): { readonly commit: number };
  signedHead(): HeadEntry;
}

/**
 * Publishes the signed head of a chain when it has changed, so that it leaves the machine. The stream keeps the last
 * one of every hour for good: against those even a chain that was written anew with its own key does not stand.
 */
export function keepHeads(
  conn: StreamConnection,
  ingress: string,
  name: ChainName,
  chain: HeadedChain,
  log: Logger,
): { stop(): Promise<void> } {
  let published = 0;
  let running: Promise<void> = Promise.resolve();
  const send = async (): Promise<void> => {
    const { commit } = chain.head();
    if (commit === published || !conn.connected()) return;
    try {
      await publishHead(conn, ingress, name, chain.signedHead());
      published = commit;
    } catch (error) {
      log.warn({ chain: name, error: String(error) }, 'the head of a chain could not be published; it is tried again');
    }
  };
  const timer = setInterval(() => {
    running = running.then(send);
  }, HEAD_EVERY_MS);
  return {
    async stop() {
      clearInterval(timer);
      await running.then(send);
    },
  };
}

/** Once a day lets decisions older than so many days leave the ledger, into an archive in `folder`; 0: never. */
export function keepTerm(
  ledger: Ledger,
  dir: string,
  days: number,
  folder: string,
  log: Logger,
): { stop(): Promise<void> } {
  let running: Promise<void> = Promise.resolve();
  let stopping = false;
  const stopped = (): boolean => stopping;
  const prune = async (): Promise<void> => {
    const before = Date.now() - days * DAY_MS;
    try {
      const { commits, archive } = await pruneLedger(ledger, dir, { before, archive: { folder }, stopped });
      if (commits > 0) log.info({ commits, archive }, 'decisions past their term have left the ledger');
    } catch (error) {
      log.error({ error: String(error) }, 'decisions past their term could not leave the ledger; tried again tomorrow');
    }
  };
  const daily = (): void => {
    running = running.then(prune);
  };
  if (days > 0) daily();
  const timer = days > 0 ? setInterval(daily, DAY_MS) : undefined;
  return {
    async stop() {
      stopping = true;
      clearInterval(timer);
      await running;
    },
  };
}
