import { CorridorError } from '../errors.ts';

/**
 * How much may be inside at once, in pieces and in bytes. Who cannot wait is turned away before memory grows; who
 * can (a batch, which leaves the rest of its body in the socket) waits its turn.
 */
export class Gate {
  count = 0;
  bytes = 0;
  private readonly countMax: number;
  private readonly bytesMax: number;
  private readonly waiting: { bytes: number; enter: () => void }[] = [];

  constructor(countMax: number, bytesMax: number) {
    this.countMax = countMax;
    this.bytesMax = bytesMax;
  }

  private fits(bytes: number): boolean {
    // Something larger than the whole may still enter alone.
    return this.count === 0 || (this.count < this.countMax && this.bytes + bytes <= this.bytesMax);
  }

  tryEnter(bytes: number): boolean {
    if (this.waiting.length > 0 || !this.fits(bytes)) return false;
    this.take(bytes);
    return true;
  }

  /** @throws CorridorError `overloaded` */
  mustEnter(bytes: number, what: string): void {
    if (!this.tryEnter(bytes)) throw new CorridorError('overloaded', `Too many ${what} at once; try again soon`);
  }

  enter(bytes: number): Promise<void> {
    if (this.tryEnter(bytes)) return Promise.resolve();
    return new Promise((resolve) => {
      this.waiting.push({ bytes, enter: resolve });
    });
  }

  leave(bytes: number): void {
    this.count -= 1;
    this.bytes -= bytes;
    for (let next = this.waiting[0]; next !== undefined && this.fits(next.bytes); next = this.waiting[0]) {
      this.waiting.shift();
      this.take(next.bytes);
      next.enter();
    }
  }

  private take(bytes: number): void {
    this.count += 1;
    this.bytes += bytes;
  }
}
