import { cp, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BUNDLE_FILE_BYTES_MAX } from '../../src/limits.ts';
import { bundleVersion, packBundle, readBundle, unpackBundle } from '../../src/profiles/bundle.ts';
import { encode } from '../../src/wire/messagepack.ts';
import { fixtureBundle } from '../helpers/policy.ts';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'corridor-bundle-'));
  await cp(join(import.meta.dirname, '..', 'helpers', 'policy'), dir, { recursive: true });
});
afterEach(() => rm(dir, { recursive: true }));

describe('a bundle', () => {
  it('is read from a folder of rules, whatever else lies there', async () => {
    await mkdir(join(dir, 'mappings'));
    await writeFile(join(dir, 'mappings', 'cdd.yaml'), 'a: 1');
    await writeFile(join(dir, 'README.md'), '# Rules');
    await writeFile(join(dir, 'profiles', '.hidden'), '');
    expect(await readBundle(dir)).toEqual(fixtureBundle());
  });

  it('has a version that depends on every text and name, not on the order of files', async () => {
    const version = bundleVersion(fixtureBundle());
    expect(version).toMatch(/^fixture-[0-9a-f]{12}$/);
    const { files } = fixtureBundle();
    expect(bundleVersion({ files: Object.fromEntries(Object.entries(files).reverse()) })).toBe(version);
    const licence = files['lists/licence.csv'] ?? '';
    expect(bundleVersion(fixtureBundle({ 'lists/licence.csv': `${licence}\n` }))).not.toBe(version);
    expect(bundleVersion(fixtureBundle({ 'lists/licence.csv': null, 'lists/permit.csv': licence }))).not.toBe(version);
  });

  it('comes back from its packed form, which is the same for the same files', () => {
    const bundle = fixtureBundle();
    const packed = packBundle(bundle);
    expect(unpackBundle(packed)).toEqual(bundle);
    expect(packBundle({ files: Object.fromEntries(Object.entries(bundle.files).reverse()) })).toEqual(packed);
  });

  it('does not follow links, of files or of folders', async () => {
    await writeFile(join(dir, 'secret'), 'x');
    await symlink(join(dir, 'secret'), join(dir, 'profiles', 'X-001.yaml'));
    await expect(readBundle(dir)).rejects.toThrow('profiles/X-001.yaml: not a plain file');
    await rm(join(dir, 'profiles', 'X-001.yaml'));
    await rm(join(dir, 'policy.yaml'));
    await symlink(join(dir, 'secret'), join(dir, 'policy.yaml'));
    await expect(readBundle(dir)).rejects.toThrow('policy.yaml: a symbolic link');
  });

  it('does not follow a link in place of a folder', async () => {
    await rm(join(dir, 'lists'), { recursive: true });
    await symlink(join(import.meta.dirname, '..', 'helpers', 'policy', 'lists'), join(dir, 'lists'));
    await expect(readBundle(dir)).rejects.toThrow('lists: not a plain folder; links are not read');
  });

  it('refuses files that are too large, of another kind, or not text', async () => {
    const file = join(dir, 'lists', 'large.csv');
    await writeFile(file, '');
    await truncate(file, BUNDLE_FILE_BYTES_MAX + 1);
    await expect(readBundle(dir)).rejects.toThrow('lists/large.csv: 16777217 bytes');
    await rm(file);
    await writeFile(join(dir, 'lists', 'notes.txt'), '');
    await expect(readBundle(dir)).rejects.toThrow('lists/notes.txt: only files ending in .csv belong here');
    await rm(join(dir, 'lists', 'notes.txt'));
    await writeFile(join(dir, 'lists', 'latin.csv'), Uint8Array.of(0xe9, 0xff));
    await expect(readBundle(dir)).rejects.toThrow('lists/latin.csv: not UTF-8');
  });

  it('needs policy.yaml', async () => {
    await rm(join(dir, 'policy.yaml'));
    await expect(readBundle(dir)).rejects.toThrow('policy.yaml');
  });

  it('refuses packed bytes that are no bundle', () => {
    const packed = (value: unknown) => gzipSync(encode(value));
    expect(() => unpackBundle(Uint8Array.of(1, 2, 3))).toThrow();
    expect(() => unpackBundle(packed({ a: 1 }))).toThrow('not a bundle');
    expect(() => unpackBundle(packed([['policy.yaml', 1]]))).toThrow('not a bundle');
    const foreign = [
      ['policy.yaml', 'label: x'],
      ['../evil.yaml', ''],
    ];
    expect(() => unpackBundle(packed(foreign))).toThrow('../evil.yaml: not a name');
  });
});
