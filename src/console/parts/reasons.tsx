import { type Measure, type Reason, RULE_LANGUAGE, type Value } from '../api.ts';
import { useWords } from '../context.ts';
import type { MessageKey, Words } from '../messages.ts';
import { Mark } from './mark.tsx';
import { nameOfValue } from './values.ts';

interface MeasuresProps {
  readonly measures: readonly Measure[];
  readonly reasons: readonly Reason[];
}

/** What to check, in order; of each which items. */
export function Measures({ measures, reasons }: MeasuresProps) {
  const words = useWords();
  if (measures.length === 0) return null;
  return (
    <section>
      <h2>{words.text('declaration.measures')}</h2>
      <ol class="measures">
        {measures.map((measure) => (
          <li key={`${measure.code} ${measure.instructions}`}>
            <strong>{words.ofCode('measure', measure.code)}</strong> <Items items={itemsOf(measure, reasons)} />
            <p lang={RULE_LANGUAGE}>{measure.instructions}</p>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Items of the reasons that ask for this measure; none: the whole declaration. */
function itemsOf(measure: Measure, reasons: readonly Reason[]): readonly number[] {
  const asking = reasons.filter(({ measures = [] }) =>
    measures.some(({ code, instructions }) => code === measure.code && instructions === measure.instructions),
  );
  const items = asking.map((reason) => reason.items ?? []);
  return items.some((list) => list.length === 0) ? [] : [...new Set(items.flat())].sort((a, b) => a - b);
}

function Items({ items }: { items: readonly number[] }) {
  const words = useWords();
  if (items.length === 0) return null;
  return <span class="tag">{words.text('declaration.items', { count: items.length, items: items.join(', ') })}</span>;
}

/** Why: each reason with the values that made it; code and weight one click away, where the user is given them. */
export function Reasons({ reasons }: { reasons: readonly Reason[] }) {
  const words = useWords();
  return (
    <section>
      <h2>{words.text('declaration.reasons')}</h2>
      {reasons.length === 0 && <p>{words.text('declaration.noReasons')}</p>}
      <ul class="reasons">
        {reasons.map((reason) => (
          <li key={`${reason.kind} ${reason.code} ${reason.text}`}>
            <h3 lang={RULE_LANGUAGE}>{reason.text}</h3>
            <p class="quiet">
              {reason.corridor !== undefined && <Mark of={reason.corridor} />}{' '}
              {reason.target != null && `· ${words.ofCode('target', reason.target)}`}{' '}
              <Items items={reason.items ?? []} />
            </p>
            <ReasonValues values={reason.values ?? {}} />
            <Details reason={reason} />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The values that have a name in the user's words. */
function ReasonValues({ values }: { values: Readonly<Record<string, Value>> }) {
  const words = useWords();
  const named = Object.entries(values).flatMap(([source, value]) => {
    const name = nameOfValue(source);
    return name === null ? [] : [{ name, value }];
  });
  if (named.length === 0) return null;
  return (
    <dl class="facts">
      {named.map(({ name, value }) => [
        <dt key={name}>{words.text(name as MessageKey)}</dt>,
        <dd key={`${name} value`}>{textOf(words, value)}</dd>,
      ])}
    </dl>
  );
}

/** The profile's code, its weight and every operand as it was written. */
function Details({ reason: { code, weight, values = {} } }: { reason: Reason }) {
  const words = useWords();
  if (code === undefined) return null;
  return (
    <details>
      <summary>{words.text('declaration.details')}</summary>
      <dl class="facts">
        <dt>{words.text('declaration.code')}</dt>
        <dd>{code}</dd>
        <dt>{words.text('declaration.weight')}</dt>
        <dd>{words.number(weight ?? 0, 2)}</dd>
      </dl>
      <div class="scroll">
        <table>
          <tbody>
            {Object.entries(values).map(([source, value]) => (
              <tr key={source}>
                <th scope="row">
                  <code>{source}</code>
                </th>
                <td class="num">{textOf(words, value)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function textOf(words: Words, value: Value): string {
  if (value === null) return words.text('value.unknown');
  if (typeof value === 'boolean') return words.text(value ? 'value.yes' : 'value.no');
  return typeof value === 'string' ? value : words.number(value, Number.isInteger(value) ? 0 : 2);
}
