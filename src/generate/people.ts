import type { PartyRole, Regime } from '../core/declaration.ts';
import { bin, companyName, type ForeignParty, iin } from './identifiers.ts';
import type { Offer } from './offers.ts';
import type { Mode, Office } from './places.ts';
import type { Random } from './random.ts';
import type { Mark } from './reference.ts';

export interface Resident {
  readonly id: string;
  readonly name: string;
}

export interface Broker extends Resident {
  /** How often its clerks slip, against others. */
  readonly carelessness: number;
  /** From the seventh month on, this one sells false papers to its clients. */
  readonly turns: boolean;
}

/** What a trader buys (or sells) where, from whom, how and at what level of price. */
export interface Source {
  readonly offer: Offer;
  readonly partner: ForeignParty;
  readonly maker: string;
  /** Its own anti-dumping rate, the general one, or null where no measure applies. */
  readonly antiDumping: number | null;
  readonly brand: string | null;
  readonly mark: Mark | null;
  /** Factor on the usual price: this trader with this partner. */
  readonly level: number;
  readonly currency: string;
  readonly incoterms: string;
  readonly mode: Mode;
}

export interface Trader extends Resident {
  readonly regime: Regime;
  readonly role: PartyRole;
  readonly weight: number;
  /** Trades from this time on; most of them always did. */
  readonly since: number;
  readonly office: Office;
  /** Share of its goods cleared at the border, not inland. */
  readonly atBorder: number;
  readonly sources: readonly Source[];
  /** Sends mixed loads of many lines. */
  readonly groupage: boolean;
  /** Factor on the usual mass of a line. */
  readonly scale: number;
  readonly broker: Broker | null;
  readonly carrier: Resident;
  readonly carelessness: number;
  /** Lives by schemes. */
  readonly crooked: boolean;
  readonly authorisedOperator: boolean;
  readonly claimsPreference: boolean;
}

/** Everybody with a number of their own. */
export class Register {
  private readonly taken = new Set<string>();

  bin(random: Random): string {
    return this.fresh(() => bin(random));
  }

  iin(random: Random): string {
    return this.fresh(() => iin(random));
  }

  resident(random: Random): Resident {
    return { id: this.bin(random), name: companyName(random) };
  }

  private fresh(make: () => string): string {
    let number = make();
    while (this.taken.has(number)) number = make();
    this.taken.add(number);
    return number;
  }
}
