import type { Declaration, Item } from '../core/declaration.ts';
import type { Facts } from '../core/facts.ts';
import type { Matches, Profile, ProfileSet } from '../core/profile.ts';
import { Candidates } from './candidates.ts';
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
 * Candidates from the index → scope → evaluation → hits and faults. Item-level profiles that the declaration alone
 * makes candidates are found, and their scopes asked, once for all items. Holds the state of one evaluation at a time,
 * so that a declaration without hits makes no objects; belongs to one thread.
 */
export class CompiledProfileSet implements ProfileSet {
  readonly profiles: readonly Profile[];
  protected readonly context: MatchContext;
  /** Of the declaration, or of the item at hand. */
  private readonly candidates: Candidates;
  /** Of every item of the declaration. */
  private readonly standing: Candidates;
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
    this.candidates = new Candidates(ready.length);
    this.standing = new Candidates(ready.length);
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
    const { context, candidates, standing } = this;
    if (this.isEvaluating) this.collector.take();
    this.isEvaluating = true;
    context.begin(declaration, facts);
    this.scopes.begin(context);
    this.refuseSuspended(facts.suspended, exempt);
    candidates.clear();
    this.addForDeclaration(candidates);
    this.evaluateAll(candidates, this.keepApplicable(candidates, exempt), null);
    standing.clear();
    this.addForItems(standing);
    const standingLength = this.keepApplicable(standing, exempt);
    for (let i = 0; i < declaration.items.length; i++) {
      const item = context.onItem(i);
      this.evaluateAll(standing, standingLength, item);
      candidates.clear();
      this.addForItem(item, candidates);
      this.evaluateAll(candidates, this.keepApplicable(candidates, exempt), item);
    }
    this.progress[0] = NO_PROFILE;
    this.isEvaluating = false;
    return this.collector.take();
  }

  protected addForDeclaration(to: Candidates): void {
    this.index.addForDeclaration(this.context, to);
  }

  protected addForItems(to: Candidates): void {
    this.index.addForItems(this.context, to);
  }

  protected addForItem(item: Item, to: Candidates): void {
    this.index.addForItem(this.context, item, to);
  }

  /** Level of the profile at this place. */
  protected levelOf(place: number): Level {
    return this.levels[place] as Level;
  }

  private refuseSuspended(suspended: readonly string[], exempt: ReadonlySet<string>): void {
    for (const id of suspended) {
      const place = this.places.get(id);
      if (place === undefined || exempt.has(id) || !this.scopes.holds(place)) continue;
      this.collector.refuse(place, 'suspended: it took longer than a profile may');
    }
  }

  /** Moves those in scope and not exempt to the front; gives their number. */
  private keepApplicable({ places, length }: Candidates, exempt: ReadonlySet<string>): number {
    let kept = 0;
    for (let i = 0; i < length; i++) {
      const place = places[i] as number;
      if (!this.scopes.holds(place)) continue;
      if (exempt.size > 0 && exempt.has((this.profiles[place] as Profile).id)) continue;
      places[kept++] = place;
    }
    return kept;
  }

  private evaluateAll({ places }: Candidates, length: number, item: Item | null): void {
    for (let i = 0; i < length; i++) {
      const place = places[i] as number;
      if (!this.collector.isDone(place)) this.evaluate(place, item);
    }
  }

  /** One fault stays one fault: whatever the profile throws is its own. */
  private evaluate(place: number, item: Item | null): void {
    const { context, collector } = this;
    const { evaluate, values } = this.compiled[place] as CompiledProfile;
    this.progress[0] = place;
    try {
      if (!evaluate(context.declaration, item, context)) return;
      const kept = collector.isFirst(place) ? values(context.declaration, item, context) : null;
      collector.hit(place, item?.no ?? null, kept);
    } catch (error) {
      collector.fault(place, item?.no ?? null, error instanceof Error ? error.message : String(error));
    }
  }
}
