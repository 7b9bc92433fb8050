import type { GenerateOptions } from '../generate/generate.ts';
import { partiesOf } from '../generate/parties.ts';
import { publishParties } from '../parties/publish.ts';
import type { Broker } from '../stream/login.ts';
import type { PartyEntry } from '../wire/envelope.ts';
import { connectAsOperator } from './broker.ts';

/** Publishes what customs knew of the participants before their first generated declaration. */
export async function categorise(broker: Broker, options: GenerateOptions): Promise<void> {
  const conn = await connectAsOperator(broker, 'generator');
  try {
    await publishParties(conn, categories(options));
  } finally {
    await conn.close();
  }
}

function* categories(options: GenerateOptions): Generator<PartyEntry> {
  for (const { arrears, ...party } of partiesOf(options)) yield { ...party, arrearsTiyn: arrears * 100 };
}
