import type { Point } from './trend.ts';

export interface Line {
  readonly name: string;
  readonly points: readonly Point[];
}

const WIDTH = 720;
const HEIGHT = 220;
const LEFT = 64;
const RIGHT = 130;
const TOP = 24;
const BOTTOM = 28;
const COLOURS = ['#1f6feb', '#d1242f', '#1a7f37', '#9a6700', '#8250df', '#57606a'];

/** A line chart as SVG, from zero up; x in minutes. */
export function plot(title: string, unit: string, lines: readonly Line[]): string {
  const all = lines.flatMap(({ points }) => points);
  const xMax = Math.max(1e-9, ...all.map(([x]) => x));
  const yMax = nice(Math.max(1e-9, ...all.map(([, y]) => y)));
  const x = (value: number) => LEFT + (value / xMax) * (WIDTH - LEFT - RIGHT);
  const y = (value: number) => HEIGHT - BOTTOM - (value / yMax) * (HEIGHT - TOP - BOTTOM);
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const at = y(yMax * share).toFixed(1);
    return `<path d="M${LEFT} ${at}H${WIDTH - RIGHT}" stroke="#d0d7de"/><text x="${LEFT - 6}" y="${at}" text-anchor="end" dy="4">${short(yMax * share)}</text>`;
  });
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const at = x(xMax * share).toFixed(1);
    return `<text x="${at}" y="${HEIGHT - 10}" text-anchor="middle">${short(xMax * share)} min</text>`;
  });
  const drawn = lines.map(({ name, points }, index) => {
    const colour = COLOURS[index % COLOURS.length];
    const path = points.map(([px, py]) => `${x(px).toFixed(1)} ${y(py).toFixed(1)}`).join('L');
    const label = `<text x="${WIDTH - RIGHT + 8}" y="${TOP + 14 + index * 16}" fill="${colour}">${name}</text>`;
    return `${path === '' ? '' : `<path d="M${path}" fill="none" stroke="${colour}" stroke-width="1.5"/>`}${label}`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="${LEFT}" y="15" font-size="13">${title}, ${unit}</text>`,
    ...[...grid, ...ticks, ...drawn],
    '</svg>\n',
  ].join('\n');
}

function nice(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 2.5, 4, 5, 8, 10].find((step) => step * power >= value) ?? 10) * power;
}

/** Three digits that count. */
export function short(value: number): string {
  return value === 0 ? '0' : String(Number(value.toPrecision(3)));
}
