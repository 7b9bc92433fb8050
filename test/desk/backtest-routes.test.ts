import fastify from 'fastify';
import { expect, it } from 'vitest';
import { registerBacktestRoutes } from '../../src/desk/backtest-routes.ts';
import { fixtureBundle } from '../helpers/policy.ts';

function latch<T>() {
  let open!: (value: T) => void;
  const opened = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

/** What the routes do is in trial-routes.test.ts, on a whole service. Here: what nobody sees from outside of it. */
it('a live backtest ends when whoever asked for it has gone', async () => {
  const bundle = fixtureBundle();
  const server = fastify({ forceCloseConnections: true });
  server.decorateRequest('access', null);
  server.addHook('onRequest', async (request) => {
    request.access = { principal: { subject: 'ana', roles: ['expert'], scopes: null }, rights: [] } as never;
  });
  const begun = latch<void>();
  const over = latch<string>();
  registerBacktestRoutes(server, {
    versions: { active: () => ({ version: 'v1' }), bundle: () => Promise.resolve(bundle) },
    live: {
      run: (who: string, _before: unknown, _after: unknown, _tell: unknown, gone: AbortSignal) => {
        begun.open();
        return new Promise((_, reject) => {
          gone.addEventListener('abort', () => {
            over.open(who);
            reject(gone.reason as Error);
          });
        });
      },
    },
  } as never);
  const url = await server.listen({ port: 0 });
  const leaves = new AbortController();
  const headers = { 'content-type': 'application/json' };
  const asked = fetch(`${url}/v1/backtests/live`, { method: 'POST', body: '{}', headers, signal: leaves.signal });
  asked.catch(() => undefined);
  await begun.opened;
  leaves.abort();
  expect(await over.opened).toBe('ana');
  await server.close();
});
