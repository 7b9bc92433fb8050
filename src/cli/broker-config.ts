import { loadConfig } from '../config.ts';
import { brokerConfig, certificateConfig, ensureBrokerKeys, passwordConfig } from '../stream/broker-config.ts';
import { type Command, EXIT_DONE, noArguments, textOption, UsageError } from './command.ts';
import { brokerKeysDir } from './nats-server.ts';

const KINDS = ['nkeys', 'passwords', 'certificates'] as const;

export const brokerConfigCommand: Command = {
  name: 'broker-config',
  usage: '[--users nkeys|passwords|certificates] [--data DIR]',
  description: `Prints the block of a NATS server's configuration that lets Corridor's roles in, each with the subjects it needs and
no others. With nkeys the seeds stand in keys/nats of the data folder, and are made there if they are missing; with
passwords the server takes them from its environment; with certificates they name their user (CN=ingress, verify_and_map).`,
  options: {
    users: { type: 'string', value: 'KIND', help: `${KINDS.join(', ')} (default: nkeys)` },
    data: { type: 'string', value: 'DIR', help: 'data folder (default: data)' },
  },
  async run({ values, positionals, env, terminal }) {
    noArguments(positionals);
    const given = textOption(values, 'users') ?? 'nkeys';
    const kind = KINDS.find((known) => known === given);
    if (kind === undefined) throw new UsageError(`--users: must be one of ${KINDS.join(', ')}, not ${given}`);
    const { dataDir } = loadConfig(env, { data: values.data });
    await terminal.data(blockOf(kind, dataDir));
    return EXIT_DONE;
  },
};

function blockOf(kind: (typeof KINDS)[number], dataDir: string): string {
  if (kind === 'passwords') return passwordConfig();
  if (kind === 'certificates') return certificateConfig();
  return brokerConfig(ensureBrokerKeys(brokerKeysDir(dataDir)));
}
