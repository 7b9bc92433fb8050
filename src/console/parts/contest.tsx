import { useWords } from '../context.ts';
import type { Words } from '../messages.ts';
import type { Contest, Difference, Side } from '../trials-api.ts';

/** Below it a difference is called significant. */
const SIGNIFICANT = 0.05;

/** Champion against challenger: what each controlled and found, and whether the difference is more than chance. */
export function ContestTable({ contest }: { contest: Contest }) {
  const words = useWords();
  const { champion, challenger, controlRate, hitRate, percent } = contest;
  const rows = [
    ['version', (side: Side) => side.version],
    ['declarations', (side: Side) => words.number(side.declarations)],
    ['controls', (side: Side) => shareOf(words, side.controls, side.declarations, side.controlInterval)],
    ['findings', (side: Side) => shareOf(words, side.findings, side.labelled, side.hitInterval)],
  ] as const;
  return (
    <>
      <p>{words.text('contest.percent', { percent: words.percent(percent) })}</p>
      <div class="scroll">
        <table class="list">
          <thead>
            <tr>
              <td />
              <th scope="col">{words.text('contest.champion')}</th>
              <th scope="col">{words.text('contest.challenger')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, of]) => (
              <tr key={name}>
                <th scope="row">{words.ofCode('contestRow', name)}</th>
                <td>{of(champion)}</td>
                <td>{of(challenger)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p>
        {words.text('contest.controlRate')} {verdict(words, controlRate)}
      </p>
      <p>
        {words.text('contest.hitRate')} {verdict(words, hitRate)}
      </p>
    </>
  );
}

function shareOf(words: Words, part: number, of: number, interval: Side['hitInterval']): string {
  if (of === 0 || interval === null) return words.number(part);
  const [low, high] = [words.percent(100 * interval.low), words.percent(100 * interval.high)];
  return `${words.number(part)} / ${words.number(of)}: ${words.percent((100 * part) / of)} (${low} – ${high})`;
}

function verdict(words: Words, difference: Difference | null): string {
  if (difference === null) return words.text('contest.tooFew');
  const values = {
    points: `${difference.difference > 0 ? '+' : ''}${words.number(100 * difference.difference, 1)}`,
    p: difference.p < 0.001 ? '< 0.001' : words.number(difference.p, 3),
  };
  return words.text(difference.p < SIGNIFICANT ? 'contest.significant' : 'contest.chance', values);
}
