/**
 * What `npm start` and `npm test` need on a fresh machine: packages, a build, servers. Plain JavaScript without
 * packages, because it runs before they are there. Every step does nothing where its work is done already.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');
const NODE_OLDEST = 20;
/** Where packages put servers, and where a user's path often does not look. */
const SERVER_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/usr/bin', '/opt/homebrew/bin'];

export { ROOT };

export function requireNode() {
  if (Number(process.versions.node.split('.')[0]) >= NODE_OLDEST) return;
  fail(`Corridor needs Node.js ${NODE_OLDEST} or newer; this is ${process.version}.`);
}

/** Installs the packages of the lock file where one is missing or of another version. */
export function installPackages() {
  if (packagesAreInstalled()) return;
  say('installing packages …');
  const npm = process.env.npm_execpath;
  // Not `npm ci`: it gives up where a registry lacks an optional package of another platform. Versions are the lock's.
  const args = ['install', '--no-save', '--include=dev', '--no-fund', '--no-audit', '--loglevel=error'];
  const [command, before] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  if (!run(command, [...before, ...args])) fail('npm install failed; its messages are above.');
}

/** Compares contents, not times: a checkout or an image may give both files any time. */
function packagesAreInstalled() {
  const hidden = join(ROOT, 'node_modules/.package-lock.json');
  if (!existsSync(hidden)) return false;
  const wanted = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(hidden, 'utf8')).packages;
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === '') return true;
    const found = installed[path];
    return found === undefined ? optional === true : found.version === version;
  });
}

/** Compiles where a source is newer than the last build. */
export function build() {
  const stamp = join(ROOT, 'dist/.built');
  const sources = ['src', 'workers', 'bench', 'grafana'].map((folder) => join(ROOT, folder)).filter(existsSync);
  const settings = ['tsconfig.json', 'tsconfig.build.json', 'scripts/console.mjs'].map((file) => join(ROOT, file));
  const newest = Math.max(...sources.map(newestUnder), ...settings.map(modified));
  if (existsSync(stamp) && modified(stamp) >= newest) return;
  const started = new Date();
  say('building …');
  const steps = [
    [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'],
    [join(ROOT, 'scripts/console.mjs')],
  ];
  if (!steps.every((step) => run(process.execPath, step))) {
    fail('The build failed; its messages are above.');
  }
  writeFileSync(stamp, `${started.toISOString()}\n`);
}

function newestUnder(folder) {
  let newest = modified(folder);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    newest = Math.max(newest, entry.isDirectory() ? newestUnder(path) : modified(path));
  }
  return newest;
}

function modified(path) {
  return statSync(path).mtimeMs;
}

/** Sees to it that `nats-server` is there for the processes started from here. */
export function provideNatsServer() {
  if (!provide('nats-server', ['nats-server'])) {
    fail('A NATS server is missing: install nats-server 2.9 or newer (https://nats.io/download), or set NATS_URL.');
  }
}

/** The same for Prometheus, which only test/grafana needs: without it that is passed over, but not with CI set. */
export function providePrometheus() {
  if (provide('prometheus', ['prometheus', 'promtool'])) return;
  const missing = 'Prometheus is missing: install prometheus 2.42 or newer (https://prometheus.io/download)';
  if (process.env.CI === 'true') fail(`${missing}.`);
  say(`${missing}; its tests are passed over.`);
}

/** The same for Chromium, which only test/browser needs. */
export function provideChromium() {
  if (provide('chromium', ['chromium'])) return;
  const missing = "Chromium is missing: install Debian's package chromium (apt-get install chromium)";
  if (process.env.CI === 'true') fail(`${missing}.`);
  say(`${missing}; its tests are passed over.`);
}

/** Puts these programs on the path, and installs Debian's package of them where that is needed and possible. */
function provide(packageName, programs) {
  const find = () => programs.map(findProgram);
  let found = find();
  if (found.includes(null) && installDebianPackage(packageName)) found = find();
  if (found.includes(null)) return false;
  for (const folder of found.map(dirname)) {
    const path = process.env.PATH ?? '';
    if (!path.split(delimiter).includes(folder)) process.env.PATH = path + delimiter + folder;
  }
  return true;
}

function findProgram(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...SERVER_FOLDERS];
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function installDebianPackage(name) {
  if (!existsSync('/usr/bin/apt-get')) return false;
  const root = process.getuid?.() === 0;
  // Without a terminal nobody can type a password.
  const sudo = root ? [] : ['sudo', ...(process.stdin.isTTY ? [] : ['-n'])];
  if (!root && !['/usr/bin/sudo', '/bin/sudo'].some(existsSync)) return false;
  const apt = (...args) => {
    const [command, ...rest] = [...sudo, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', ...args];
    return run(command, rest);
  };
  const install = () => apt('install', '-y', '--no-install-recommends', name);
  say(`installing ${name} …`);
  if (!install() && !(apt('update') && install())) return false;
  // The package starts a system service on the usual port; Corridor starts servers of its own.
  if (existsSync('/run/systemd/system')) {
    const [command, ...rest] = [...sudo, 'systemctl', 'disable', '--now', `${name}.service`];
    spawnSync(command, rest, { stdio: 'ignore' });
  }
  return true;
}

/** Runs with its output on stderr, so that stdout stays the command's own. */
function run(command, args) {
  return spawnSync(command, args, { cwd: ROOT, stdio: ['inherit', 2, 2] }).status === 0;
}

function say(text) {
  process.stderr.write(`corridor: ${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(1);
}
