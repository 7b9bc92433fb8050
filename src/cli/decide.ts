import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { loadConfig } from '../config.ts';
import { type Mapping, MappingError, parseMapping } from '../integration/mapping.ts';
import { InputError, type InputFormat, type InputRow, readRows } from '../integration/rows.ts';
import { type Answered, type AnsweredDecision, sendBatch } from './batch-client.ts';
import {
  type Command,
  CommandFailure,
  EXIT_DONE,
  EXIT_FAILED,
  type Invocation,
  type OptionValues,
  type Terminal,
  textOption,
  UsageError,
} from './command.ts';
import { type Authorise, bearerFor, signerOf } from './credentials.ts';
import { withTemporaryService } from './local-service.ts';
import { fetchDecision } from './pending.ts';
import { findRunningService } from './service-file.ts';
import { Tally } from './tally.ts';

const FORMATS: readonly InputFormat[] = ['json', 'ndjson', 'csv'];
/** Faulty rows named one by one; the rest is counted. */
const FAULTS_SHOWN_MAX = 50;

export const decideCommand: Command = {
  name: 'decide',
  usage: 'FILE… [--format json|ndjson|csv] [--mapping FILE] [--url URL] [--quiet] [--json]',
  description: `Sends the declarations of files to a service and prints its decisions, one JSON object a line, in their order.
JSON holds one declaration or a list; NDJSON one a line; CSV one a row, by a mapping file (rules/mappings/cdd.yaml
is one). The service is that of --url, else the one running on the data folder, else a temporary one.
Rows that cannot be decided are named on stderr; then the exit code is 1.`,
  options: {
    format: { type: 'string', value: 'FORMAT', help: 'json, ndjson or csv; by default as the name ends' },
    mapping: { type: 'string', value: 'FILE', help: 'how the columns of a CSV file make a declaration' },
    url: { type: 'string', value: 'URL', help: 'address of the service, such as http://127.0.0.1:8080' },
    data: { type: 'string', value: 'DIR', help: 'data folder of the running service (default: data)' },
    rules: { type: 'string', value: 'DIR', help: 'rules of the temporary service (default: those shipped)' },
    quiet: { type: 'boolean', help: 'no decisions on stdout' },
    json: { type: 'boolean', help: 'the table at the end as one JSON object {"summary": …} on stdout' },
  },
  async run(invocation) {
    const { values, positionals, env, terminal } = invocation;
    if (positionals.length === 0) throw new UsageError('FILE is missing');
    const mapping = await loadMapping(textOption(values, 'mapping'));
    const files = positionals.map((file) => ({ file, format: formatOf(file, values) }));
    if (mapping === null && files.some(({ format }) => format === 'csv')) {
      throw new UsageError('a CSV file needs --mapping FILE');
    }
    const run = (url: string, authorise: Authorise) =>
      decideAll({ url, authorise }, rowsOf(files, mapping), invocation);
    const found = await findService(invocation);
    if (found !== null) return run(found.url, found.authorise);
    terminal.message('no service given or running: starting a temporary one');
    return withTemporaryService({ env, rules: textOption(values, 'rules'), terminal }, (service) =>
      run(service.url, bearerFor(service.devIssuer)),
    );
  },
};

interface Target {
  readonly url: string;
  readonly authorise: Authorise;
}

async function findService({ values, env }: Invocation): Promise<Target | null> {
  const url = textOption(values, 'url');
  if (url !== undefined && !URL.canParse(url)) throw new UsageError(`--url: must be an address, not ${url}`);
  const { dataDir } = loadConfig(env, { data: values.data });
  const running = await findRunningService(dataDir);
  // A token signed with the key of this folder is for the service on it, and for no other to see.
  const isOurs = running !== null && (url === undefined || new URL(url).origin === running.http);
  const authorise = bearerFor(isOurs ? await signerOf(dataDir, running) : null, env);
  const target = url ?? running?.http ?? null;
  return target === null ? null : { url: target, authorise };
}

