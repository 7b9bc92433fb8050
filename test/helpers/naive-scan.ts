import type { Candidates } from '../../src/profiles/candidates.ts';
import { CompiledProfileSet } from '../../src/profiles/profile-set.ts';

/** Asks every profile about everything: what the index must agree with. */
export class NaiveScan extends CompiledProfileSet {
  protected override addForDeclaration(to: Candidates): void {
    for (const place of this.profiles.keys()) if (this.levelOf(place) === 'declaration') to.add(place);
  }

  protected override addForItems(to: Candidates): void {
    for (const place of this.profiles.keys()) if (this.levelOf(place) === 'item') to.add(place);
  }

  protected override addForItem(): void {
    // All of them are candidates of every item already.
  }
}
