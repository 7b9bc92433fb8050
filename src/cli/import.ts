import { loadConfig } from '../config.ts';
import { formatOf, type ImportReport, PARTY_FORMATS, type PartyFormat, readParties } from '../parties/import-file.ts';
import { publishParties } from '../parties/publish.ts';
import type { Broker } from '../stream/login.ts';
import { connectAsOperator, findBroker } from './broker.ts';
import { type Command, EXIT_DONE, EXIT_FAILED, type Invocation, textOption, UsageError } from './command.ts';

const REFUSALS_SHOWN_MAX = 50;

export const importCommand: Command = {
  name: 'import',
  usage: 'parties FILE [--format csv|ndjson] [--nats URL] [--data DIR] [--json]',
  description: `Publishes the categories of participants: role, id, category (low, medium, high), and where given
authorisedOperator, openViolations, arrears (KZT). The next decisions follow them. Rows that cannot be used are named
on stderr and do not stop the others; then the exit code is 1.`,
  options: {
    format: { type: 'string', value: 'FORMAT', help: 'csv or ndjson; by default as the name ends' },
    nats: {
      type: 'string',
      value: 'URL',
      help: 'NATS server (default: that of the service running on the data folder)',
    },
    data: { type: 'string', value: 'DIR', help: 'data folder of the running service (default: data)' },
    json: { type: 'boolean', help: 'the report as one JSON object' },
  },
  async run(invocation) {
    const { positionals, values } = invocation;
    const [what, file, ...rest] = positionals;
    if (what !== 'parties') throw new UsageError(`parties is expected, not ${what ?? 'nothing'}`);
    if (file === undefined || rest.length > 0) throw new UsageError('one FILE is expected');
    const { entries, report } = readParties(file, formatGiven(file, textOption(values, 'format')));
    const conn = await connectAsOperator(await brokerOf(invocation), 'import');
    try {
      await publishParties(conn, entries);
    } finally {
      await conn.close();
    }
    await print(file, report, invocation);
    return report.refused > 0 ? EXIT_FAILED : EXIT_DONE;
  },
};

function formatGiven(file: string, given: string | undefined): PartyFormat {
  const format = given === undefined ? formatOf(file) : PARTY_FORMATS.find((known) => known === given);
  if (format == null) throw new UsageError(`${file}: say its format with --format ${PARTY_FORMATS.join('|')}`);
  return format;
}

function brokerOf({ env, values }: Invocation): Promise<Broker> {
  return findBroker(loadConfig(env, { nats: values.nats, data: values.data }));
}

async function print(file: string, report: ImportReport, { values, terminal }: Invocation): Promise<void> {
  if (values.json === true) {
    await terminal.data(`${JSON.stringify(report)}\n`);
    return;
  }
  for (const { row, reason } of report.refusals.slice(0, REFUSALS_SHOWN_MAX)) {
    terminal.message(`${file}: row ${row}: ${reason}`);
  }
  const more = report.refused - Math.min(report.refusals.length, REFUSALS_SHOWN_MAX);
  if (more > 0) terminal.message(`… and ${more} more rows`);
  if (!report.duplicatesChecked) terminal.message('the file is too long to look for rows that stand twice to its end');
  await terminal.data(`${report.rows} rows: ${report.accepted} accepted, ${report.refused} refused\n`);
}