async function loadMapping(file: string | undefined): Promise<Mapping | null> {
  if (file === undefined) return null;
  try {
    return parseMapping(file, await readFile(file, 'utf8'));
  } catch (error) {
    if (error instanceof MappingError) throw new CommandFailure(error.message, { cause: error });
    throw error;
  }
}

function formatOf(file: string, values: OptionValues): InputFormat {
  const ending = extname(file).slice(1).toLowerCase();
  const name = textOption(values, 'format') ?? (ending === 'jsonl' ? 'ndjson' : ending);
  const format = FORMATS.find((known) => known === name);
  if (format === undefined) throw new UsageError(`${file}: say its format with --format ${FORMATS.join('|')}`);
  return format;
}

async function* rowsOf(
  files: readonly { file: string; format: InputFormat }[],
  mapping: Mapping | null,
): AsyncGenerator<InputRow> {
  for (const { file, format } of files) yield* readRows(file, format, mapping);
}

async function decideAll(target: Target, rows: AsyncIterable<InputRow>, invocation: Invocation): Promise<number> {
  const { values, terminal } = invocation;
  const tally = new Tally();
  const faults = new FaultReport(terminal);
  const progress = setInterval(() => terminal.progress(tally.progress()), 200);
  try {
    for await (const answered of sendBatch(target.url, readable(rows, faults), target.authorise)) {
      const decision = await settled(target, answered, faults);
      if (decision === null) continue;
      tally.add(decision, answered.latencyMs);
      if (values.quiet !== true) await terminal.data(`${JSON.stringify(decision)}\n`);
    }
  } catch (error) {
    if (error instanceof InputError)
      throw new CommandFailure(`${error.message} (${tally.decisions} decided)`, { cause: error });
    throw error;
  } finally {
    clearInterval(progress);
    terminal.progress('');
  }
  faults.end();
  if (values.json === true) await terminal.data(`${JSON.stringify({ summary: summaryOf(tally, faults) })}\n`);
  else
    terminal.message(`\n${tally.table()}${faults.count > 0 ? `\nnot decided              ${faults.count} rows` : ''}`);
  return faults.count > 0 ? EXIT_FAILED : EXIT_DONE;
}

function summaryOf(tally: Tally, faults: FaultReport) {
  return { declarations: tally.decisions, failed: faults.count, corridors: tally.corridors, ...tally.summary() };
}

/** The rows that can be sent; the others are reported. */
async function* readable(
  rows: AsyncIterable<InputRow>,
  faults: FaultReport,
): AsyncGenerator<InputRow & { readonly json: string }> {
  for await (const row of rows) {
    const { json } = row;
    if (json !== null) yield { ...row, json };
    else
      faults.add(
        row,
        row.faults.map(({ column, message }) => (column === null ? message : `${column} ${message}`)),
      );
  }
}

/** The decision, waited for where it was not ready; null where there is a problem instead. */
async function settled(
  { url, authorise }: Target,
  { sent, answer }: Answered<InputRow>,
  faults: FaultReport,
): Promise<AnsweredDecision | null> {
  if ('problem' in answer) {
    const { detail, faults: found } = answer.problem;
    faults.add(sent, found.length > 0 ? found.map(({ pointer, message }) => `${pointer} ${message}`) : [detail]);
    return null;
  }
  if (!('pending' in answer)) return answer;
  const decision = await fetchDecision(url, answer.pending.location, authorise);
  if (decision === null) faults.add(sent, ['is not decided yet; ask for its decision later']);
  return decision;
}

/** Names what is wrong with rows on stderr, up to a bound, and counts all of them. */
class FaultReport {
  count = 0;
  private readonly terminal: Terminal;

  constructor(terminal: Terminal) {
    this.terminal = terminal;
  }

  add({ file, row, line }: InputRow, texts: readonly string[]): void {
    this.count++;
    if (this.count > FAULTS_SHOWN_MAX) return;
    const place = line === null ? `row ${row}` : `row ${row} (line ${line})`;
    this.terminal.message(`${file}: ${place}: ${texts.join('; ')}`);
  }

  end(): void {
    if (this.count > FAULTS_SHOWN_MAX) this.terminal.message(`… and ${this.count - FAULTS_SHOWN_MAX} more rows`);
  }
}
