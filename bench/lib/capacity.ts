import { Agent, request } from 'node:http';
import { generate } from '../../src/generate/generate.ts';

const TEMPLATES = 1000;

/** So many connections that each send the next declaration when they have their answer. @returns answers a second. */
export async function closedLoop(url: string, connections: number, seconds: number, seed: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const target = new URL(`${url}/v1/declarations`);
  const made = [...generate({ seed, declarations: TEMPLATES })].map(({ declaration }) => declaration);
  const run = Date.now().toString(36).toUpperCase();
  const until = performance.now() + seconds * 1000;
  let sent = 0;
  let decided = 0;
  const client = async (): Promise<void> => {
    while (performance.now() < until) {
      const number = sent++;
      const id = `C${run}-${number.toString(36).toUpperCase()}`;
      if ((await post(target, agent, JSON.stringify({ ...made[number % made.length], id }))) === 200) decided += 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  agent.destroy();
  return decided / seconds;
}

/** The status; 0 where there is no answer. */
function post(target: URL, agent: Agent, body: string): Promise<number> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const sending = request(target, { method: 'POST', agent, headers }, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer.statusCode ?? 0));
      answer.once('error', () => resolve(0));
    });
    sending.once('error', () => resolve(0));
    sending.end(body);
  });
}
