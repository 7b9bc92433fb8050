import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { RULE_LANGUAGE } from '../api.ts';
import { useWords } from '../context.ts';
import type { MessageKey } from '../messages.ts';
import type { FormProblem } from './types.ts';

interface FieldProps {
  readonly label: MessageKey;
  readonly said?: ComponentChildren;
  children(id: string): ComponentChildren;
}

export function Field({ label, said, children }: FieldProps) {
  const words = useWords();
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{words.text(label)}</label>
      {children(id)}
      {said}
    </div>
  );
}

/** What is wrong with a setting, beside it. */
export function Said({ problems, setting }: { problems: readonly FormProblem[]; setting: string }) {
  const own = problems.filter((problem) => problem.setting === setting);
  if (own.length === 0) return null;
  return (
    <ul class="fault" role="alert" lang={RULE_LANGUAGE}>
      {own.map(({ line, column, message }) => (
        <li key={`${line}:${column} ${message}`}>{message}</li>
      ))}
    </ul>
  );
}

interface OptionsProps {
  readonly label: MessageKey;
  readonly value: string;
  readonly of: readonly string[];
  readonly said?: ComponentChildren;
  choose(value: string): void;
}

export function Options({ label, value, of, said, choose }: OptionsProps) {
  const words = useWords();
  return (
    <Field label={label} said={said}>
      {(id) => (
        <select id={id} value={value} onChange={({ currentTarget }) => choose(currentTarget.value)}>
          {of.map((each) => (
            <option key={each} value={each}>
              {words.ofCode('option', each)}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface CodesProps {
  readonly label: MessageKey;
  readonly value: readonly string[] | undefined;
  readonly of?: readonly string[];
  change(codes: readonly string[]): void;
}

/** Codes with commas between them; none: everywhere. */
export function Codes({ label, value = [], of = [], change }: CodesProps) {
  const list = useId();
  return (
    <Field label={label}>
      {(id) => (
        <>
          <input
            id={id}
            list={of.length > 0 ? list : undefined}
            value={value.join(', ')}
            placeholder={of.join(', ')}
            onChange={({ currentTarget }) => change(currentTarget.value.split(/[\s,]+/).filter((code) => code !== ''))}
          />
        </>
      )}
    </Field>
  );
}
