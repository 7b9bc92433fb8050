import { inflateRawSync } from 'node:zlib';

/** The bytes are no archive that can be read, or it holds more than it may. */
export class ArchiveError extends Error {}

export interface ArchiveBounds {
  readonly entriesMax: number;
  /** Of one entry, inflated. */
  readonly entryBytesMax: number;
}

const END_OF_DIRECTORY = 0x06054b50;
const END_BYTES = 22;
const COMMENT_BYTES_MAX = 0xffff;
const DIRECTORY_ENTRY = 0x02014b50;
const DIRECTORY_ENTRY_BYTES = 46;
const LOCAL_HEADER = 0x04034b50;
const LOCAL_HEADER_BYTES = 30;
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED = 1;

interface Entry {
  readonly method: number;
  readonly flags: number;
  readonly compressedBytes: number;
  readonly at: number;
}

/**
 * A zip archive (APPNOTE 6.3, without ZIP64 and encryption), read by its directory. Nothing is inflated before it is
 * asked for, and then no further than its bound, whatever the archive says about itself.
 */
export class Archive {
  readonly #bytes: Buffer;
  readonly #bounds: ArchiveBounds;
  readonly #entries = new Map<string, Entry>();

  /** @throws ArchiveError */
  constructor(bytes: Buffer, bounds: ArchiveBounds) {
    this.#bytes = bytes;
    this.#bounds = bounds;
    const end = this.#findEnd();
    const count = bytes.readUInt16LE(end + 10);
    if (count > bounds.entriesMax) throw new ArchiveError(`has ${count} parts; the limit is ${bounds.entriesMax}`);
    let at = bytes.readUInt32LE(end + 16);
    for (let index = 0; index < count; index++) at = this.#readEntry(at);
  }

  /** The text of an entry as UTF-8; null where there is none of this name. @throws ArchiveError */
  text(name: string): string | null {
    const entry = this.#entries.get(name);
    if (entry === undefined) return null;
    if ((entry.flags & ENCRYPTED) !== 0) throw new ArchiveError('is encrypted');
    const header = this.#part(entry.at, LOCAL_HEADER_BYTES);
    if (header.readUInt32LE(0) !== LOCAL_HEADER) throw new ArchiveError(`${name} is not where the directory says`);
    const from = entry.at + LOCAL_HEADER_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
    return new TextDecoder().decode(this.#inflated(name, entry, this.#part(from, entry.compressedBytes)));
  }

  #inflated(name: string, { method }: Entry, packed: Buffer): Buffer {
    const { entryBytesMax } = this.#bounds;
    const tooLarge = `${name} has more than ${entryBytesMax} bytes`;
    if (method === STORED) {
      if (packed.length > entryBytesMax) throw new ArchiveError(tooLarge);
      return packed;
    }
    if (method !== DEFLATED) throw new ArchiveError(`${name} is packed in a way that is not read (${method})`);
    try {
      return inflateRawSync(packed, { maxOutputLength: entryBytesMax });
    } catch (cause) {
      const isLarge = (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
      throw new ArchiveError(isLarge ? tooLarge : `${name} is damaged`, { cause });
    }
  }

  /** The last record of the file, behind which only a comment stands. */
  #findEnd(): number {
    const bytes = this.#bytes;
    const first = Math.max(0, bytes.length - END_BYTES - COMMENT_BYTES_MAX);
    for (let at = bytes.length - END_BYTES; at >= first; at--) {
      if (bytes.readUInt32LE(at) === END_OF_DIRECTORY) return at;
    }
    throw new ArchiveError('is no archive');
  }

  /** Gives where the next entry of the directory stands. */
  #readEntry(at: number): number {
    const head = this.#part(at, DIRECTORY_ENTRY_BYTES);
    if (head.readUInt32LE(0) !== DIRECTORY_ENTRY) throw new ArchiveError('has a damaged directory');
    const nameBytes = head.readUInt16LE(28);
    const name = this.#part(at + DIRECTORY_ENTRY_BYTES, nameBytes).toString('utf8');
    this.#entries.set(name, {
      flags: head.readUInt16LE(8),
      method: head.readUInt16LE(10),
      compressedBytes: head.readUInt32LE(20),
      at: head.readUInt32LE(42),
    });
    return at + DIRECTORY_ENTRY_BYTES + nameBytes + head.readUInt16LE(30) + head.readUInt16LE(32);
  }

  #part(from: number, length: number): Buffer {
    if (from + length > this.#bytes.length) throw new ArchiveError('is cut off');
    return this.#bytes.subarray(from, from + length);
  }
}
