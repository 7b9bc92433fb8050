import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { sendBatch } from '../../src/cli/batch-client.ts';
import { bearerFor } from '../../src/cli/credentials.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function* rows(
  count: number,
  onRow: (n: number) => void = () => {},
): AsyncGenerator<{ json: string; n: number }> {
  for (let n = 1; n <= count; n++) {
    onRow(n);
    yield { json: `{"id":"${n}"}`, n };
  }
}

/** Answers each line when it comes, with its id. */
const echo: RequestListener = async (request, response) => {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  for await (const line of createInterface({ input: request })) {
    response.write(`${JSON.stringify({ line: 1, declarationId: JSON.parse(line).id })}\n`);
  }
  response.end();
};

async function collect(url: string, source: AsyncIterable<{ json: string; n: number }>): Promise<number[]> {
  const answered: number[] = [];
  for await (const { sent, answer, latencyMs } of sendBatch(url, source, bearerFor(null))) {
    expect(answer).toEqual({ declarationId: String(sent.n) });
    expect(latencyMs).toBeGreaterThanOrEqual(0);
    answered.push(sent.n);
  }
  return answered;
}

describe('the client of the batch route', () => {
  it('gives every answer to the line that it belongs to, in order', async () => {
    const answered = await collect(await serve(echo), rows(5000));
    expect(answered).toEqual(Array.from({ length: 5000 }, (_, index) => index + 1));
  });

  it('sends nothing and ends where there is nothing to send', async () => {
    expect(await collect(await serve(echo), rows(0))).toEqual([]);
  });

  it('has a bounded number of lines under way, however slow the service is', async () => {
    let released = () => {};
    const go = new Promise<void>((resolve) => {
      released = resolve;
    });
    const url = await serve(async (request, response) => {
      await go;
      await echo(request, response);
    });
    let read = 0;
    const answered = collect(
      url,
      rows(1000, (n) => {
        read = n;
      }),
    );
    await delay(100);
    expect(read).toBeGreaterThan(1);
    expect(read).toBeLessThan(300);
    released();
    expect(await answered).toHaveLength(1000);
  });

  it('says what the service said where it refuses', async () => {
    const url = await serve((_, response) => response.writeHead(503).end('{"title":"Too many"}'));
    await expect(collect(url, rows(1000))).rejects.toThrow('answered 503: {"title":"Too many"}');
  });

  it('fails where nobody listens', async () => {
    await expect(collect('http://127.0.0.1:1', rows(10))).rejects.toThrow('cannot be reached');
  });

  it('fails where the service goes away in the middle', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200).write('{"line":1,"declarationId":"1"}\n');
      setTimeout(() => response.destroy(), 20);
    });
    await expect(collect(url, rows(1000))).rejects.toThrow('cannot be reached');
  });

  it('fails where the answer ends before everything is answered', async () => {
    const url = await serve((_, response) => response.writeHead(200).end('{"line":1,"declarationId":"1"}\n'));
    await expect(collect(url, rows(3))).rejects.toThrow(/unanswered|cannot be reached/);
  });

  it('passes on a failure to read the input, after the answers to what was sent', async () => {
    async function* broken(): AsyncGenerator<{ json: string; n: number }> {
      yield* rows(3);
      throw new Error('the file ends in the middle');
    }
    const answered: number[] = [];
    const url = await serve(echo);
    const reading = (async () => {
      for await (const { sent } of sendBatch(url, broken(), bearerFor(null))) answered.push(sent.n);
    })();
    await expect(reading).rejects.toThrow('the file ends in the middle');
    expect(answered).toEqual([1, 2, 3]);
  });
});
