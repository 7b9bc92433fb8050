import type { ComponentChild, ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import type { Condition, Value } from '../../criteria/ast.ts';
import { textOf } from '../../criteria/edit.ts';
import { useWords } from '../context.ts';
import { elementOf, NamesContext, pathsOf, typeAt, useNames } from './words.ts';

/** CEL that has no other form here stays text, can be read but not changed, and says so; nothing of it is left out. */
export function TextPart({ label, value, change }: { label: string; value: Value; change(value: Value): void }) {
  const words = useWords();
  const { readOnly } = useNames();
  const hint = useId();
  const isOwn = value.kind === 'cel';
  const printed = isOwn ? { text: value.text } : textOf({ kind: 'flag', value });
  return (
    <>
      <input
        type="text"
        class="code wide"
        aria-label={`${label} CEL`}
        aria-describedby={isOwn ? undefined : hint}
        value={'text' in printed ? printed.text : ''}
        spellcheck={false}
        readOnly={readOnly || !isOwn}
        onChange={({ currentTarget }) => change({ kind: 'cel', text: currentTarget.value })}
      />
      {!isOwn && <small id={hint}>{words.text('editor.staysText')}</small>}
    </>
  );
}

/** Something that has elements: items, documents, parties. */
export function ListField({ label, value, change }: { label: string; value: Value; change(value: Value): void }) {
  const names = useNames();
  if (value.kind !== 'path' && value.kind !== 'empty') return <TextPart label={label} value={value} change={change} />;
  const text = value.kind === 'path' ? value.path.join('.') : '';
  const lists = pathsOf(names)
    .filter(({ type }) => elementOf(type) !== null)
    .map(({ path }) => path.join('.'));
  return (
    <select
      aria-label={label}
      aria-invalid={!lists.includes(text) || undefined}
      value={text}
      disabled={names.readOnly}
      onChange={({ currentTarget }) => change({ kind: 'path', path: currentTarget.value.split('.') })}
    >
      {!lists.includes(text) && <option value={text}>{text}</option>}
      {lists.map((path) => (
        <option key={path} value={path}>
          {path}
        </option>
      ))}
    </select>
  );
}

/** What stands within a list's element can name it. */
export function Within({ over, variable, children }: { over: Value; variable: string; children: ComponentChildren }) {
  const names = useNames();
  const type = over.kind === 'path' ? elementOf(typeAt(names, over.path) ?? '') : null;
  const element = { name: variable, type: type ?? 'dyn', optional: false, description: null };
  return (
    <NamesContext.Provider value={{ ...names, elements: [element, ...names.elements] }}>
      {children}
    </NamesContext.Provider>
  );
}

type Collection = Extract<Value, { kind: 'count' | 'sum' }>;

interface CollectionFieldProps {
  readonly value: Collection;
  change(value: Value): void;
  /** The field of what is summed up. */
  summed(of: Value, change: (of: Value) => void): ComponentChild;
}

/** How many elements there are, or the sum over them; all of them, or those of which something holds. */
export function CollectionField({ value, change, summed }: CollectionFieldProps) {
  const words = useWords();
  const { readOnly, nested } = useNames();
  const { over, variable, where } = value;
  const choose = (next: Condition | null): void => change({ ...value, where: next });
  return (
    <>
      <ListField label={words.text('editor.over')} value={over} change={(next) => change({ ...value, over: next })} />
      <Within over={over} variable={variable}>
        {value.kind === 'sum' && summed(value.of, (of) => change({ ...value, of }))}
        <label class="not">
          <input
            type="checkbox"
            checked={where !== null}
            disabled={readOnly}
            onChange={() => choose(where === null ? { kind: 'empty' } : null)}
          />
          {words.text('editor.where', { element: variable })}
        </label>
        {where !== null && <span class="where">{nested(where, choose)}</span>}
      </Within>
    </>
  );
}
