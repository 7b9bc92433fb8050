import { join } from 'node:path';
import { redecide } from '../backtest/redecide.ts';
import { loadConfig } from '../config.ts';
import type { Policy } from '../core/policy.ts';
import { unpackBundle } from '../profiles/bundle.ts';
import { buildPolicy } from '../profiles/policy.ts';
import { type Ledger, type LedgerEntry, openLedger } from '../state/ledger.ts';
import { decisionOf, declarationOf, encodeRecord, factsOf, openRecord } from '../wire/record.ts';
import { type Command, CommandFailure, EXIT_DONE, EXIT_FAILED, onlyArgument, textOption } from './command.ts';

interface Replayed {
  readonly submitter: string;
  readonly id: string;
  readonly version: number;
  readonly policyVersion: string;
  readonly same: boolean;
  /** Empty where it is the same. */
  readonly difference: string;
}

export const replayCommand: Command = {
  name: 'replay',
  usage: 'ID [--data DIR] [--json]',
  description: `Decides every kept version of a declaration again, from what the ledger holds (declaration, facts, policy), and
compares the records byte for byte. Works beside a running service. Exits with 1 where one differs.`,
  options: {
    data: { type: 'string', value: 'DIR', help: 'data folder (default: data)' },
    json: { type: 'boolean', help: 'one JSON object a version' },
  },
  async run({ values, positionals, env, terminal }) {
    const id = onlyArgument(positionals, 'ID');
    const { dataDir } = loadConfig(env, { data: textOption(values, 'data') });
    const ledger = openLedger(join(dataDir, 'ledger'), { readOnly: true });
    try {
      const decided = ledger.find(id).filter(({ outcome }) => outcome === 'decided');
      if (decided.length === 0) throw new CommandFailure(`the ledger holds no decision on ${id}`);
      let allSame = true;
      for (const entry of decided) {
        const result = replay(entry, ledger);
        allSame &&= result.same;
        await terminal.data(`${values.json === true ? JSON.stringify(result) : describe(result)}\n`);
      }
      return allSame ? EXIT_DONE : EXIT_FAILED;
    } finally {
      await ledger.close();
    }
  },
};

function describe({ submitter, id, version, policyVersion, same, difference }: Replayed): string {
  const verdict = same ? 'the same, byte for byte' : `differs: ${difference}`;
  return `${id} version ${version} of ${submitter} under ${policyVersion}: ${verdict}`;
}

function replay({ identity, record }: LedgerEntry, ledger: Ledger): Replayed {
  const parts = openRecord(record);
  const kept = decisionOf(parts);
  const facts = factsOf(parts);
  const policy = policyOf(kept.policyVersion, ledger);
  const again = redecide({ declaration: declarationOf(parts), facts }, policy);
  const bytes = encodeRecord(parts.submitter, parts.declaration, facts, again);
  const same = Buffer.compare(bytes, record) === 0;
  const { submitter, id, version } = identity;
  const difference = same ? '' : differenceOf(kept, again);
  return { submitter, id, version, policyVersion: kept.policyVersion, same, difference };
}

function policyOf(version: string, ledger: Ledger): Policy {
  const bytes = ledger.policy(version);
  if (bytes === null) throw new CommandFailure(`the ledger does not hold the policy ${version}`);
  return buildPolicy(unpackBundle(bytes));
}

/** The fields that are not as they were. */
function differenceOf(kept: object, again: object): string {
  const before = new Map(Object.entries(kept));
  const fields = Object.entries(again).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(before.get(name)),
  );
  return fields.length > 0 ? fields.map(([name]) => name).join(', ') : 'the bytes';
}
