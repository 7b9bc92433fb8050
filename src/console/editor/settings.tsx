import { RULE_LANGUAGE } from '../api.ts';
import { useWords } from '../context.ts';
import { Codes, Field, Options, Said } from './setting-fields.tsx';
import { Measures, Tests } from './setting-lists.tsx';
import type { Dictionary, FormProblem, ProfileForm } from './types.ts';

interface SettingsProps {
  readonly form: ProfileForm;
  readonly dictionary: Dictionary;
  readonly problems: readonly FormProblem[];
  /** Of a profile that there is already the id stays. */
  readonly isNew: boolean;
  readonly readOnly: boolean;
  change(settings: Partial<ProfileForm>): void;
}

/** Everything of a profile but its condition. */
export function Settings(props: SettingsProps) {
  const { form, dictionary, isNew, readOnly, change } = props;
  const words = useWords();
  const codes = (name: string) => dictionary.codes[name] ?? [];
  const said = (name: string) => <Said problems={props.problems} setting={name} />;
  const { scope } = form;
  const scoped = (part: Partial<ProfileForm['scope']>): void => {
    const all = Object.entries({ ...scope, ...part }).filter(
      ([, value]) => value !== undefined && value !== '' && !isNothing(value),
    );
    change({ scope: Object.fromEntries(all) });
  };
  return (
    <fieldset class="settings" disabled={readOnly}>
      <div class="pair">
        <Field label="editorSetting.id" said={said('id')}>
          {(id) => (
            <input
              id={id}
              value={form.id}
              readOnly={!isNew}
              required
              pattern="[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
              onInput={({ currentTarget }) => change({ id: currentTarget.value })}
            />
          )}
        </Field>
        <Field label="editorSetting.title" said={said('title')}>
          {(id) => (
            <input
              id={id}
              value={form.title}
              maxLength={200}
              lang={RULE_LANGUAGE}
              onInput={({ currentTarget }) => change({ title: currentTarget.value })}
            />
          )}
        </Field>
      </div>
      <div class="pair">
        <Options
          label="editorSetting.target"
          value={form.target}
          of={codes('target')}
          said={said('target')}
          choose={(target) => change({ target })}
        />
        <Options
          label="editorSetting.corridor"
          value={form.corridor}
          of={codes('corridor')}
          said={said('corridor')}
          choose={(corridor) => change({ corridor })}
        />
        <Field label="editorSetting.weight" said={said('weight')}>
          {(id) => (
            <input
              id={id}
              type="number"
              min={0}
              max={1}
              step={0.05}
              value={form.weight}
              onInput={({ currentTarget }) => change({ weight: currentTarget.valueAsNumber })}
            />
          )}
        </Field>
        <Field label="editorSetting.percentage" said={said('percentage')}>
          {(id) => (
            <input
              id={id}
              type="number"
              min={0}
              max={100}
              step={1}
              value={form.percentage}
              onInput={({ currentTarget }) => change({ percentage: currentTarget.valueAsNumber })}
            />
          )}
        </Field>
      </div>
      <Measures {...props} />
      {said('measures')}
      <div class="pair">
        <Options
          label="editorSetting.level"
          value={form.level}
          of={['item', 'declaration']}
          said={said('level')}
          choose={(level) => change({ level: level as 'item' })}
        />
        <Options
          label="editorSetting.onError"
          value={form.onError}
          of={codes('onError')}
          said={said('onError')}
          choose={(onError) => change({ onError })}
        />
        <label class="check">
          <input
            type="checkbox"
            checked={form.mandatory}
            onChange={({ currentTarget }) => change({ mandatory: currentTarget.checked })}
          />
          {words.text('editorSetting.mandatory')}
        </label>
      </div>
      {said('mandatory')}
      <Field label="editorSetting.unless" said={said('unless')}>
        {(id) => (
          <textarea
            id={id}
            class="code"
            rows={2}
            spellcheck={false}
            value={form.unless ?? ''}
            onInput={({ currentTarget }) =>
              change({ unless: currentTarget.value.trim() === '' ? null : currentTarget.value })
            }
          />
        )}
      </Field>
      <details>
        <summary>{words.text('editorSetting.scope')}</summary>
        <Codes
          label="editorSetting.regimes"
          value={scope.regimes}
          of={codes('regimes')}
          change={(regimes) => scoped({ regimes })}
        />
        <Codes
          label="editorSetting.categories"
          value={scope.categories}
          of={codes('categories')}
          change={(categories) => scoped({ categories })}
        />
        <Codes label="editorSetting.offices" value={scope.offices} change={(offices) => scoped({ offices })} />
        <Codes
          label="editorSetting.procedures"
          value={scope.procedures}
          change={(procedures) => scoped({ procedures })}
        />
        <div class="pair">
          <Field label="editorSetting.validFrom">
            {(id) => (
              <input
                id={id}
                value={scope.validFrom ?? ''}
                placeholder="2026-01-31"
                onInput={({ currentTarget }) => scoped({ validFrom: currentTarget.value })}
              />
            )}
          </Field>
          <Field label="editorSetting.validUntil">
            {(id) => (
              <input
                id={id}
                value={scope.validUntil ?? ''}
                placeholder="2026-12-31"
                onInput={({ currentTarget }) => scoped({ validUntil: currentTarget.value })}
              />
            )}
          </Field>
        </div>
        {said('scope')}
      </details>
      <details>
        <summary>{words.text('editorSetting.more')}</summary>
        <div class="pair">
          <Field label="editorSetting.owner" said={said('owner')}>
            {(id) => (
              <input
                id={id}
                value={form.owner ?? ''}
                onInput={({ currentTarget }) => change({ owner: currentTarget.value || null })}
              />
            )}
          </Field>
          <Field label="editorSetting.notify" said={said('notify')}>
            {(id) => (
              <input
                id={id}
                placeholder="hit head, fault expert"
                value={form.notify.map(({ on, role, subject }) => `${on} ${role ?? subject}`).join(', ')}
                onChange={({ currentTarget }) => change({ notify: notifyOf(currentTarget.value) })}
              />
            )}
          </Field>
          <Field label="editorSetting.group" said={said('group')}>
            {(id) => (
              <input
                id={id}
                value={form.group ?? ''}
                onInput={({ currentTarget }) => change({ group: currentTarget.value || null })}
              />
            )}
          </Field>
          <Field label="editorSetting.damage" said={said('damage')}>
            {(id) => (
              <input
                id={id}
                inputMode="decimal"
                value={form.damage ?? ''}
                onInput={({ currentTarget }) => change({ damage: currentTarget.value || null })}
              />
            )}
          </Field>
        </div>
        {(['en', 'ru'] as const).map((language) => (
          <Field key={language} label={DOCUMENTATION[language]} said={said('documentation')}>
            {(id) => (
              <textarea
                id={id}
                rows={3}
                lang={language}
                value={form.documentation[language] ?? ''}
                onInput={({ currentTarget }) =>
                  change({ documentation: documented(form, language, currentTarget.value) })
                }
              />
            )}
          </Field>
        ))}
      </details>
      <Tests {...props} />
      {said('tests')}
    </fieldset>
  );
}

const DOCUMENTATION = { en: 'editorSetting.documentation.en', ru: 'editorSetting.documentation.ru' } as const;

function isNothing(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function documented({ documentation }: ProfileForm, language: string, text: string): ProfileForm['documentation'] {
  return Object.fromEntries(Object.entries({ ...documentation, [language]: text }).filter(([, each]) => each !== ''));
}

/** `hit head` tells a role; anything with another sign than a letter in it is a person. */
function notifyOf(text: string): ProfileForm['notify'] {
  return text.split(',').flatMap((part) => {
    const [on = '', whom = ''] = part.trim().split(/\s+/);
    if (on === '') return [];
    return [/^[a-z]+$/.test(whom) ? { on, role: whom } : { on, subject: whom }];
  });
}
