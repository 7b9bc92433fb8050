import { rm } from 'node:fs/promises';
import { connect } from 'nats';
import { expect, test } from 'vitest';
import { startNats } from './nats.ts';

test('a server survives kill -9 with its streams, and can be rolled back and emptied', async () => {
  const server = await startNats();
  try {
    let nc = await connect({ servers: server.url });
    await (await nc.jetstreamManager()).streams.add({ name: 'S', subjects: ['s'] });
    await nc.jetstream().publish('s');
    const copy = await server.copyStore();
    await nc.jetstream().publish('s');
    await nc.close();

    const count = async (): Promise<number> => {
      nc = await connect({ servers: server.url });
      const streams = await (await nc.jetstreamManager()).streams.list().next();
      await nc.close();
      return streams[0]?.state.messages ?? -1;
    };
    await server.restart();
    expect(await count()).toBe(2);
    await server.rollBack(copy);
    expect(await count()).toBe(1);
    await server.rollBack(null);
    expect(await count()).toBe(-1);
    await rm(copy, { recursive: true });
  } finally {
    await server.close();
  }
});
