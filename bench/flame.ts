import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

/**
 * Draws CPU profiles of V8 as a flame graph (SVG): widths are shares of the time in which the thread was busy.
 *
 *   node --cpu-prof dist/src/main.js start …     then load it, and stop it: one profile per thread
 *   npm run bench -- flame MAIN.cpuprofile [--skip 10] [--title TEXT] > docs/flame-main.svg
 *
 * --skip leaves out the first seconds: start-up and compilation.
 */
interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[];
}

/** One function on the way to others; the same function called from elsewhere is another frame. */
interface Frame {
  readonly name: string;
  totalUs: number;
  readonly callees: Map<string, Frame>;
}

const WIDTH = 1200;
const ROW = 16;
const TOP = 40;
const CHARACTER = 6.2;
/** Narrower frames are left out. */
const WIDTH_MIN = 0.6;
const IDLE = new Set(['(idle)', '(root)']);
const COLOURS: readonly (readonly [part: string, colour: string])[] = [
  ['(garbage', '#d1242f'],
  ['src/', '#e8a33d'],
  ['node:', '#8fb996'],
  ['(', '#b0b7c0'],
];
const PACKAGES = '#7fa7d8';

function frameName({ functionName, url, lineNumber }: Profile['nodes'][number]['callFrame']): string {
  const name = functionName === '' ? 'anonymous' : functionName;
  if (url === '') return name;
  // Paths of the machine stay out.
  const known = /(?:\/dist\/((?:src|workers)\/.*)|\/node_modules\/(.*)|^(node:.*))$/.exec(url)?.slice(1);
  const file = known?.find((part) => part !== undefined) ?? url.slice(url.lastIndexOf('/') + 1);
  return `${name} ${file}:${lineNumber + 1}`;
}

/** Stacks of busy samples, folded into a tree. */
function fold({ nodes, samples, timeDeltas }: Profile, skipUs: number): Frame {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const callers = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const root: Frame = { name: 'all', totalUs: 0, callees: new Map() };
  let clockUs = 0;
  for (const [index, sample] of samples.entries()) {
    const us = timeDeltas[index] ?? 0;
    clockUs += us;
    if (clockUs < skipUs) continue;
    const stack: string[] = [];
    for (let id: number | undefined = sample; id !== undefined; id = callers.get(id)) {
      const node = byId.get(id);
      if (node !== undefined) stack.push(frameName(node.callFrame));
    }
    if (stack[0] === '(idle)') continue;
    add(root, stack.filter((name) => !IDLE.has(name)).reverse(), us);
  }
  return root;
}

function add(root: Frame, stack: readonly string[], us: number): void {
  let frame = root;
  frame.totalUs += us;
  for (const name of stack) {
    const callee: Frame = frame.callees.get(name) ?? { name, totalUs: 0, callees: new Map() };
    frame.callees.set(name, callee);
    callee.totalUs += us;
    frame = callee;
  }
}

function draw(frame: Frame, x: number, depth: number, perUs: number, allUs: number, out: string[]): number {
  const width = frame.totalUs * perUs;
  if (width < WIDTH_MIN) return depth;
  const y = TOP + depth * ROW;
  const file = frame.name.slice(frame.name.indexOf(' ') + 1);
  const colour = COLOURS.find(([part]) => file.startsWith(part) || frame.name.startsWith(part))?.[1] ?? PACKAGES;
  const text = escaped(frame.name.slice(0, Math.max(0, Math.floor((width - 4) / CHARACTER))));
  const share = ((100 * frame.totalUs) / allUs).toFixed(1);
  out.push(
    `<g><title>${escaped(frame.name)}, ${share} %</title><rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${ROW - 1}" fill="${colour}" rx="1"/>${text.length > 2 ? `<text x="${(x + 2).toFixed(1)}" y="${y + 11}">${text}</text>` : ''}</g>`,
  );
  let deepest = depth;
  let at = x;
  for (const callee of [...frame.callees.values()].sort((a, b) => b.totalUs - a.totalUs)) {
    deepest = Math.max(deepest, draw(callee, at, depth + 1, perUs, allUs, out));
    at += callee.totalUs * perUs;
  }
  return deepest;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { skip: { type: 'string', default: '0' }, title: { type: 'string', default: 'CPU time' } },
});
const [file] = positionals;
if (file === undefined) throw new Error('which profile? npm run bench -- flame FILE.cpuprofile');
const root = fold(JSON.parse(readFileSync(file, 'utf8')) as Profile, Number(values.skip) * 1e6);
const shapes: string[] = [];
const deepest = draw(root, 0, 0, WIDTH / root.totalUs, root.totalUs, shapes);
const height = TOP + (deepest + 2) * ROW;
writeFileSync(
  1,
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="monospace" font-size="10">
<rect width="${WIDTH}" height="${height}" fill="#fff"/>
<text x="4" y="16" font-size="13">${escaped(values.title)}, ${(root.totalUs / 1e6).toFixed(1)} s busy</text>
<text x="4" y="31">ours: orange, packages: blue, Node: green, collector: red; hover for names and shares</text>
${shapes.join('\n')}
</svg>
`,
);
