import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * The shape of the source, held by a test: dependencies point inward, there are no cycles and no barrels.
 *
 *   core ← wire ← profiles, state, stream ← capabilities, access ← ingress ← desk ← cli, service ← main
 */
const ROOT = resolve(import.meta.dirname, '..');
const LINES_MAX = 350;

/** Anybody outside the core may import these; of the rest they import only what stands beside them here. */
const LEAVES = ['errors.ts', 'limits.ts', 'lines.ts', 'config.ts', 'key-file.ts', 'observe'];
const CAPABILITIES = [
  ...['engine', 'projections', 'parties', 'transit', 'generate', 'integration'],
  ...['policies', 'backtest', 'learning'],
];
const FOUNDATION = ['core', 'wire', 'profiles', 'state', 'stream'];

/** Part of src (folder or file) → the parts it may import, beside itself and the leaves. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  core: [],
  wire: ['core'],
  'errors.ts': [],
  'limits.ts': [],
  'lines.ts': [],
  'config.ts': [],
  'key-file.ts': [],
  observe: ['core', 'wire'],
  profiles: ['core', 'wire'],
  state: ['core', 'wire'],
  stream: ['core', 'wire'],
  // The canonical tree of a condition, between the texts of profiles and whoever shows them.
  criteria: ['profiles'],
  engine: FOUNDATION,
  projections: FOUNDATION,
  parties: FOUNDATION,
  transit: FOUNDATION,
  // What plants the schemes must not know what looks for them.
  generate: ['core'],
  integration: FOUNDATION,
  // Versions, drafts, review, lists: the life of the policy outside of deciding.
  policies: [...FOUNDATION, 'criteria', 'engine', 'integration'],
  // Decides again what was decided before, under another policy.
  backtest: [...FOUNDATION, 'engine'],
  // Outcomes of controls, and what they say about profiles.
  learning: [...FOUNDATION, 'engine', 'backtest'],
  access: FOUNDATION,
  ingress: [...FOUNDATION, ...CAPABILITIES, 'access'],
  desk: [...FOUNDATION, ...CAPABILITIES, 'criteria', 'access', 'ingress'],
  // Runs in the browser. The tree of a condition and its text are made there too.
  console: ['criteria'],
  'workbench.ts': [...FOUNDATION, ...CAPABILITIES, 'access', 'ingress', 'desk'],
  'service.ts': [...FOUNDATION, ...CAPABILITIES, 'access', 'ingress', 'desk', 'workbench.ts'],
  cli: [...FOUNDATION, ...CAPABILITIES, 'criteria', 'access', 'ingress', 'desk', 'service.ts'],
  'main.ts': ['cli'],
};

interface Import {
  readonly from: string;
  /** Path in the project, or the name of a package. */
  readonly to: string;
  readonly isPackage: boolean;
}

