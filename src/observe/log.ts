import { type Logger, pino, stdTimeFunctions } from 'pino';

export type { Logger } from 'pino';

/**
 * For official use only, wherever it stands in what is logged. Log calls name what they need (request id, identity,
 * sequence); this is the net below them.
 */
const CONFIDENTIAL = [
  'reasons',
  'score',
  'category',
  'profile',
  'profiles',
  'measures',
  'facts',
  'declaration',
  'record',
  'draw',
  'authorization',
  'cookie',
];

/** JSON lines on stderr: stdout is for data. The request id stands in `trace` on every line that follows a message. */
export function createLog(level: string, destination?: { write(line: string): void }): Logger {
  const options = {
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    redact: { paths: CONFIDENTIAL.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[confidential]' },
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return destination === undefined ? pino(options, pino.destination(2)) : pino(options, destination);
}
