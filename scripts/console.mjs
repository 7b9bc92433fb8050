/**
 * Builds the console for the browser: src/console → dist/console. Names of assets carry a hash of their content, so that
 * browsers may keep them for ever; each stands there compressed as well. `manifest.json` says how much the first view
 * loads, in bytes; test/console/size.test.ts holds it to its budget.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { brotliCompressSync, gzipSync, constants as zlib } from 'node:zlib';
import { build } from 'esbuild';

const ROOT = resolve(import.meta.dirname, '..');
const SOURCE = join(ROOT, 'src/console');
const TARGET = join(ROOT, 'dist/console');
/** The page names them in this order: the theme before anything is painted, our styles over Pico's. */
const ENTRIES = { early: 'early.ts', main: 'main.tsx', base: 'base.css', theme: 'theme.css', icon: 'icon.svg' };

const COMMON = {
  outdir: join(TARGET, 'assets'),
  entryNames: '[name]-[hash]',
  chunkNames: '[name]-[hash]',
  bundle: true,
  charset: 'utf8',
  target: ['es2022', 'chrome109', 'firefox115', 'safari16.4'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  // Styles of a page that is loaded later come with its script: see pages/lazy.tsx.
  loader: { '.svg': 'copy', '.lazy.css': 'text' },
  minify: true,
  legalComments: 'none',
  tsconfig: join(SOURCE, 'tsconfig.json'),
  metafile: true,
  write: false,
  absWorkingDir: ROOT,
  logLevel: 'warning',
};

const { early, ...others } = ENTRIES;
// A classic script, since modules wait for the page: it imports nothing.
const built = await Promise.all([
  build({ ...COMMON, entryPoints: pointsOf({ early }), format: 'iife' }),
  build({ ...COMMON, entryPoints: pointsOf(others), format: 'esm', splitting: true }),
]);
const outputFiles = built.flatMap((result) => result.outputFiles);

function pointsOf(entries) {
  return Object.entries(entries).map(([out, file]) => ({ in: join(SOURCE, file), out }));
}

const outputs = built
  .flatMap(({ metafile }) => Object.entries(metafile.outputs))
  .map(([path, output]) => ({ ...output, path, name: basename(path) }));
const entry = (file) => outputs.find(({ entryPoint }) => entryPoint === `src/console/${file}`);
const entries = Object.fromEntries(Object.entries(ENTRIES).map(([name, file]) => [name, entry(file)]));

/** What an output brings with it before it runs. */
function statically({ path, imports }) {
  const needed = imports.filter(({ kind }) => kind === 'import-statement');
  return [path, ...needed.flatMap((found) => statically(outputs.find((output) => output.path === found.path)))];
}

rmSync(TARGET, { recursive: true, force: true });
mkdirSync(join(TARGET, 'assets'), { recursive: true });
const sizes = {};
for (const { path, contents } of outputFiles) {
  const gzip = gzipSync(contents, { level: 9 });
  sizes[basename(path)] = { bytes: contents.length, gzip: gzip.length };
  writeFileSync(path, contents);
  writeFileSync(`${path}.gz`, gzip);
  const options = { params: { [zlib.BROTLI_PARAM_SIZE_HINT]: contents.length } };
  writeFileSync(`${path}.br`, brotliCompressSync(contents, options));
}

const html = readFileSync(join(SOURCE, 'page.html'), 'utf8').replace(/\{\{(\w+)\}\}/g, (_, name) => entries[name].name);
writeFileSync(join(TARGET, 'page.html'), html);
const initial = [...new Set([entries.early, entries.main].flatMap(statically))].map((path) => basename(path));
const manifest = { initial, styles: entries.theme.name, sizes };
writeFileSync(join(TARGET, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
