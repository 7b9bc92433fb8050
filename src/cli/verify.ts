import { join } from 'node:path';
import { loadConfig } from '../config.ts';
import { verifyLedger } from '../state/verify.ts';
import { type Command, EXIT_DONE, EXIT_FAILED, noArguments } from './command.ts';

const PROBLEMS_SHOWN_MAX = 20;

export const verifyCommand: Command = {
  name: 'verify',
  usage: '[--data DIR] [--json]',
  description: `Checks the ledger of a data folder from end to end: every entry, every commit, the chain between them. Works beside
a running service. Exits with 1 where anything does not stand.`,
  options: {
    data: { type: 'string', value: 'DIR', help: 'data folder (default: data)' },
    json: { type: 'boolean', help: 'as one JSON object' },
  },
  async run({ values, positionals, env, terminal }) {
    noArguments(positionals);
    const { dataDir } = loadConfig(env, { data: values.data });
    const result = verifyLedger(join(dataDir, 'ledger'));
    if (values.json === true) {
      await terminal.data(`${JSON.stringify(result)}\n`);
    } else {
      for (const { commit, entry, message } of result.problems.slice(0, PROBLEMS_SHOWN_MAX)) {
        terminal.message(`commit ${commit}${entry === undefined ? '' : `, entry ${entry}`}: ${message}`);
      }
      const verdict = result.ok ? 'stands' : `does not stand: ${result.problems.length} problems`;
      await terminal.data(`${result.entries} entries in ${result.commits} commits: the ledger ${verdict}\n`);
    }
    return result.ok ? EXIT_DONE : EXIT_FAILED;
  },
};
