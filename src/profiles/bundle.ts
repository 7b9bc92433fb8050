import { createHash } from 'node:crypto';
import { constants, type Dirent } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { BUNDLE_BYTES_MAX, BUNDLE_FILE_BYTES_MAX, BUNDLE_FILES_MAX } from '../limits.ts';
import { decode, encode } from '../wire/messagepack.ts';

/** The sources of one policy: file name → text. Names: `policy.yaml`, `profiles/UV-001.yaml`, `lists/dual_use.csv`. */
export interface PolicyBundle {
  readonly files: Readonly<Record<string, string>>;
}

/** Folders of the rules that belong to a policy, and what their files end in. */
const FOLDERS: Readonly<Record<string, string>> = { profiles: '.yaml', lists: '.csv', fields: '.yaml' };
const POLICY_FILE = 'policy.yaml';
const FILE_NAME =
  /^(policy\.yaml|profiles\/[A-Za-z0-9._-]{1,100}\.yaml|lists\/[A-Za-z0-9._-]{1,100}\.csv|fields\/[A-Za-z0-9]{1,40}\.yaml)$/;

/**
 * Reads a folder of rules. Hidden files and other folders are left out.
 * @throws where policy.yaml is missing, a name or link is out of place, or a file, or all together, is too large.
 */
export async function readBundle(rulesDir: string): Promise<PolicyBundle> {
  const names = [POLICY_FILE];
  for (const [folder, ending] of Object.entries(FOLDERS)) names.push(...(await listFolder(rulesDir, folder, ending)));
  const files: Record<string, string> = {};
  for (const name of names.sort()) files[name] = await readSource(rulesDir, name);
  return checked(files);
}

async function listFolder(rulesDir: string, folder: string, ending: string): Promise<string[]> {
  const entries = await foldersEntries(rulesDir, folder);
  const names: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const name = `${folder}/${entry.name}`;
    if (!entry.isFile()) throw new Error(`${name}: not a plain file; links and folders are not read`);
    if (!entry.name.endsWith(ending)) throw new Error(`${name}: only files ending in ${ending} belong here`);
    names.push(name);
  }
  return names;
}

/** A folder that is not there is an empty one. */
async function foldersEntries(rulesDir: string, folder: string): Promise<readonly Dirent[]> {
  const path = join(rulesDir, folder);
  const stat = await lstat(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  });
  if (stat === null) return [];
  if (!stat.isDirectory()) throw new Error(`${folder}: not a plain folder; links are not read`);
  return readdir(path, { withFileTypes: true });
}

async function readSource(rulesDir: string, name: string): Promise<string> {
  const file = await open(join(rulesDir, name), constants.O_RDONLY | constants.O_NOFOLLOW).catch((cause: unknown) => {
    const { code } = cause as NodeJS.ErrnoException;
    const what = code === 'ELOOP' ? 'a symbolic link; links are not read' : `cannot be read (${String(code)})`;
    throw new Error(`${name}: ${what}`, { cause });
  });
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new Error(`${name}: not a plain file`);
    if (stat.size > BUNDLE_FILE_BYTES_MAX) throw tooLarge(name, stat.size);
    return textOf(name, await file.readFile());
  } finally {
    await file.close();
  }
}

function textOf(name: string, bytes: Uint8Array): string {
  if (bytes.length > BUNDLE_FILE_BYTES_MAX) throw tooLarge(name, bytes.length);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Error(`${name}: not UTF-8`, { cause });
  }
}

function tooLarge(name: string, bytes: number): Error {
  return new Error(`${name}: ${bytes} bytes; the limit of one file is ${BUNDLE_FILE_BYTES_MAX}`);
}

/** The same bundle with these files changed; null takes one away. @throws as `readBundle` does. */
export function withFiles({ files }: PolicyBundle, changes: Readonly<Record<string, string | null>>): PolicyBundle {
  const changed = Object.entries({ ...files, ...changes });
  return checked(Object.fromEntries(changed.filter((entry): entry is [string, string] => entry[1] !== null)));
}

/** Bounds and names, whatever road the files came by. */
function checked(files: Readonly<Record<string, string>>): PolicyBundle {
  const names = Object.keys(files);
  if (names.length > BUNDLE_FILES_MAX) throw new Error(`${names.length} files; the limit is ${BUNDLE_FILES_MAX}`);
  let bytes = 0;
  for (const name of names) {
    const text = files[name];
    if (!FILE_NAME.test(name)) throw new Error(`${name}: not a name of a policy's file`);
    if (typeof text !== 'string') throw new Error(`${name}: not a text`);
    bytes += Buffer.byteLength(text);
  }
  if (bytes > BUNDLE_BYTES_MAX) throw new Error(`${bytes} bytes of rules; the limit is ${BUNDLE_BYTES_MAX}`);
  if (files[POLICY_FILE] === undefined) throw new Error(`${POLICY_FILE}: missing`);
  return { files };
}

/** `<label>-<12 hex digits of SHA-256 over all names and texts>`. The label is the one that policy.yaml gives. */
export function bundleVersion(bundle: PolicyBundle): string {
  const hash = createHash('sha256')
    .update(encode(sorted(bundle)))
    .digest('hex');
  const label = /^label:[ \t]*["']?([A-Za-z0-9._-]{1,40})/m.exec(bundle.files[POLICY_FILE] ?? '')?.[1] ?? 'policy';
  return `${label}-${hash.slice(0, 12)}`;
}

/** Gzipped MessagePack; equal bundles give equal bytes. */
export function packBundle(bundle: PolicyBundle): Uint8Array {
  return gzipSync(encode(sorted(bundle)));
}

/** @throws where the bytes are no bundle, or one beyond the limits. */
export function unpackBundle(bytes: Uint8Array): PolicyBundle {
  const pairs = decode(gunzipSync(bytes, { maxOutputLength: BUNDLE_BYTES_MAX * 2 }));
  if (!Array.isArray(pairs)) throw new Error('not a bundle of rules');
  const files: Record<string, string> = {};
  for (const pair of pairs as unknown[]) {
    if (!Array.isArray(pair) || typeof pair[0] !== 'string' || typeof pair[1] !== 'string') {
      throw new Error('not a bundle of rules');
    }
    files[pair[0]] = pair[1];
  }
  return checked(files);
}

/** Pairs in the order of their names, so that neither version nor bytes depend on how the files were read. */
function sorted({ files }: PolicyBundle): [string, string][] {
  const pairs = Object.entries(files);
  return pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
