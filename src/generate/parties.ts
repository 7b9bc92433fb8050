import type { PartyRole } from '../core/declaration.ts';
import type { Category } from '../core/facts.ts';
import { type GenerateOptions, prepare } from './generate.ts';
import type { Broker, Trader } from './people.ts';
import { Random } from './random.ts';

/** A participant in one role, as customs has categorised it from the past: related to the truth, not equal to it. */
export interface CategorisedParty {
  readonly role: PartyRole;
  readonly id: string;
  readonly category: Category;
  readonly authorisedOperator: boolean;
  readonly openViolations: number;
  /** KZT. */
  readonly arrears: number;
}

const PARTIES_STREAM = 0xffff_fff1;

/** Everybody who was there before the first declaration; newcomers are not, nobody knows them yet. */
export function* partiesOf(options: GenerateOptions): Generator<CategorisedParty> {
  const { people, population } = prepare(options);
  const random = new Random(people, PARTIES_STREAM);
  const { traders, brokers, carriers, guarantors } = population;
  for (const trader of [...traders.import, ...traders.export, ...traders.transit]) {
    const party = traderParty(random, trader);
    if (trader.since > Number.NEGATIVE_INFINITY) continue;
    yield party;
    yield { ...party, role: 'declarant' };
    if (trader.role === 'importer') yield { ...party, role: 'consignee' };
    if (trader.role === 'exporter') yield { ...party, role: 'consignor' };
  }
  for (const broker of brokers) yield brokerParty(random, broker);
  for (const { id } of carriers) yield plain('carrier', id, random.chance(0.7) ? 'low' : 'medium');
  for (const { id } of guarantors) yield plain('guarantor', id, 'low');
}

function traderParty(random: Random, trader: Trader): CategorisedParty {
  const { role, id, crooked, authorisedOperator } = trader;
  const at = random.unit();
  const [low, high] = authorisedOperator ? [0.97, 0.99] : crooked ? [0.14, 0.56] : [0.56, 0.965];
  const category = at < low ? 'low' : crooked ? (at < high ? 'medium' : 'high') : at < high ? 'medium' : 'high';
  const violations = random.chance(crooked ? 0.28 : 0.015) ? 1 + random.geometric(0.4) : 0;
  const owes = random.chance(crooked ? 0.14 : 0.025);
  const arrears = owes ? Math.round(random.logNormal(1_400_000, 1.1)) : 0;
  return { role, id, category, authorisedOperator, openViolations: category === 'low' ? 0 : violations, arrears };
}

/** The one that will turn has the best of records. */
function brokerParty(random: Random, { id, carelessness, turns }: Broker): CategorisedParty {
  const seen = carelessness * random.logNormal(1, 0.4);
  const category = turns || seen < 1.2 ? 'low' : seen < 2.6 ? 'medium' : 'high';
  return plain('broker', id, category);
}

function plain(role: PartyRole, id: string, category: Category): CategorisedParty {
  return { role, id, category, authorisedOperator: false, openViolations: 0, arrears: 0 };
}

export function partyHeader(): string {
  return 'role,id,category,authorisedOperator,openViolations,arrears\n';
}

export function partyLine(party: CategorisedParty): string {
  const { role, id, category, authorisedOperator, openViolations, arrears } = party;
  return `${role},${id},${category},${authorisedOperator},${openViolations},${arrears}\n`;
}
