import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { devUser } from '../src/access/dev-users.ts';
import type { Role } from '../src/access/roles.ts';
import { newestRows } from '../src/backtest/history.ts';
import { redecide } from '../src/backtest/redecide.ts';
import { reportOf } from '../src/backtest/report.ts';
import { BacktestThreads, countAll, partsOfLedger } from '../src/backtest/run.ts';
import { rowsOf } from '../src/backtest/segment.ts';
import { segmentsOf } from '../src/backtest/thread.ts';
import { createTerminal } from '../src/cli/command.ts';
import { runCommandLine } from '../src/cli/command-line.ts';
import { CORRIDORS, type Corridor } from '../src/core/corridor.ts';
import { decide } from '../src/core/decide.ts';
import type { Facts } from '../src/core/facts.ts';
import type { DeclarationInput } from '../src/core/normalise.ts';
import { bundleVersion, type PolicyBundle } from '../src/profiles/bundle.ts';
import { buildPolicy } from '../src/profiles/policy.ts';
import { openLedger } from '../src/state/ledger.ts';
import {
  expected,
  HELD,
  HIGH_RISK_PARTY,
  MATRIX_POLICY,
  PARTY_OF_ROAD,
  ROWS,
  type Row,
  shown,
} from './helpers/decision-matrix.ts';
import { declaration, declarationInput, neutralFacts } from './helpers/declaration.ts';
import { type Started, startWith } from './helpers/started.ts';
import { until } from './helpers/until.ts';

/**
 * One table of decisions (helpers/decision-matrix.ts) over every road that decides:
 *
 *   one by one ─┐                           ┌─ shadow: as it comes in, beside the same policy and another one
 *   in batches ─┼→ whole service → ledger →─┼─ backtest: as a job, while somebody edits, in threads as the command does
 *   by a share ─┘                           └─ replay
 *
 * and, without any of it, the core alone.
 */
const rows = Object.entries(ROWS);
const version = bundleVersion(MATRIX_POLICY);
const policy = buildPolicy(MATRIX_POLICY);
/** Of the default declaration, and of nearly every row. */
const OFFICE = declarationInput().office;

let folder: string;
let started: Started;
/** Follows everything from the start, under the policy that decides. */
let shadow: string;
/** Declarations that the service was asked, by id, and the rows that they are: for what starts from the ledger. */
const sent = new Map<string, { readonly row: Row; readonly version: number }>();

interface Answer {
  readonly declarationId: string;
  readonly policyVersion: string;
}
type Decided = Answer & Parameters<typeof shown>[0];
type Submit = (inputs: readonly DeclarationInput[]) => Promise<Decided[]>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'corridor-matrix-'));
  for (const [name, text] of Object.entries(MATRIX_POLICY.files)) {
    await mkdir(dirname(join(folder, 'rules', name)), { recursive: true });
    await writeFile(join(folder, 'rules', name), text);
  }
  started = await startWith(join(folder, 'rules'));
  const reason = 'An order of the head office';
  const until = new Date(Date.now() + 86_400_000).toISOString();
  const change = { role: 'importer', category: 'high', reason, until };
  await ask('analyst', `PUT /v1/parties/${HIGH_RISK_PARTY}/category`, change);
  shadow = await startShadow();
});
afterAll(async () => {
  await started?.close();
  await rm(folder, { recursive: true, force: true });
});

