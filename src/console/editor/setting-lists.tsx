import { useId, useState } from 'preact/hooks';
import { RULE_LANGUAGE } from '../api.ts';
import { useWords } from '../context.ts';
import type { ProfileForm } from './types.ts';

interface ListsProps {
  readonly form: ProfileForm;
  readonly readOnly: boolean;
  change(settings: Partial<ProfileForm>): void;
}

export function Measures({ form: { measures }, readOnly, change }: ListsProps) {
  const words = useWords();
  const put = (place: number, measure: Partial<ProfileForm['measures'][number]>): void => {
    change({ measures: measures.map((each, index) => (index === place ? { ...each, ...measure } : each)) });
  };
  return (
    <div>
      <strong>{words.text('editorSetting.measures')}</strong>
      {measures.map(({ code, instructions }, place) => (
        <div class="measure" key={place}>
          <input
            aria-label={words.text('editorSetting.measureCode')}
            value={code}
            onInput={({ currentTarget }) => put(place, { code: currentTarget.value })}
          />
          <textarea
            rows={2}
            lang={RULE_LANGUAGE}
            aria-label={words.text('editorSetting.instructions')}
            value={instructions}
            onInput={({ currentTarget }) => put(place, { instructions: currentTarget.value })}
          />
          {!readOnly && measures.length > 1 && (
            <button
              type="button"
              class="tool"
              aria-label={words.ofCode('tool', 'remove')}
              onClick={() => change({ measures: measures.toSpliced(place, 1) })}
            >
              ✕
            </button>
          )}
        </div>
      ))}
      {!readOnly && (
        <button
          type="button"
          class="small"
          onClick={() => change({ measures: [...measures, { code: 'physical_examination', instructions: '' }] })}
        >
          {words.text('editorSetting.addMeasure')}
        </button>
      )}
    </div>
  );
}

/** Test vectors, as JSON: what a declaration and its facts are in place of the neutral ones, and whether that hits. */
export function Tests({ form: { tests }, change }: ListsProps) {
  const words = useWords();
  const id = useId();
  const [text, setText] = useState<string | null>(null);
  const [wrong, setWrong] = useState<string | null>(null);
  const shown = text ?? JSON.stringify(tests, null, 2);
  return (
    <details>
      <summary>{words.text('editorSetting.tests', { count: tests.length })}</summary>
      <label for={id}>{words.text('editorSetting.testsHint')}</label>
      <textarea
        id={id}
        class="code"
        rows={10}
        spellcheck={false}
        value={shown}
        aria-invalid={wrong !== null || undefined}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
        onBlur={({ currentTarget }) => {
          try {
            const next: unknown = JSON.parse(currentTarget.value);
            if (!Array.isArray(next)) throw new SyntaxError('[ … ]');
            change({ tests: next });
            setText(null);
            setWrong(null);
          } catch (error) {
            setWrong(error instanceof Error ? error.message : String(error));
          }
        }}
      />
      {wrong !== null && (
        <p class="fault" role="alert">
          {wrong}
        </p>
      )}
    </details>
  );
}
