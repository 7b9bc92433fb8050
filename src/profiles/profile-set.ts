import type { Declaration, Item } from '../core/declaration.ts';
import type { Facts } from '../core/facts.ts';
import type { Matches, Profile, ProfileSet } from '../core/profile.ts';
import { CandidateSet } from './candidates.ts';
import { Collector } from './collector.ts';
import type { CompiledProfile } from './compile.ts';
import type { MatchContext } from './context.ts';
import type { Level } from './profile-file.ts';
import { ScopeTable } from './scopes.ts';
import { type Entry, SelectivityIndex } from './selectivity.ts';

/** One profile, ready to be asked. */
export interface ReadyProfile extends Entry {
  readonly profile: Profile;
  readonly compiled: CompiledProfile;
}

/** No profile is being evaluated. */
const NO_PROFILE = -1;

/**
 * Candidates from the index → scope → evaluation → hits and faults. Holds the state of one evaluation at a time, so
 * that a declaration without hits makes no objects; belongs to one thread.
 */
export class CompiledProfileSet implements ProfileSet {
  readonly profiles: readonly Profile[];
  protected readonly context: MatchContext;
  protected readonly candidates: CandidateSet;
  private readonly levels: readonly Level[];
  private readonly compiled: readonly CompiledProfile[];
  private readonly index: SelectivityIndex;
  private readonly scopes: ScopeTable;
  private readonly collector: Collector;
  private readonly places: ReadonlyMap<string, number>;
  private readonly progress: Int32Array;
  private isEvaluating = false;

  /** `ready` in ascending order of id. `progress[0]` holds the place of the profile being evaluated. */
  constructor(ready: readonly ReadyProfile[], context: MatchContext, progress: Int32Array = new Int32Array(1)) {
    this.profiles = ready.map(({ profile }) => profile);
    this.context = context;
    this.candidates = new CandidateSet(ready.length);
    this.levels = ready.map(({ level }) => level);
    this.compiled = ready.map(({ compiled }) => compiled);
    this.index = new SelectivityIndex(ready);
    this.scopes = new ScopeTable(this.profiles);
    this.collector = new Collector(this.profiles);
    this.places = new Map(this.profiles.map(({ id }, place) => [id, place]));
    this.progress = progress;
    progress[0] = NO_PROFILE;
  }

  match(declaration: Declaration, facts: Facts, exempt: ReadonlySet<string>): Matches {
    const { context } = this;
    if (this.isEvaluating) this.clear();
    this.isEvaluating = true;
    context.begin(declaration, facts);
    this.refuseSuspended(facts.suspended, exempt);
    this.addForDeclaration();
    this.evaluateCandidates(null, exempt);
    for (let i = 0; i < declaration.items.length; i++) {
      const item = context.onItem(i);
      this.addForItem(item);
      this.evaluateCandidates(item, exempt);
    }
    this.progress[0] = NO_PROFILE;
    this.isEvaluating = false;
    return this.collector.take();
  }

  /** The last declaration broke off (it was not in normal form): nothing of it may reach the next one. */
  private clear(): void {
    this.candidates.clear();
    this.collector.take();
  }

  protected addForDeclaration(): void {
    this.index.addForDeclaration(this.context, this.candidates);
  }

  protected addForItem(item: Item): void {
    this.index.addForItem(this.context, item, this.candidates);
  }

  /** Level of the profile at this place. */
  protected levelOf(place: number): Level {
    return this.levels[place] as Level;
  }

  private refuseSuspended(suspended: readonly string[], exempt: ReadonlySet<string>): void {
    for (const id of suspended) {
      const place = this.places.get(id);
      if (place === undefined || exempt.has(id) || !this.scopes.holds(place, this.context)) continue;
      this.collector.refuse(place, 'suspended: it took longer than a profile may');
    }
  }

  private evaluateCandidates(item: Item | null, exempt: ReadonlySet<string>): void {
    const { candidates, collector, profiles, scopes, context } = this;
    for (let place = candidates.take(); place >= 0; place = candidates.take()) {
      if (collector.isDone(place) || !scopes.holds(place, context)) continue;
      if (exempt.size > 0 && exempt.has((profiles[place] as Profile).id)) continue;
      this.evaluate(place, item);
    }
  }

  /** One fault stays one fault: whatever the profile throws is its own. */
  private evaluate(place: number, item: Item | null): void {
    const { context, collector } = this;
    const { evaluate, values } = this.compiled[place] as CompiledProfile;
    this.progress[0] = place;
    try {
      if (!evaluate(context.declaration, item, context)) return;
      collector.hit(place, item?.no ?? null, () => values(context.declaration, item, context));
    } catch (error) {
      collector.fault(place, item?.no ?? null, error instanceof Error ? error.message : String(error));
    }
  }
}