async function ask(role: Role, line: string, body?: object | string): Promise<string> {
  const [method = '', path = ''] = line.split(' ');
  const user = role === 'ingest' ? { ...devUser(role), submitters: ['*'] } : devUser(role);
  const answer = await fetch(`${started.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${await started.service.devIssuer?.sign(user, 3_600_000)}`,
      ...(body === undefined
        ? {}
        : { 'content-type': typeof body === 'string' ? 'application/x-ndjson' : 'application/json' }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${line}: ${answer.status} ${text}`);
  return text;
}

/** Of the matrix' policy, whatever decides. */
async function startShadow(): Promise<string> {
  const { id } = JSON.parse(await ask('expert', 'POST /v1/shadows', { version, hours: 1 }));
  return id as string;
}

/** What a shadow came to once it has counted so many. */
async function endOf(id: string, declarations: number): Promise<ShadowResult> {
  await until(async () => {
    const { shadows } = JSON.parse(await ask('expert', 'GET /v1/shadows'));
    return shadows.find((each: { id: string }) => each.id === id)?.progress?.declarations >= declarations;
  });
  await ask('expert', `DELETE /v1/shadows/${id}`);
  return JSON.parse(await ask('expert', `GET /v1/applications/${id}`)).result as ShadowResult;
}

interface ShadowResult {
  readonly declarations: number;
  readonly after: Readonly<Record<string, number>>;
  readonly moves: readonly { readonly from: string; readonly to: string; readonly declarations: number }[];
  readonly profiles: readonly {
    readonly id: string;
    readonly hits: number;
    readonly faults: number;
    readonly samples: readonly { readonly id: string; readonly after: string; readonly items: readonly number[] }[];
  }[];
}

function sumsOf({ profiles }: ShadowResult): Record<string, number> {
  return Object.fromEntries(profiles.map(({ id, hits, faults }) => [id, hits + faults]));
}

/** What a shadow shows of a declaration, beside what the row says of it: corridor, and hits with their items. */
function expectSamples({ profiles }: ShadowResult, rowOf: (id: string) => Row | undefined): void {
  for (const { id: profile, samples } of profiles) {
    for (const { id, after, items } of samples) {
      const row = rowOf(id);
      if (row === undefined) continue;
      const reasons = row.reasons.filter((reason) => reason.startsWith(`profile ${profile} `));
      const of = items.length === 0 ? '' : ` ${items.join()}`;
      expect([after, ...reasons], id).toEqual([row.corridor, expect.stringMatching(new RegExp(`[a-z]${of}$`))]);
    }
  }
}

const oneByOne: Submit = async (inputs) => {
  const answers: Decided[] = [];
  for (const input of inputs) answers.push(JSON.parse(await ask('ingest', 'POST /v1/declarations', input)) as Decided);
  return answers;
};
const inBatches: Submit = async (inputs) => {
  const lines = inputs.map((input) => JSON.stringify(input)).join('\n');
  const text = await ask('ingest', 'POST /v1/declarations/batch', lines);
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Decided);
};

let parties = 0;

/** Sends a row as declarations of its own, with what came before it. */
async function story(row: Row, id: string, submit: Submit): Promise<Decided[]> {
  const party = String(770_000_000_000 + parties++);
  const input = ({ parties: all, ...patch }: Row['patch'], more: Partial<DeclarationInput>) =>
    declarationInput({
      ...patch,
      ...(all === undefined ? {} : { parties: all.map((p) => ({ ...p, id: p.id === PARTY_OF_ROAD ? party : p.id })) }),
      ...more,
    });
  const { earlier, patch } = row;
  if (earlier === undefined) return submit([input(patch, { id })]);
  const isAmended = earlier.was === 'amended';
  const before = await submit([input(earlier.patch, { id: isAmended ? id : `${id}-GONE` })]);
  if (!isAmended) await ask('ingest', `POST /v1/declarations/${id}-GONE/withdrawal`, { reason: 'Sold elsewhere' });
  return [...before, ...(await submit([input(patch, { id, version: isAmended ? 2 : 1 })]))];
}

function remember(decided: Decided | undefined, row: Row): void {
  if (decided === undefined) throw new Error('no answer');
  sent.set(decided.declarationId, { row, version: row.earlier?.was === 'amended' ? 2 : 1 });
}

function earlierFacts({ earlier }: Row): Partial<Facts> {
  if (earlier === undefined) return {};
  const { was, corridor } = earlier;
  return was === 'amended'
    ? { previous: { version: 1, corridor } }
    : { inherited: { declarationId: 'GONE', corridor, draw: 0.5 } };
}

describe.each(rows)('%s', (name, row) => {
  const id = `M-${rows.findIndex(([each]) => each === name)}`;

  it('in the core', () => {
    const given = declaration(row.patch);
    const category = given.parties[0]?.id === HIGH_RISK_PARTY ? 'high' : 'medium';
    const facts = neutralFacts(given, earlierFacts(row), category);
    expect(shown(decide(given, facts, policy))).toEqual(expected(row));
  });

  it.each([
    ['one by one', oneByOne],
    ['in a batch', inBatches],
  ])('by the service, %s', async (road, submit) => {
    const answers = await story(row, `${id}-${road.replaceAll(' ', '-')}`, submit);
    const last = answers.at(-1);
    remember(last, row);
    if (row.earlier !== undefined) expect(answers[0]?.corridor).toBe(row.earlier.corridor);
    expect(last === undefined ? last : shown(last)).toEqual(expected(row));
    expect(last?.policyVersion).toBe(version);
  });
});

it('all at once in a batch, in the order they were sent', async () => {
  const single = rows.filter(([, { earlier }]) => earlier === undefined).map(([, row]) => row);
  const answers = await inBatches(single.map(({ patch }, i) => declarationInput({ ...patch, id: `ALL-${i}` })));
  expect(answers.map(shown)).toEqual(single.map(expected));
  for (const [i, row] of single.entries()) remember(answers[i], row);
});

describe('from what was kept', () => {
  let copy: string;
  /** Null: it only came before one that is looked at. */
  const rowOf = ({ id, version: of }: { id: string; version: number }) => {
    const known = sent.get(id);
    return known?.version === of ? known.row : null;
  };

  beforeAll(async () => {
    copy = join(folder, 'copy');
    await cp(join(started.dataDir, 'ledger'), join(copy, 'ledger'), { recursive: true });
  });

  it('a backtest decides every row as it was decided, and counts what was decided', async () => {
    const ledger = openLedger(join(copy, 'ledger'), { readOnly: true });
    const kept = newestRows(ledger, 10_000);
    await ledger.close();
    const again = [...segmentsOf(kept, 16)].flatMap((bytes) => [...rowsOf(bytes)]);
    const looked = again.filter((each) => rowOf(each.declaration) !== null);
    expect(looked).toHaveLength(sent.size);
    for (const each of looked) {
      expect(shown(redecide(each, policy))).toEqual(expected(rowOf(each.declaration) as Row));
    }
    const threads = new BacktestThreads(2);
    try {
      const parts = await partsOfLedger(threads, join(copy, 'ledger'), join(copy, 'history'), () => undefined);
      const other = { files: { ...MATRIX_POLICY.files, 'lists/held.csv': `*office:string\n99999\n${OFFICE}\n` } };
      const count = (before: PolicyBundle, after: PolicyBundle) =>
        countAll(threads, { parts, before, after, threads: 2, outcomesDir: null });
      const same = reportOf(await count(MATRIX_POLICY, MATRIX_POLICY));
      expect(same.moves).toEqual([]);
      expect(same.after).toEqual(corridorsOf(kept));
      expect(Object.fromEntries(same.profiles.map(({ id, hits, faults }) => [id, hits + faults]))).toEqual(
        reasonsOf(kept),
      );
      // Under a policy that it was not decided by, and back.
      const held = reportOf(await count(other, MATRIX_POLICY));
      expect(held.after).toEqual(same.after);
      expect(held.before.red).toBe(
        kept.filter(({ declaration: { office }, corridor }) => office === OFFICE || corridor === 'red').length,
      );
    } finally {
      await threads.close();
    }
  });

  it('so do a job, and a trial on the newest', async () => {
    const { id } = JSON.parse(await ask('expert', 'POST /v1/backtests', {})) as { readonly id: string };
    const job = async () => JSON.parse(await ask('expert', `GET /v1/backtests/${id}`));
    await until(async () => (await job()).state === 'done');
    const { result } = await job();
    const lines = (await ask('expert', 'POST /v1/backtests/live', {})).trim().split('\n');
    const live = JSON.parse(lines.at(-1) ?? '');
    const ledger = openLedger(join(copy, 'ledger'), { readOnly: true });
    const corridors = corridorsOf(newestRows(ledger, 10_000));
    await ledger.close();
    for (const report of [result, live]) expect(report).toMatchObject({ moves: [], after: corridors });
  });

  it('so does a shadow, which saw all of it come in', async () => {
    const ledger = openLedger(join(copy, 'ledger'), { readOnly: true });
    const kept = newestRows(ledger, 10_000);
    await ledger.close();
    const result = await endOf(shadow, kept.length);
    expect(result).toMatchObject({ declarations: kept.length, moves: [], after: corridorsOf(kept) });
    expect(sumsOf(result)).toEqual(reasonsOf(kept));
    // Of a declaration with two versions the sample does not say here which one it is of.
    expectSamples(result, (id) => (sent.get(id)?.version === 1 ? sent.get(id)?.row : undefined));
  });

  it('replay comes to the same bytes', async () => {
    for (const id of sent.keys()) {
      const [out, err] = [new PassThrough(), new PassThrough()];
      const code = await runCommandLine(['replay', id, '--data', copy, '--json'], {}, createTerminal(out, err));
      expect(code, `${id}: ${out.read()} ${err.read()}`).toBe(0);
    }
  });
});

type Kept = ReturnType<typeof newestRows>;

/** How often each is there. */
function countOf(all: readonly string[], zeros: readonly string[] = []): Record<string, number> {
  const counts = Object.fromEntries(zeros.map((each) => [each, 0]));
  for (const each of all) counts[each] = (counts[each] ?? 0) + 1;
  return counts;
}

function corridorsOf(of: readonly { readonly corridor: Corridor }[]): Record<string, number> {
  return countOf(
    of.map(({ corridor }) => corridor),
    CORRIDORS,
  );
}

/** Profile → reasons that it gave. */
function reasonsOf(kept: Kept): Record<string, number> {
  const reasons = kept.flatMap(({ reasons: all }) => all);
  return countOf(reasons.filter(({ kind }) => kind === 'profile' || kind === 'fault').map(({ code }) => code));
}

describe('beside a policy that decides otherwise', () => {
  /** What came before is known as the other policy decided it: what follows from that is no matter of these rows. */
  const alone = rows.map(([, row]) => row).filter(({ earlier }) => earlier === undefined);

  beforeAll(async () => {
    await ask('analyst', `POST /v1/lists/${HELD}/rows`, { rows: [{ office: OFFICE }], reason: 'all is held there' });
  });

  it('by a shadow', async () => {
    const id = await startShadow();
    const answers = await inBatches(alone.map(({ patch }, i) => declarationInput({ ...patch, id: `BESIDE-${i}` })));
    for (const [i, { corridor, policyVersion }] of answers.entries()) {
      expect(policyVersion).not.toBe(version);
      if ((alone[i]?.patch.office ?? OFFICE) === OFFICE) expect(corridor).toBe('red');
    }
    const result = await endOf(id, alone.length);
    const moves = answers.map(({ corridor }, i) => `${corridor} ${alone[i]?.corridor}`);
    expect(result).toMatchObject({
      declarations: alone.length,
      after: corridorsOf(alone),
    });
    expect(
      Object.fromEntries(result.moves.map(({ from, to, declarations }) => [`${from} ${to}`, declarations])),
    ).toEqual(countOf(moves.filter((move) => move.split(' ')[0] !== move.split(' ')[1])));
    const codes = alone.flatMap(({ reasons }) => reasons.map((reason) => /^(?:profile|fault) (\S+)/.exec(reason)?.[1]));
    expect(sumsOf(result)).toEqual(countOf(codes.filter((code) => code !== undefined)));
    expectSamples(result, (of) => alone[Number(of.replace('BESIDE-', ''))]);
  });
});

describe('by a share of the declarations, beside that other policy', () => {
  beforeAll(async () => {
    await ask('approver', `POST /v1/policies/${version}/share`, { percent: 50, reason: 'is it better?' });
    await until(async () => {
      const { nodes } = JSON.parse(await ask('auditor', 'GET /v1/nodes'));
      return nodes[0].challenger === version;
    });
  });

  it.each(rows)('%s', async (name, row) => {
    const id = `S-${rows.findIndex(([each]) => each === name)}`;
    for (let attempt = 0; attempt < 60; attempt++) {
      const answers = await story(row, `${id}-${attempt}`, oneByOne);
      const isIn = answers.map((each) => each.policyVersion === version);
      const last = answers.at(-1);
      if (last !== undefined && isIn.every((each) => each)) {
        expect(shown(last)).toEqual(expected(row));
        return;
      }
      // All versions of a declaration are decided by the same one.
      if (row.earlier?.was === 'amended') expect(isIn).toEqual([false, false]);
      if (!isIn.at(-1) && (row.patch.office ?? OFFICE) === OFFICE) expect(last?.corridor).toBe('red');
    }
    throw new Error('none of them was in the share');
  });
});
