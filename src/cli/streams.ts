import { type Config, loadConfig } from '../config.ts';
import type { StreamConnection } from '../stream/connection.ts';
import { forgetPositions, readPositions } from '../stream/positions.ts';
import { streamState } from '../stream/state.ts';
import { STREAM_NAMES } from '../stream/streams.ts';
import { connectAsOperator, findBroker } from './broker.ts';
import { type Command, CommandFailure, EXIT_DONE, type Invocation, UsageError } from './command.ts';
import { round } from './tally.ts';

export const streamsCommand: Command = {
  name: 'streams',
  usage: '[forget NODE] [--data DIR] [--nats URL] [--json]',
  description: `Prints what each stream holds, and how far each node has taken DECISIONS in: nothing goes that one of them still
needs. forget takes a node that is gone for good off that list; one that comes back all the same misses decisions.`,
  options: {
    data: { type: 'string', value: 'DIR', help: 'data folder of the running service (default: data)' },
    nats: { type: 'string', value: 'URL', help: 'NATS server, where it is not that of the running service' },
    json: { type: 'boolean', help: 'as one JSON object' },
  },
  async run(invocation) {
    const { values, positionals, env } = invocation;
    const [what, node, ...rest] = positionals;
    if (rest.length > 0 || (what !== undefined && (what !== 'forget' || node === undefined))) {
      throw new UsageError('nothing, or forget NODE is expected');
    }
    const conn = await connect(loadConfig(env, { data: values.data, nats: values.nats }));
    try {
      if (node === undefined) await show(conn, invocation);
      else if (!(await forgetPositions(conn, node))) throw new CommandFailure(`${node} is not known`);
      return EXIT_DONE;
    } finally {
      await conn.close();
    }
  },
};

async function connect(config: Config): Promise<StreamConnection> {
  return connectAsOperator(await findBroker(config), 'streams');
}

async function show(conn: StreamConnection, { values, terminal }: Invocation): Promise<void> {
  const streams = await Promise.all(
    STREAM_NAMES.map(async (name) => {
      const { firstSequence, lastSequence, messages, bytes, maxBytes } = await streamState(conn, name);
      return { name, firstSequence, lastSequence, messages, bytes, maxBytes };
    }),
  );
  const nodes = (await readPositions(conn)).map(({ node, at, positions }) => {
    const sequence = Math.min(...positions.map((position) => position.sequence));
    return { node, heard: new Date(at).toISOString(), sequence };
  });
  if (values.json === true) {
    await terminal.data(`${JSON.stringify({ streams, nodes })}\n`);
    return;
  }
  for (const { name, firstSequence, lastSequence, messages, bytes, maxBytes } of streams) {
    const share = round((bytes * 100) / maxBytes, 1);
    await terminal.data(
      `${name.padEnd(13)} ${messages} messages, ${firstSequence} to ${lastSequence}, ${bytes} bytes, ${share} % full\n`,
    );
  }
  for (const { node, heard, sequence } of nodes) {
    await terminal.data(`${node.padEnd(24)} has DECISIONS up to ${sequence}, heard of at ${heard}\n`);
  }
}
