import { describe, expect, it } from 'vitest';
import { normalise } from '../../src/core/normalise.ts';
import { encode } from '../../src/wire/messagepack.ts';
import { declaration, declarationInput } from '../helpers/declaration.ts';

const pointers = (input: Parameters<typeof normalise>[0]) => normalise(input).faults?.map(({ pointer }) => pointer);

describe('normalise', () => {
  it('fills every field, so that equal declarations give equal bytes whatever the order and gaps of their keys', () => {
    const input = declarationInput();
    const shuffled = Object.fromEntries(Object.entries({ ...input, regNo: null, transit: null }).reverse());
    expect(Buffer.from(encode(normalise(shuffled as never).declaration))).toEqual(Buffer.from(encode(declaration())));
  });

  it('values money in tiyn at the exchange rate, or as declared', () => {
    expect(declaration().invoiceTotal).toEqual({ amount: '1000.00', currency: 'USD', tiyn: 50_000_000 });
    const declared = { amount: '1000.00', currency: 'USD', kzt: '500100.5' };
    expect(declaration({ invoiceTotal: declared }).invoiceTotal.tiyn).toBe(50_010_050);
    expect(declaration({ invoiceTotal: { amount: '7', currency: 'EUR', kzt: '3500' } }).invoiceTotal.tiyn).toBe(
      350_000,
    );
  });

  it('names every fault at once, by JSON pointer', () => {
    const [item] = declarationInput().items;
    const input = declarationInput({
      lodgedAt: 'yesterday',
      invoiceTotal: { amount: '1,000', currency: 'USD' },
      customsValueTotal: { amount: '1000', currency: 'EUR' },
      items: [
        { ...(item as NonNullable<typeof item>), customsValue: { amount: '1000', currency: 'USD', kzt: '5' } },
        ...(item ? [item] : []),
      ],
    });
    expect(pointers(input)).toEqual([
      '/lodgedAt',
      '/invoiceTotal/amount',
      '/customsValueTotal/kzt',
      '/items/0/customsValue/kzt',
      '/items/1/no',
    ]);
  });

  it('wants transit details for transit, and a rate of 1 for KZT', () => {
    expect(pointers(declarationInput({ regime: 'transit' }))).toEqual(['/transit']);
    expect(
      pointers(
        declarationInput({
          currency: 'KZT',
          exchangeRate: '2',
          invoiceTotal: { amount: '1', currency: 'KZT' },
          customsValueTotal: { amount: '1', currency: 'KZT' },
          items: [],
        }),
      ),
    ).toEqual(['/exchangeRate']);
  });

  it('brings text into composed, well-formed Unicode', () => {
    const [item] = declarationInput().items;
    const odd = { ...(item as NonNullable<typeof item>), description: '  Cafe\u0301 \ud800 ' };
    expect(declaration({ items: [odd] }).items[0]?.description).toBe('Café \ufffd');
  });
});
