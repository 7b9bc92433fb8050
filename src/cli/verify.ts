import { join } from 'node:path';
import { loadConfig } from '../config.ts';
import { verifyArchives } from '../state/ledger-archive.ts';
import { verifyLedger } from '../state/verify.ts';
import { type Command, EXIT_DONE, EXIT_FAILED } from './command.ts';

const PROBLEMS_SHOWN_MAX = 20;

export const verifyCommand: Command = {
  name: 'verify',
  usage: '[ARCHIVE…] [--data DIR] [--json]',
  description: `Checks the ledger of a data folder from end to end: every entry, every commit, the chain between them; from its
signed checkpoint on where older ones have left it. Archives of those, oldest first, are checked up to there. Works beside
a running service. Exits with 1 where anything does not stand.`,
  options: {
    data: { type: 'string', value: 'DIR', help: 'data folder (default: data)' },
    json: { type: 'boolean', help: 'as one JSON object' },
  },
  async run({ values, positionals, env, terminal }) {
    const { dataDir } = loadConfig(env, { data: values.data });
    const dir = join(dataDir, 'ledger');
    const result = verifyLedger(dir);
    const archives = await verifyArchives(dir, positionals);
    const ok = result.ok && archives.length === 0;
    if (values.json === true) {
      await terminal.data(`${JSON.stringify({ ...result, ok, archives })}\n`);
    } else {
      for (const { commit, entry, message } of result.problems.slice(0, PROBLEMS_SHOWN_MAX)) {
        terminal.message(`commit ${commit}${entry === undefined ? '' : `, entry ${entry}`}: ${message}`);
      }
      for (const problem of archives.slice(0, PROBLEMS_SHOWN_MAX)) terminal.message(problem);
      const verdict = result.ok ? 'stands' : `does not stand: ${result.problems.length} problems`;
      await terminal.data(
        `entries up to ${result.entries}, commits ${result.start + 1} to ${result.commits}: the ledger ${verdict}\n`,
      );
    }
    return ok ? EXIT_DONE : EXIT_FAILED;
  },
};
