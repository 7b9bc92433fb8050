/**
 * Places of profiles, each once, in the order they were added. Adding costs one comparison whatever the number of
 * profiles, emptying nothing. Makes no objects.
 */
export class Candidates {
  /** The first `length` of these. */
  readonly places: Int32Array;
  length = 0;
  private readonly stamps: Uint32Array;
  private stamp = 1;

  constructor(size: number) {
    this.places = new Int32Array(size);
    this.stamps = new Uint32Array(size);
  }

  add(place: number): void {
    if (this.stamps[place] === this.stamp) return;
    this.stamps[place] = this.stamp;
    this.places[this.length++] = place;
  }

  addAll(places: Int32Array): void {
    for (let i = 0; i < places.length; i++) this.add(places[i] as number);
  }

  clear(): void {
    this.length = 0;
    this.stamp++;
    if (this.stamp < 2 ** 32) return;
    this.stamps.fill(0);
    this.stamp = 1;
  }
}
