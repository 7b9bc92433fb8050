/**
 * `npm run supply-chain`: what comes with the product. A bill of materials (CycloneDX) in dist/sbom.json, licences that
 * allow its use, and known vulnerabilities, where the registry tells them.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './prepare.mjs';

const LICENCES = ['MIT', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', '0BSD', 'BlueOak-1.0.0', 'Unlicense'];
const TIMEOUT_MS = 60_000;

const components = writeBillOfMaterials();
checkLicences(components);
checkVulnerabilities();

function writeBillOfMaterials() {
  // From the lock file: what is installed here may be more, or another platform's.
  const { stdout, stderr, status } = npm('sbom', '--package-lock-only', '--sbom-format', 'cyclonedx', '--omit', 'dev');
  if (status !== 0) fail(`no bill of materials: ${stderr.trim()}`);
  mkdirSync(join(ROOT, 'dist'), { recursive: true });
  writeFileSync(join(ROOT, 'dist/sbom.json'), stdout);
  const { components } = JSON.parse(stdout);
  say(`${components.length} packages in dist/sbom.json`);
  return components;
}

function checkLicences(components) {
  const wrong = components.filter(({ licenses = [] }) => !licenses.some(isAllowed));
  for (const { name, version, licenses } of wrong)
    say(`${name}@${version}: ${JSON.stringify(licenses ?? 'no licence')}`);
  if (wrong.length > 0) fail(`only ${LICENCES.join(', ')} may come with the product`);
}

function isAllowed({ license, expression }) {
  if (license !== undefined) return LICENCES.includes(license.id);
  return expression
    .replace(/[()]/g, '')
    .split(' OR ')
    .some((each) => LICENCES.includes(each));
}

function checkVulnerabilities() {
  const found = parsed(npm('audit', '--omit=dev', '--json').stdout)?.metadata?.vulnerabilities;
  if (found === undefined) {
    say('the registry does not tell known vulnerabilities here: not checked');
    return;
  }
  const { high, critical, moderate, low } = found;
  say(`known vulnerabilities: ${critical} critical, ${high} high, ${moderate} moderate, ${low} low`);
  if (high + critical > 0) fail('npm audit --omit=dev names them');
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function npm(...args) {
  const path = process.env.npm_execpath;
  const [command, before] = path?.endsWith('.js') ? [process.execPath, [path]] : ['npm', []];
  return spawnSync(command, [...before, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
    maxBuffer: 2 ** 28,
  });
}

function say(text) {
  process.stderr.write(`supply chain: ${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(1);
}
