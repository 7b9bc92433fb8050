import { openLedger } from '../../src/state/ledger.ts';
import { connectStream } from '../../src/stream/connection.ts';
import { streamState } from '../../src/stream/state.ts';
import { tail } from '../../src/stream/tail.ts';
import { type DecisionEntry, open } from '../../src/wire/envelope.ts';
import { identityKey } from '../../src/wire/identity.ts';

/** Identity → record, as DECISIONS tells it: the first entry wins, one restored from a ledger outranks the others. */
export async function streamWinners(natsUrl: string): Promise<Map<string, Buffer>> {
  const connection = await connectStream({ url: natsUrl, name: 'test' });
  const { lastSequence } = await streamState(connection, 'DECISIONS');
  const winners = new Map<string, DecisionEntry>();
  if (lastSequence > 0) {
    await new Promise<void>((resolve) => {
      const following = tail(connection, 'DECISIONS', 'decisions.>', null, (messages) => {
        for (const { sequence, data } of messages) {
          for (const entry of open('decisions.made', data).body) win(winners, entry);
          if (sequence >= lastSequence) {
            void following.stop();
            resolve();
          }
        }
      });
    });
  }
  await connection.close();
  return new Map([...winners].map(([key, { record }]) => [key, Buffer.from(record)]));
}

function win(winners: Map<string, DecisionEntry>, entry: DecisionEntry): void {
  const key = identityKey(entry);
  const before = winners.get(key);
  if (before === undefined || (entry.restored && !before.restored)) winners.set(key, entry);
}

/** Identity → record, as the ledger of a service that does not run has it. @throws where one stands in it twice. */
export async function ledgerRecords(dataDir: string): Promise<Map<string, Buffer>> {
  const ledger = openLedger(`${dataDir}/ledger`);
  const records = new Map<string, Buffer>();
  for (const { entry } of ledger.entries()) {
    const key = identityKey(entry.identity);
    if (records.has(key)) throw new Error(`${key} stands in the ledger twice`);
    records.set(key, Buffer.from(entry.record));
  }
  await ledger.close();
  return records;
}
