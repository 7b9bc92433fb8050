interface Slot {
  readonly bytes: number;
  text: string | null;
}

/** Longest piece of output that is written at once, in characters. */
const PIECE_LENGTH = 64 * 1024;

/**
 * Work that is done side by side and taken in the order it was put in: at most so many pieces and bytes, from when
 * they are put in until they are taken.
 */
export class OrderedWindow {
  private readonly countMax: number;
  private readonly bytesMax: number;
  private readonly slots: Slot[] = [];
  private bytes = 0;
  private changed: () => void = () => undefined;
  private change = Promise.resolve();
  ended = false;

  constructor(countMax: number, bytesMax: number) {
    this.countMax = countMax;
    this.bytesMax = bytesMax;
    this.renew();
  }

  private renew(): void {
    this.change = new Promise((resolve) => {
      this.changed = resolve;
    });
  }

  private signal(): void {
    this.changed();
    this.renew();
  }

  /** Resolves when this many bytes fit, or nothing is inside, or it has ended. */
  async room(bytes: number): Promise<void> {
    const fits = () =>
      this.ended ||
      this.slots.length === 0 ||
      (this.slots.length < this.countMax && this.bytes + bytes <= this.bytesMax);
    while (!fits()) await this.change;
  }

  /** `work` never rejects. */
  push(work: Promise<string>, bytes: number): void {
    const slot: Slot = { bytes, text: null };
    this.slots.push(slot);
    this.bytes += bytes;
    void work.then((text) => {
      slot.text = text;
      if (this.slots[0] === slot) this.signal();
    });
  }

  /** Nothing more comes in. */
  end(): void {
    this.ended = true;
    this.signal();
  }

  /** The next result, with those after it that are done; null after the last. */
  async take(): Promise<string | null> {
    while (this.slots[0]?.text === null || (this.slots.length === 0 && !this.ended)) await this.change;
    let piece = '';
    let taken = 0;
    for (const { text, bytes } of this.slots) {
      if (text === null || piece.length > PIECE_LENGTH) break;
      piece += text;
      this.bytes -= bytes;
      taken += 1;
    }
    if (taken === 0) return null;
    this.slots.splice(0, taken);
    this.signal();
    return piece;
  }
}
