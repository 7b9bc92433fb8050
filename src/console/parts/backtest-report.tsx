import { CORRIDORS, type Corridor } from '../api.ts';
import { useWords } from '../context.ts';
import type { Words } from '../messages.ts';
import { Mark } from './mark.tsx';

/** What a policy would have done, beside another one; counts of declarations, rates from 0 to 1. */
export interface BacktestReport {
  readonly declarations: number;
  readonly from: string | null;
  readonly until: string | null;
  readonly before: Readonly<Record<Corridor, number>>;
  readonly after: Readonly<Record<Corridor, number>>;
  readonly hitRate: { readonly before: Rate; readonly after: Rate };
  readonly profiles: readonly {
    readonly id: string;
    readonly hits: number;
    readonly alone: number;
    readonly hitRate: Rate;
  }[];
  readonly offices: readonly Office[];
}

interface Rate {
  readonly of: number;
  readonly findings: number;
  readonly rate: number | null;
  readonly interval: { readonly low: number; readonly high: number } | null;
}

interface Office {
  readonly office: string;
  readonly perDay: number;
  readonly busiestDay: number;
  readonly capacity: number | null;
  readonly daysOver: number;
}

const OFFICES_SHOWN = 5;
const NO_HITS = { hits: 0, alone: 0, hitRate: { of: 0, findings: 0, rate: null, interval: null } };

/** The answer first: which corridors grow and shrink; then whether controls find more, and who carries the load. */
export function BacktestSummary({ report, profiles }: { report: BacktestReport; profiles: readonly string[] }) {
  const words = useWords();
  const { declarations, from, until, before, after, hitRate } = report;
  if (declarations === 0) return <p>{words.text('backtest.empty')}</p>;
  // Of what hits nothing the report says nothing: the reader has to be told.
  const named = profiles.map((id) => report.profiles.find((each) => each.id === id) ?? { ...NO_HITS, id });
  const share = (counts: Readonly<Record<Corridor, number>>, corridor: Corridor) =>
    (100 * counts[corridor]) / declarations;
  return (
    <>
      <p>
        {words.text('backtest.over', { count: declarations })}{' '}
        <span class="quiet">
          {from !== null && words.date(from)} – {until !== null && words.date(until)}
        </span>
      </p>
      <div class="scroll">
        <table class="list">
          <thead>
            <tr>
              <th scope="col">{words.text('overview.corridor')}</th>
              <th scope="col" class="num">
                {words.text('changes.before')}, %
              </th>
              <th scope="col" class="num">
                {words.text('changes.after')}, %
              </th>
              <th scope="col" class="num">
                {words.text('backtest.difference')}
              </th>
            </tr>
          </thead>
          <tbody>
            {CORRIDORS.map((corridor) => (
              <tr key={corridor}>
                <td>
                  <Mark of={corridor} />
                </td>
                <td class="num">{words.number(share(before, corridor), 2)}</td>
                <td class="num">{words.number(share(after, corridor), 2)}</td>
                <td class="num">{signed(words, after[corridor] - before[corridor])}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p>
        {words.text('backtest.hitRate', {
          before: rateText(words, hitRate.before),
          after: rateText(words, hitRate.after),
        })}
      </p>
      {named.length > 0 && (
        <ul>
          {named.map(({ id, hits, alone, hitRate: rate }) => (
            <li key={id}>
              {words.text('backtest.profile', { id, hits, alone })} {rateText(words, rate)}
            </li>
          ))}
        </ul>
      )}
      <Offices offices={report.offices} />
    </>
  );
}

function Offices({ offices }: { offices: readonly Office[] }) {
  const words = useWords();
  if (offices.length === 0) return null;
  return (
    <div class="scroll">
      <table class="list">
        <caption>{words.text('backtest.offices')}</caption>
        <thead>
          <tr>
            <th scope="col">{words.text('declarations.office')}</th>
            <th scope="col" class="num">
              {words.text('backtest.perDay')}
            </th>
            <th scope="col" class="num">
              {words.text('backtest.busiest')}
            </th>
            <th scope="col" class="num">
              {words.text('backtest.capacity')}
            </th>
          </tr>
        </thead>
        <tbody>
          {offices.slice(0, OFFICES_SHOWN).map(({ office, perDay, busiestDay, capacity, daysOver }) => (
            <tr key={office}>
              <td>{office}</td>
              <td class="num">{words.number(perDay, 1)}</td>
              <td class="num">{words.number(busiestDay)}</td>
              <td class="num">
                {capacity === null ? '–' : words.number(capacity)}{' '}
                {daysOver > 0 && <span class="tag">{words.text('backtest.over_capacity', { days: daysOver })}</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function signed(words: Words, count: number): string {
  return count > 0 ? `+${words.number(count)}` : words.number(count);
}

/** `52.0% (48.1% – 55.9%, 310)`, or that nothing is known. */
function rateText(words: Words, { rate, interval, of }: Rate): string {
  if (rate === null || interval === null) return words.text('backtest.unknown');
  const [low, high] = [words.percent(100 * interval.low), words.percent(100 * interval.high)];
  return `${words.percent(100 * rate)} (${low} – ${high}, ${words.number(of)})`;
}