interface Source {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

const sources = ['src', 'workers', 'test', 'bench', 'grafana'].flatMap((folder) => filesUnder(folder)).map(read);
const product = sources.filter(({ path }) => path.startsWith('src/') || path.startsWith('workers/'));

function filesUnder(folder: string): string[] {
  const entries = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
}

function read(path: string): Source {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const specifiers = [
    ...code.matchAll(/^\s*(?:import|export)\s[^'";]*?from\s*'([^']+)'/gm),
    ...code.matchAll(/^\s*import\s*'([^']+)'/gm),
    ...code.matchAll(/\bimport\(\s*'([^']+)'\s*\)/g),
  ].map((match) => match[1] as string);
  return { path, text, imports: specifiers.map((specifier) => importOf(path, specifier)) };
}

function importOf(from: string, specifier: string): Import {
  if (!specifier.startsWith('.')) return { from, to: specifier, isPackage: true };
  return { from, to: relative(ROOT, resolve(ROOT, dirname(from), specifier)), isPackage: false };
}

/** `src/core/money.ts` → `core`; `src/config.ts` → `config.ts`. */
function partOf(path: string): string {
  return path.split('/')[1] ?? '';
}

const show = ({ from, to }: Import) => `${from} → ${to}`;

describe('the source', () => {
  it('has no part that these rules do not know', () => {
    const parts = new Set(product.filter(({ path }) => path.startsWith('src/')).map(({ path }) => partOf(path)));
    expect([...parts].filter((part) => !(part in ALLOWED))).toEqual([]);
  });

  it('imports inward only', () => {
    const wrong = product
      .filter(({ path }) => path.startsWith('src/'))
      .flatMap(({ imports }) => imports)
      .filter(({ isPackage }) => !isPackage)
      .filter(({ from, to }) => {
        const [mine, theirs] = [partOf(from), partOf(to)];
        if (to.startsWith('src/') && mine === theirs) return false;
        const leaf = LEAVES.includes(theirs) && mine !== 'core';
        return !(to.startsWith('src/') && (leaf || (ALLOWED[mine] ?? []).includes(theirs)));
      });
    expect(wrong.map(show)).toEqual([]);
  });

  it('has workers that import neither the ingress nor the command line', () => {
    const wrong = product
      .filter(({ path }) => path.startsWith('workers/'))
      .flatMap(({ imports }) => imports)
      .filter(({ to }) => /^src\/(ingress|cli|service\.ts|main\.ts)/.test(to));
    expect(wrong.map(show)).toEqual([]);
  });

  it('has a core without packages, without node and without another part', () => {
    const wrong = product
      .filter(({ path }) => path.startsWith('src/core/'))
      .flatMap(({ imports }) => imports)
      .filter(({ to }) => !to.startsWith('src/core/'));
    expect(wrong.map(show)).toEqual([]);
    const impure = product
      .filter(({ path }) => path.startsWith('src/core/'))
      .filter(({ text }) => /\b(Date\.now|Math\.random|performance\.|process\.|new Date\(\))/.test(text));
    expect(impure.map(({ path }) => path)).toEqual([]);
  });

  it('knows NATS in src/stream only, and where it is measured beside something simpler', () => {
    const wrong = product
      .flatMap(({ imports }) => imports)
      .filter(({ to, isPackage }) => isPackage && (to === 'nats' || to.startsWith('@nats-io/')))
      .filter(({ from }) => !from.startsWith('src/stream/') && !from.startsWith('bench/'));
    expect(wrong.map(show)).toEqual([]);
  });

  it('imports only files that exist', () => {
    const paths = new Set(sources.map(({ path }) => path));
    const wrong = sources
      .flatMap(({ imports }) => imports)
      .filter(({ to, isPackage }) => !isPackage && /\.tsx?$/.test(to) && !paths.has(to) && to !== 'vitest.config.ts');
    expect(wrong.map(show)).toEqual([]);
  });

  it('has no cycles', () => {
    expect(cycles()).toEqual([]);
  });

  it('has no barrels and no default exports', () => {
    const barrels = product.filter(
      ({ path, text }) =>
        path.endsWith('/index.ts') ||
        (/^export (type )?[*{]/m.test(text) && !/\b(const|function|class|interface|type \w+ =)/.test(text)),
    );
    expect(barrels.map(({ path }) => path)).toEqual([]);
    // Piscina runs the default export of a worker's file.
    const defaults = product.filter(
      ({ path, text }) =>
        (!path.startsWith('workers/') && /^export default\b/m.test(text)) || /\bas default\b/.test(text),
    );
    expect(defaults.map(({ path }) => path)).toEqual([]);
  });

  it(`has no file of more than ${LINES_MAX} lines`, () => {
    const long = product.map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }));
    expect(long.filter(({ lines }) => lines > LINES_MAX)).toEqual([]);
  });

  it('asserts no type away', () => {
    const wrong = sources.filter(({ text }) => /@ts-(ignore|nocheck|expect-error)|\bas any\b/.test(text));
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  it('has thin worker entries', () => {
    const thick = product.filter(({ path, text }) => path.startsWith('workers/') && text.split('\n').length > 150);
    expect(thick.map(({ path }) => path)).toEqual([]);
  });
});

/** Each strongly entangled group once, as the path that closes it. */
function cycles(): string[] {
  const graph = new Map(
    product.map(({ path, imports }) => [path, imports.filter((i) => !i.isPackage).map(({ to }) => to)]),
  );
  const done = new Set<string>();
  const found: string[] = [];
  function visit(path: string, trail: readonly string[]): void {
    const at = trail.indexOf(path);
    if (at >= 0) found.push([...trail.slice(at), path].join(' → '));
    if (at >= 0 || done.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  }
  for (const path of graph.keys()) visit(path, []);
  return found;
}
