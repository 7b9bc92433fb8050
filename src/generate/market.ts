import type { Offer } from './offers.ts';
import { type Random, Weighted } from './random.ts';

/** Offers in proportion to the trade in them: all, those of one chapter, and the light goods of one country. */
export class Market {
  readonly offers: readonly Offer[];
  private readonly all: Drawn;
  private readonly chapters = new Map<number, Drawn>();
  private readonly countries = new Map<string, Drawn>();

  constructor(offers: readonly Offer[]) {
    this.offers = offers;
    this.all = drawn(offers);
  }

  draw(random: Random): Offer {
    return take(random, this.all);
  }

  alike(random: Random, { good: { chapter } }: Offer): Offer {
    const same = ({ good }: Offer) => good.chapter === chapter;
    return take(
      random,
      cached(this.chapters, chapter, () => drawn(this.offers.filter(same))),
    );
  }

  /** What travels in mixed loads; anything where the country has no such goods. */
  light(random: Random, country: string): Offer {
    const light = (offer: Offer) => offer.country === country && offer.good.lineKg < MIXED_LINE_KG_MAX;
    return take(
      random,
      cached(this.countries, country, () => {
        const found = this.offers.filter(light);
        return found.length === 0 ? this.all : drawn(found);
      }),
    );
  }
}

const MIXED_LINE_KG_MAX = 8000;

interface Drawn {
  readonly offers: readonly Offer[];
  readonly draw: Weighted;
}

function drawn(offers: readonly Offer[]): Drawn {
  return { offers, draw: new Weighted(offers.map(({ weight }) => weight)) };
}

function take(random: Random, { offers, draw }: Drawn): Offer {
  return offers[draw.draw(random)] as Offer;
}

function cached<K>(known: Map<K, Drawn>, key: K, make: () => Drawn): Drawn {
  let found = known.get(key);
  if (found === undefined) {
    found = make();
    known.set(key, found);
  }
  return found;
}
