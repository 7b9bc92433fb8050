import { generateCommand as generate } from '../generate/command.ts';
import { DEFAULT_DAYS, DEFAULT_FROM } from '../generate/generate.ts';
import { type Command, EXIT_DONE, integerOption, noArguments, textOption, UsageError } from './command.ts';

const DECLARATIONS_MAX = 100_000_000;

export const generateCommand: Command = {
  name: 'generate',
  usage: '--declarations N [--seed S] [--from DATE] [--days N] [--truth FILE] [--parties FILE]',
  description: `Prints generated declarations as NDJSON, in order of time. The same options give the same declarations.
A share of them holds planted schemes and honest errors; which ones goes into --truth, for whoever measures.`,
  options: {
    declarations: { type: 'string', value: 'N', help: 'how many' },
    seed: { type: 'string', value: 'S', help: 'number or text (default: 1)' },
    from: { type: 'string', value: 'DATE', help: `first day (default: ${DEFAULT_FROM})` },
    days: { type: 'string', value: 'N', help: `days to spread them over (default: ${DEFAULT_DAYS})` },
    truth: { type: 'string', value: 'FILE', help: 'NDJSON: what is wrong with which declaration' },
    parties: { type: 'string', value: 'FILE', help: 'CSV of the participants, for corridor import parties' },
    json: { type: 'boolean', help: 'the output is JSON in any case' },
  },
  async run({ values, positionals, terminal }) {
    noArguments(positionals);
    const declarations = integerOption(values, 'declarations', 0, DECLARATIONS_MAX);
    if (declarations === undefined) throw new UsageError('--declarations N is missing');
    const days = integerOption(values, 'days', 1, 3660);
    const from = textOption(values, 'from');
    if (from !== undefined && Number.isNaN(Date.parse(from)))
      throw new UsageError(`--from: must be a date, not ${from}`);
    const [truth, parties] = [textOption(values, 'truth'), textOption(values, 'parties')];
    await generate(
      {
        declarations,
        seed: textOption(values, 'seed') ?? '1',
        ...(from !== undefined && { from }),
        ...(days !== undefined && { days }),
        ...(truth !== undefined && { truth }),
        ...(parties !== undefined && { parties }),
      },
      terminal.stdout,
      terminal.stderr,
    );
    return EXIT_DONE;
  },
};
