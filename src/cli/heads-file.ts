import { appendFile, readFile } from 'node:fs/promises';
import type { PublishedHead } from '../stream/heads.ts';
import { CHAINS } from '../wire/envelope.ts';
import { CommandFailure } from './command.ts';

/** Heads in a file: a line of JSON each, bytes in base64. Nothing is ever taken out of it. */
const lineOf = ({ chain, ingress, hour, at, head }: PublishedHead): string => {
  const { commit, hash, signature, publicKey } = head;
  const [h, s, k] = [hash, signature, publicKey].map((bytes) => Buffer.from(bytes).toString('base64'));
  return JSON.stringify({
    chain,
    ingress,
    hour,
    at: new Date(at).toISOString(),
    commit,
    hash: h,
    signature: s,
    publicKey: k,
  });
};

/** @throws CommandFailure naming the line that is no head. */
export async function readHeadsFile(path: string): Promise<PublishedHead[]> {
  const lines = (await readFile(path, 'utf8')).split('\n');
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return [];
    try {
      return [headOf(JSON.parse(line) as Record<string, unknown>)];
    } catch {
      throw new CommandFailure(`${path}: line ${index + 1} is no head`);
    }
  });
}

function headOf({
  chain,
  ingress,
  hour,
  at,
  commit,
  hash,
  signature,
  publicKey,
}: Record<string, unknown>): PublishedHead {
  const name = CHAINS.find((known) => known === chain);
  const time = Date.parse(String(at));
  const isHour = typeof hour === 'string' && !Number.isNaN(Date.parse(`${hour}:00Z`));
  if (
    name === undefined ||
    typeof ingress !== 'string' ||
    !isHour ||
    !Number.isSafeInteger(commit) ||
    Number.isNaN(time)
  ) {
    throw new Error('not a head');
  }
  const [h, s, k] = [hash, signature, publicKey].map((text) => new Uint8Array(Buffer.from(String(text), 'base64')));
  if (h?.length !== 32 || s?.length !== 64 || k?.length !== 32) throw new Error('not a head');
  return {
    chain: name,
    ingress,
    hour,
    at: time,
    head: { commit: Number(commit), hash: h, signature: s, publicKey: k },
  };
}

/** Adds what the file does not hold yet, and makes it where there is none. @returns everything that it then holds. */
export async function addToHeadsFile(path: string, heads: readonly PublishedHead[]): Promise<PublishedHead[]> {
  const held = await readHeadsFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const known = new Set(held.map(identityOf));
  const added = heads.filter((head) => !known.has(identityOf(head)));
  await appendFile(path, added.map((head) => `${lineOf(head)}\n`).join(''), { mode: 0o600 });
  return [...held, ...added];
}

const identityOf = ({ chain, ingress, head }: PublishedHead): string =>
  `${chain} ${ingress} ${head.commit} ${Buffer.from(head.signature).toString('base64')}`;
