import { History } from '../../bench/lib/history.ts';
import type { HistoryRow } from '../../src/backtest/segment.ts';
import { decide } from '../../src/core/decide.ts';
import { normalise } from '../../src/core/normalise.ts';
import type { Policy } from '../../src/core/policy.ts';
import { generate } from '../../src/generate/generate.ts';
import { partiesOf } from '../../src/generate/parties.ts';
import type { Ledger } from '../../src/state/ledger.ts';
import { encode } from '../../src/wire/messagepack.ts';
import { encodeRecord } from '../../src/wire/record.ts';

/** Generated declarations as a service would have decided them, one after another: statistics fill as they go. */
export function historyOf(declarations: number, policy: Policy): HistoryRow[] {
  const options = { declarations, seed: 3 };
  const history = new History();
  for (const party of partiesOf(options)) history.setStanding(party.role, party.id, party);
  return [...generate(options)].map(({ declaration: input, receivedAt }, index) => {
    const { declaration } = normalise(input);
    if (declaration === null) throw new Error(input.id);
    const facts = history.facts(declaration, receivedAt, ((index * 7919) % 1000) / 1000);
    history.add(declaration, receivedAt);
    const { corridor, policyVersion, reasons: all } = decide(declaration, facts, policy);
    const reasons = all.map(({ kind, code, settled }) => ({ kind, code, settled }));
    return { declaration, facts, submitter: 'local', corridor, policyVersion, reasons };
  });
}

/** Keeps history in a ledger, in commits of more than one decision. */
export async function keep(ledger: Ledger, rows: readonly HistoryRow[], policy: Policy): Promise<void> {
  for (let from = 0; from < rows.length; from += 150) {
    await Promise.all(rows.slice(from, from + 150).map(append));
  }
  async function append({ declaration, facts, submitter }: HistoryRow): Promise<void> {
    const decision = decide(declaration, facts, policy);
    const record = encodeRecord(submitter, encode(declaration).slice(), facts, decision);
    await ledger.append({
      identity: { submitter, id: declaration.id, version: declaration.version },
      outcome: 'decided',
      receivedAt: facts.receivedAt,
      hash: new Uint8Array(32),
      record,
    });
  }
}
