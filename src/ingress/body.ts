import { isAscii } from 'node:buffer';
import { Decoder } from '@msgpack/msgpack';
import { CorridorError } from '../errors.ts';
import { BODY_BYTES_MAX, ITEMS_MAX } from '../limits.ts';
import { faultOfMessagePack } from './scan.ts';

/** Formats of a single body, and what each is called in Content-Type and Accept. The first name is answered with. */
export const FORMATS = {
  json: ['application/json'],
  msgpack: ['application/msgpack', 'application/vnd.msgpack', 'application/x-msgpack'],
} as const;
export type Format = keyof typeof FORMATS;

export const NDJSON_TYPES = ['application/x-ndjson', 'application/ndjson', 'application/jsonl'] as const;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** @throws CorridorError `malformed_body` */
export function readJson(bytes: Uint8Array): unknown {
  if (bytes.byteLength === 0) throw malformed('The body is empty');
  let text: string;
  try {
    text = isAscii(bytes) ? asBuffer(bytes).toString('latin1') : utf8.decode(bytes);
  } catch (cause) {
    throw malformed('The body is not UTF-8', cause);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw malformed(`The body is not JSON: ${jsonFault(cause)}`, cause);
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The parser's message without the piece of the body that it quotes. */
function jsonFault(error: unknown): string {
  const message = error instanceof Error ? error.message : 'it cannot be parsed';
  return message.replace(/, .*is not valid JSON$/s, '').slice(0, 200);
}

const decoder = new Decoder({ maxStrLength: BODY_BYTES_MAX, maxArrayLength: BODY_BYTES_MAX, maxMapLength: ITEMS_MAX });

/**
 * The structure is checked first: the decoder allocates what a header declares, so that a few bytes could ask for
 * gigabytes.
 * @throws CorridorError `malformed_body`
 */
export function readMessagePack(bytes: Uint8Array): unknown {
  const fault = faultOfMessagePack(bytes);
  if (fault !== null) throw malformed(`The body is not MessagePack of plain values: ${fault}`);
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message.slice(0, 200) : 'it cannot be decoded';
    throw malformed(`The body is not MessagePack of plain values: ${message}`, cause);
  }
}

function malformed(detail: string, cause?: unknown): CorridorError {
  return new CorridorError('malformed_body', detail, { cause });
}

/** What to answer in: MessagePack where the client prefers it over JSON by name, else JSON. */
export function answerFormat(accept: string | undefined): Format {
  if (accept === undefined || !accept.includes('msgpack')) return 'json';
  return weightOf(accept, FORMATS.msgpack) >= weightOf(accept, FORMATS.json) ? 'msgpack' : 'json';
}

/** Largest quality that an Accept header gives to one of these names; wildcards do not count. */
function weightOf(accept: string, names: readonly string[]): number {
  let most = 0;
  for (const part of accept.slice(0, 1000).split(',')) {
    const [name = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    if (!names.includes(name)) continue;
    const quality = parameters.find((parameter) => parameter.startsWith('q='));
    most = Math.max(most, quality === undefined ? 1 : Number(quality.slice(2)) || 0);
  }
  return most;
}
