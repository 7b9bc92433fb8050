import { packageVersion } from '../config.ts';
import { type Command, EXIT_DONE } from './command.ts';

export const versionCommand: Command = {
  name: 'version',
  usage: '[--json]',
  description: 'Prints the version of Corridor and of Node.js.',
  options: { json: { type: 'boolean', help: 'as one JSON object' } },
  async run({ values, terminal }) {
    const version = packageVersion();
    const node = process.versions.node;
    await terminal.data(
      values.json === true ? `${JSON.stringify({ version, node })}\n` : `${version} (Node.js ${node})\n`,
    );
    return EXIT_DONE;
  },
};
