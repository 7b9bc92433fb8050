import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const SCRIPT_BYTES_MAX = 60 * 1024;
const STYLE_BYTES_MAX = 8 * 1024;

interface Manifest {
  /** Scripts that the page loads before it shows anything, without words. */
  readonly initial: readonly string[];
  readonly styles: string;
  readonly sizes: Readonly<Record<string, { readonly bytes: number; readonly gzip: number }>>;
}

const file = resolve(import.meta.dirname, '../../dist/console/manifest.json');
const { initial, styles, sizes } = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
const gzipOf = (names: readonly string[]) => names.reduce((sum, name) => sum + (sizes[name]?.gzip ?? Number.NaN), 0);

describe('what the console loads', () => {
  it('is at most 60 KiB of script at first, with the words of any language', () => {
    const words = Object.keys(sizes).filter((name) => /^(en|ru|kk)-/.test(name));
    expect(words).toHaveLength(3);
    for (const name of words) expect(gzipOf([...initial, name])).toBeLessThanOrEqual(SCRIPT_BYTES_MAX);
  });

  it('does not bring the charts before one is shown', () => {
    const charts = Object.keys(sizes).filter((name) => name.startsWith('uPlot'));
    expect(charts).toHaveLength(1);
    expect(initial).not.toContain(charts[0]);
  });

  it('has styles of its own of at most 8 KiB', () => {
    expect(sizes[styles]?.bytes).toBeLessThanOrEqual(STYLE_BYTES_MAX);
  });
});
