import { Agent, type ClientRequest, request as open } from 'node:http';
import { interval, median } from './stats.ts';

export interface TimedRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
  readonly type?: string;
}

/** What is compared: requests of the one kind and of the other, by the number of the round. */
export interface Comparison {
  readonly what: string;
  readonly status: number;
  readonly one: (round: number) => TimedRequest;
  /** Nothing about it differs from `one`. */
  readonly equal: (round: number) => TimedRequest;
  readonly other: (round: number) => TimedRequest;
}

/** Differences from `one`, of the same round, in µs: median with an interval of 95 %. */
export interface Differences {
  readonly what: string;
  readonly medianUs: number;
  readonly equal: Spread;
  readonly other: Spread;
  /** Whether the two intervals overlap. */
  readonly withinNoise: boolean;
}

interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** One keep-alive connection to the service. */
export class TimedConnection {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #url: string;
  readonly #tokens: readonly string[];

  /** @param tokens Of several who see the same: of one alone so many requests would be too many. */
  constructor(url: string, tokens: readonly string[]) {
    this.#url = url;
    this.#tokens = tokens;
  }

  /** Microseconds from sending the request to the end of its answer. @throws where the answer is another. */
  time({ method, path, body = '', type = 'application/json' }: TimedRequest, status: number, who = 0): Promise<number> {
    return new Promise((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${this.#tokens[who % this.#tokens.length]}`,
        ...(method === 'POST' ? { 'content-type': type, 'content-length': Buffer.byteLength(body) } : {}),
      };
      const sent: ClientRequest = open(`${this.#url}${path}`, { method, headers, agent: this.#agent });
      let started = 0;
      sent.once('error', reject).once('response', (response) => {
        response.resume().once('end', () => {
          if (response.statusCode === status) resolve((performance.now() - started) * 1000);
          else reject(new Error(`${method} ${path}: ${response.statusCode}, not ${status}`));
        });
      });
      started = performance.now();
      sent.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

const ORDERS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;

/** Microseconds of the three, by round. */
export type Took = readonly [number[], number[], number[]];

/** In each round all three are sent, one after the other, in every order equally often. */
export async function measure(
  connection: TimedConnection,
  { status, one, equal, other }: Comparison,
  rounds: number,
  warmUp: number,
): Promise<Took> {
  const took: Took = [[], [], []];
  const kinds = [one, equal, other] as const;
  for (let round = 0; round < warmUp + rounds; round++) {
    for (const kind of ORDERS[round % ORDERS.length] ?? ORDERS[0]) {
      const us = await connection.time(kinds[kind](round), status, round);
      if (round >= warmUp) took[kind].push(us);
    }
  }
  return took;
}

export function differencesOf(what: string, took: Took): Differences {
  const from = (times: readonly number[]) => spreadOf(times.map((us, round) => us - (took[0][round] ?? 0)));
  const [equals, others] = [from(took[1]), from(took[2])];
  const withinNoise = others.low <= equals.high && equals.low <= others.high;
  process.stderr.write(`${what}: ${textOf(equals)} equal, ${textOf(others)} different${withinNoise ? '' : ' !'}\n`);
  return { what, medianUs: median(took[0]), equal: equals, other: others, withinNoise };
}

function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), ...interval(values) };
}

export function textOf({ median: middle, low, high }: Spread): string {
  return `${middle.toFixed(1)} (${low.toFixed(1)} to ${high.toFixed(1)})`;
}
