import { Agent, request } from 'node:http';
import type { Headers } from './orders.ts';
import { ndjsonLines } from './requests.ts';

/** Where, who asks, and the beginning of the ids: one that no other run on the same service has. */
export interface Sending {
  readonly url: string;
  readonly headers: Headers;
  readonly ids: string;
}

/** So many connections that each send the next declaration when they have their answer. @returns answers a second. */
export async function closedLoop(
  { url, headers, ids }: Sending,
  connections: number,
  seconds: number,
): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const target = new URL(`${url}/v1/declarations`);
  const bodies = ndjsonLines(ids);
  const until = performance.now() + seconds * 1000;
  let decided = 0;
  const client = async (): Promise<void> => {
    while (performance.now() < until) {
      if ((await post(target, agent, headers, bodies.next())) === 200) decided += 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  agent.destroy();
  return decided / seconds;
}

/** The status; 0 where there is no answer. */
function post(target: URL, agent: Agent, credentials: Headers, body: Buffer): Promise<number> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/json', 'content-length': body.length, ...credentials };
    const sending = request(target, { method: 'POST', agent, headers }, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer.statusCode ?? 0));
      answer.once('error', () => resolve(0));
    });
    sending.once('error', () => resolve(0));
    sending.end(body);
  });
}
