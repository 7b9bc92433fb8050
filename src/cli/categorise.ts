import type { GenerateOptions } from '../generate/generate.ts';
import { partiesOf } from '../generate/parties.ts';
import { publishParties } from '../parties/publish.ts';
import type { Broker } from '../stream/login.ts';
import type { BrokerRole } from '../stream/permissions.ts';
import type { PartyEntry } from '../wire/envelope.ts';
import { connectAs } from './broker.ts';

/**
 * Publishes what customs knew of the participants before their first generated declaration.
 * @param role Whose login it is that the broker is given, where that is no folder with the keys of all.
 */
export async function categorise(
  broker: Broker,
  options: GenerateOptions,
  role: BrokerRole = 'operator',
): Promise<void> {
  const conn = await connectAs(broker.login?.keysDir === undefined ? role : 'operator', broker, 'generator');
  try {
    await publishParties(conn, categories(options));
  } finally {
    await conn.close();
  }
}

function* categories(options: GenerateOptions): Generator<PartyEntry> {
  for (const { arrears, ...party } of partiesOf(options)) yield { ...party, arrearsTiyn: arrears * 100 };
}
