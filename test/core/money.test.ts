import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kztOf, tiynAt, tiynOf } from '../../src/core/money.ts';

describe('money', () => {
  it('reads decimals exactly, rounding half away from zero', () => {
    expect(tiynOf('0.1')).toBe(10);
    expect(tiynOf('1.005')).toBe(101);
    expect(tiynOf('-1.005')).toBe(-101);
    expect(tiynAt('0.07', '450.15')).toBe(3151);
    expect(tiynAt('999999999.99', '512.345678')).toBe(51234567799488);
  });

  it('is exact whatever the number of digits: as big integers compute it', () => {
    const decimal = fc
      .tuple(fc.boolean(), fc.stringMatching(/^\d{1,15}$/), fc.stringMatching(/^\d{0,6}$/))
      .map(([negative, whole, part]) => `${negative ? '-' : ''}${whole}${part === '' ? '' : `.${part}`}`);
    const scaled = (text: string) => {
      const [whole = '', part = ''] = text.replace('-', '').split('.');
      return BigInt(whole + part.padEnd(6, '0')) * (text.startsWith('-') ? -1n : 1n);
    };
    fc.assert(
      fc.property(decimal, decimal, (amount, rate) => {
        const exact = scaled(amount) * scaled(rate) * 100n;
        const half = 500_000_000_000n;
        const rounded = (exact < 0n ? exact - half : exact + half) / (2n * half);
        expect(tiynAt(amount, rate)).toBe(Number(rounded));
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses what is not a decimal', () => {
    for (const text of ['', ' 1', '1e5', '1,5', '0x10', 'NaN', '1.', '.5', '1.1234567', '1234567890123456', '١']) {
      expect(tiynOf(text), text).toBeNull();
    }
  });

  it('prints what it read', () => {
    fc.assert(fc.property(fc.integer({ min: -1e13, max: 1e13 }), (tiyn) => tiynOf(kztOf(tiyn)) === tiyn));
  });
});
