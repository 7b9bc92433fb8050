import { describe, expect, it } from 'vitest';
import { bin, checkDigit, container, iin, mrn } from '../../src/generate/identifiers.ts';
import { Random } from '../../src/generate/random.ts';

describe('numbers', () => {
  it('makes BIN and IIN of twelve digits whose check digit is right', () => {
    const random = new Random(1);
    for (let n = 0; n < 200; n++) {
      for (const number of [bin(random), iin(random)]) {
        expect(number).toMatch(/^\d{12}$/);
        expect(checkDigit(number.slice(0, 11))).toBe(Number(number[11]));
      }
    }
  });

  it('makes container numbers with the check digit of ISO 6346', () => {
    // The example of the standard: CSQU 305438 has check digit 3.
    const weigh = (text: string) => {
      const value = (char: string) => '0123456789A?BCDEFGHIJK?LMNOPQRSTU?VWXYZ'.indexOf(char);
      return ([...text].reduce((sum, char, place) => sum + value(char) * 2 ** place, 0) % 11) % 10;
    };
    expect(weigh('CSQU305438')).toBe(3);
    const random = new Random(2);
    for (let n = 0; n < 100; n++) {
      const number = container(random);
      expect(number).toMatch(/^[A-Z]{4}\d{7}$/);
      expect(weigh(number.slice(0, 10))).toBe(Number(number[10]));
    }
  });

  it('makes movement reference numbers that a path can hold', () => {
    expect(mrn(2026, '55302', 'ABC0001X')).toMatch(/^26KZ[0-9A-Z]{14}$/);
  });
});
