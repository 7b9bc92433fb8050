import type { Item } from '../../src/core/declaration.ts';
import { CompiledProfileSet } from '../../src/profiles/profile-set.ts';

/** Asks every profile about everything: what the index must agree with. */
export class NaiveScan extends CompiledProfileSet {
  protected override addForDeclaration(): void {
    for (const place of this.profiles.keys()) if (this.levelOf(place) === 'declaration') this.candidates.add(place);
  }

  protected override addForItem(_item: Item): void {
    for (const place of this.profiles.keys()) if (this.levelOf(place) === 'item') this.candidates.add(place);
  }
}
