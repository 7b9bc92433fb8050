import type { Headers } from './orders.ts';
import { templates } from './traffic.ts';

const SERIAL_LENGTH = 8;

interface Template {
  readonly bytes: Buffer;
  /** Where the declaration's serial stands: in its id, and in its MRN. */
  readonly serialsAt: readonly number[];
}

/** The mix as HTTP requests (or as NDJSON lines), each a new declaration: serials are written over in a copy. */
export class Requests {
  private readonly made: Template[];
  private readonly prefix: string;
  private sent = 0;

  /** Every prefix (up to 2 letters or digits) gives other ids. `head` makes what stands before a body. */
  constructor(prefix: string, head: (bodyBytes: number) => string, tail = '') {
    this.prefix = prefix;
    this.made = templates().map((declaration) => {
      const body = JSON.stringify(declaration);
      const serial = declaration.id.slice(-SERIAL_LENGTH);
      const bytes = Buffer.from(`${head(Buffer.byteLength(body))}${body}${tail}`);
      const serialsAt: number[] = [];
      for (let at = bytes.indexOf(serial); at >= 0; at = bytes.indexOf(serial, at + 1)) serialsAt.push(at);
      return { bytes, serialsAt };
    });
  }

  next(): Buffer {
    const { bytes, serialsAt } = this.made[this.sent % this.made.length] as Template;
    const serial =
      this.prefix +
      (this.sent++)
        .toString(36)
        .toUpperCase()
        .padStart(SERIAL_LENGTH - this.prefix.length, '0');
    const copy = Buffer.from(bytes);
    for (const at of serialsAt) copy.write(serial, at, 'latin1');
    return copy;
  }
}

/** Lines of a batch. */
export function ndjsonLines(prefix: string): Requests {
  return new Requests(prefix, () => '', '\n');
}

/** Requests of the single route, as they stand on the wire. */
export function httpRequests(prefix: string, headers: Headers): Requests {
  const own = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return new Requests(
    prefix,
    (bytes) =>
      `POST /v1/declarations HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n${own.join('')}Content-Type: application/json\r\nContent-Length: ${bytes}\r\n\r\n`,
  );
}
