import { describe, expect, it } from 'vitest';
import { httpRequests, ndjsonLines } from '../../bench/lib/requests.ts';
import { interval, median } from '../../bench/lib/stats.ts';
import { acceptDeclaration } from '../../src/ingress/validate.ts';

describe('the requests of the benchmarks', () => {
  it('are each a new declaration that the service accepts, past the last prepared one too', () => {
    const requests = httpRequests('A0', { authorization: 'Bearer t' });
    const ids = new Set<string>();
    const mrns = new Set<string>();
    let transits = 0;
    const count = 5000;
    for (let i = 0; i < count; i++) {
      const [head = '', body = ''] = requests.next().toString('utf8').split('\r\n\r\n');
      expect(Number(/Content-Length: (\d+)/.exec(head)?.[1])).toBe(Buffer.byteLength(body));
      const { declaration } = acceptDeclaration(JSON.parse(body));
      ids.add(declaration.id);
      if (declaration.transit === null) continue;
      transits++;
      mrns.add(declaration.transit.mrn);
    }
    expect(ids.size).toBe(count);
    expect(mrns.size).toBe(transits);
    expect(transits).toBeGreaterThan(0);
  });

  it('are lines of a batch, with other ids under another prefix', () => {
    const idOf = (line: Buffer): string => (JSON.parse(line.toString('utf8')) as { id: string }).id;
    const [a, b] = [ndjsonLines('A1').next(), ndjsonLines('B1').next()];
    expect(a.at(-1)).toBe(10);
    expect(idOf(a)).not.toBe(idOf(b));
  });
});

describe('the statistics of the benchmarks', () => {
  it('have a median between the bounds of its interval', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    const values = [0.9, 1, 1.1, 1.2, 1.3, 1.4, 5];
    const { low, high } = interval(values);
    expect(low).toBeGreaterThanOrEqual(0.9);
    expect(low).toBeLessThan(median(values));
    expect(high).toBeGreaterThan(median(values));
  });
});
