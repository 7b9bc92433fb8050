import type { Regime } from '../../core/declaration.ts';
import type { Target } from '../../core/profile.ts';
import type { Source, Trader } from '../people.ts';
import type { Population } from '../population.ts';
import type { Random } from '../random.ts';
import type { Reference } from '../reference.ts';
import type { Line, Shipment } from '../shipment.ts';

/** One way in which a declaration is not what it should be: a scheme, on purpose, or an honest error. */
export interface Deviation {
  readonly name: string;
  readonly kind: 'scheme' | 'error';
  /** The target of risk management that it falls under. */
  readonly target: Exclude<Target, 'random'>;
  readonly regime: Regime;
  /** Share of all declarations of this regime, in percent. */
  readonly percent: number;
  /** Whether a shipment of this source can carry it. */
  fits(source: Source, trader: Trader): boolean;
  /** Changes the shipment, whose first line is of a source that fits. Returns the lines concerned; none: all of it. */
  apply(scene: Scene): readonly Line[];
}

export interface Scene {
  readonly random: Random;
  readonly population: Population;
  readonly reference: Reference;
  readonly shipment: Shipment;
  /** The lines of sources that fit; the first one always does. */
  readonly lines: readonly Line[];
}

export const always = (): boolean => true;

/** The first line, and each further one with this probability. */
export function some({ random, lines }: Scene, probability: number): Line[] {
  return lines.filter((_, index) => index === 0 || random.chance(probability));
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

export function scalePrice(line: Line, factor: number): void {
  line.priceCents = Math.max(1, Math.round(line.priceCents * factor));
}

/** Puts another code on a line, with the duty and the papers that go with that code. */
export function reclassify(line: Line, hsCode: string, reference: Reference): void {
  line.hsCode = hsCode;
  line.tariff = reference.tariff(hsCode);
  line.excise = reference.isExcisable(hsCode);
  line.documents = reference.documents(hsCode, 'import');
  line.antiDumping = null;
}
