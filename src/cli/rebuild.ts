import { once } from 'node:events';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type Config, loadConfig } from '../config.ts';
import { ledgerSource, rebuildModels, type SourceMessage } from '../projections/rebuild.ts';
import { chainExists } from '../state/chain-store.ts';
import { lockFolder } from '../state/folder-lock.ts';
import { openLedger } from '../state/ledger.ts';
import type { StreamConnection } from '../stream/connection.ts';
import { namedBroker } from '../stream/login.ts';
import { type TailMessage, tail } from '../stream/tail.ts';
import { ensureTopology } from '../stream/topology.ts';
import { open } from '../wire/envelope.ts';
import { connectAsOperator } from './broker.ts';
import { type Command, EXIT_DONE, noArguments, type Terminal } from './command.ts';
import { startNatsServer } from './nats-server.ts';

export const rebuildCommand: Command = {
  name: 'rebuild',
  usage: '[--data DIR] [--nats URL] [--json]',
  description: `Deletes the read models of a data folder and makes them anew from ledger and streams, with the same values. The
service on this folder must be stopped.`,
  options: {
    data: { type: 'string', value: 'DIR', help: 'data folder (default: data)' },
    nats: {
      type: 'string',
      value: 'URL',
      help: 'NATS server; without it one is started on the store of the data folder',
    },
    json: { type: 'boolean', help: 'as one JSON object' },
  },
  async run({ values, positionals, env, terminal }) {
    noArguments(positionals);
    const config = loadConfig(env, { data: values.data, nats: values.nats });
    const lock = lockFolder(config.dataDir);
    try {
      const applied = await withStreams(config, terminal, (conn) =>
        rebuildModels(join(config.dataDir, 'models'), sources(config.dataDir, conn, terminal)),
      );
      const text = values.json === true ? JSON.stringify({ applied }) : `read models made from ${applied} messages`;
      await terminal.data(`${text}\n`);
      return EXIT_DONE;
    } finally {
      lock.release();
    }
  },
};

async function withStreams<T>(
  config: Config,
  terminal: Terminal,
  use: (conn: StreamConnection) => Promise<T>,
): Promise<T> {
  const message = (text: string) => terminal.message(text);
  const { natsUrl, dataDir } = config;
  const nats = natsUrl === null ? await startNatsServer({ dataDir, preferredPort: 0, message }) : null;
  try {
    const broker = nats ?? namedBroker(config);
    const conn = await connectAsOperator(broker, 'rebuild');
    try {
      await ensureTopology(conn);
      return await use(conn);
    } finally {
      await conn.close();
    }
  } finally {
    await nats?.stop();
  }
}

/** The ledger first, for what is older than the streams keep. */
async function* sources(dataDir: string, conn: StreamConnection, terminal: Terminal): AsyncGenerator<SourceMessage> {
  let count = 0;
  const counted = (message: SourceMessage): SourceMessage => {
    if (++count % 100 === 0) terminal.progress(`${count} messages`);
    return message;
  };
  for (const message of kept(dataDir)) yield counted(message);
  for await (const { sequence, created, storedAt, data } of everything(conn, 'DECISIONS')) {
    yield counted({ stream: 'DECISIONS', sequence, created, storedAt, entries: open('decisions.made', data).body });
  }
  for await (const { sequence, created, storedAt, data } of everything(conn, 'PARTIES')) {
    const { at, by, body } = open('parties.categorised', data);
    yield counted({ stream: 'PARTIES', sequence, created, storedAt, at, by, entries: body });
  }
  terminal.progress('');
}

function* kept(dataDir: string): Generator<SourceMessage> {
  const dir = join(dataDir, 'ledger');
  if (!chainExists(dir)) return;
  const ledger = openLedger(dir, { readOnly: true });
  try {
    yield* ledgerSource(ledger);
  } finally {
    void ledger.close();
  }
}

/** What the stream holds now, from its first message, with no more of it in memory than is asked for. */
async function* everything(conn: StreamConnection, stream: 'DECISIONS' | 'PARTIES'): AsyncGenerator<TailMessage> {
  const channel = new PassThrough({ objectMode: true, highWaterMark: 4 });
  const follower = tail(conn, stream, `${stream.toLowerCase()}.>`, null, async (messages) => {
    if (!channel.write(messages)) await once(channel, 'drain');
  });
  void follower.caughtUp().then(() => channel.end());
  try {
    for await (const messages of channel) yield* messages as readonly TailMessage[];
  } finally {
    channel.destroy();
    await follower.stop();
  }
}
