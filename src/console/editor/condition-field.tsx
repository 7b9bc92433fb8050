import type { ComponentChild } from 'preact';
import type { Condition, Literal, Value } from '../../criteria/ast.ts';
import { duplicated, insertedAfter, moved, removed, replaced, type TreePath } from '../../criteria/edit.ts';
import { useWords } from '../context.ts';
import { ListField, Within } from './collection-field.tsx';
import { emptyOf, fitted, KINDS, type Kind } from './condition-kinds.ts';
import { ListMenu, Menu } from './menus.tsx';
import { literalOf, ValueField } from './value-field.tsx';
import { typeAt, useNames } from './words.ts';

interface BuilderProps {
  readonly tree: Condition;
  change(tree: Condition): void;
}

const COMPARISONS = ['==', '!=', '<', '<=', '>', '>='] as const;
const TEXT_TESTS = ['startsWith', 'endsWith', 'contains', 'matches'] as const;

/** The condition as sentences: every part of it by menus, by mouse or by keyboard alone. */
export function Builder({ tree, change }: BuilderProps) {
  return <Part tree={tree} path={[]} condition={tree} change={change} />;
}

interface PartProps extends BuilderProps {
  readonly path: TreePath;
  readonly condition: Condition;
}

function Part({ tree, path, condition, change }: PartProps) {
  const words = useWords();
  const { readOnly } = useNames();
  const isNot = condition.kind === 'not';
  const [shown, at] = isNot ? [condition.condition, [...path, 'condition']] : [condition, path];
  const set = (next: Condition): void => change(replaced(tree, at, next));
  const kind: Kind | '' = shown.kind === 'empty' || shown.kind === 'not' ? '' : shown.kind;
  return (
    <fieldset class={`part ${shown.kind === 'group' ? 'group' : ''}`} data-kind={shown.kind}>
      <legend class="hidden">{words.ofCode('conditionKind', kind === '' ? 'empty' : kind)}</legend>
      <div class="sentence">
        <label class="not">
          <input
            type="checkbox"
            checked={isNot}
            disabled={readOnly}
            onChange={() => change(replaced(tree, path, isNot ? shown : { kind: 'not', condition: shown }))}
          />
          {words.text('editor.not')}
        </label>
        <select
          aria-label={words.text('editor.kind')}
          aria-invalid={kind === '' || undefined}
          value={kind}
          disabled={readOnly}
          onChange={({ currentTarget }) => set(emptyOf(currentTarget.value as Kind, shown))}
        >
          {kind === '' && <option value="">{words.text('editor.choose')}</option>}
          {KINDS.map((each) => (
            <option key={each} value={each}>
              {words.ofCode('conditionKind', each)}
            </option>
          ))}
        </select>
        <Inner tree={tree} path={at} condition={shown} change={change} set={set} />
        {!readOnly && <Tools tree={tree} path={path} change={change} />}
      </div>
      {(shown.kind === 'group' || shown.kind === 'quantifier') && (
        <Nested tree={tree} path={at} condition={shown} change={change} />
      )}
    </fieldset>
  );
}

/** The menu of the part before, or of what it stands in. */
function nearTo(tool: HTMLElement): HTMLElement | null {
  const part = tool.closest('fieldset');
  const near = part?.previousElementSibling ?? part?.parentElement?.closest('fieldset') ?? null;
  return near?.querySelector('select') ?? null;
}

/** What is done to a part as a whole. */
function Tools({ tree, path, change }: BuilderProps & { readonly path: TreePath }) {
  const words = useWords();
  const tool = (
    name: 'up' | 'down' | 'copy' | 'remove' | 'add',
    sign: string,
    act: () => Condition,
  ): ComponentChild => (
    <button
      type="button"
      class="tool"
      title={words.ofCode('tool', name)}
      aria-label={words.ofCode('tool', name)}
      onClick={({ currentTarget }) => {
        const near = nearTo(currentTarget);
        change(act());
        // What is gone takes the focus with it: it goes on beside.
        if (name === 'remove') requestAnimationFrame(() => currentTarget.isConnected || near?.focus());
      }}
    >
      {sign}
    </button>
  );
  return (
    <span class="tools">
      {tool('up', '↑', () => moved(tree, path, -1))}
      {tool('down', '↓', () => moved(tree, path, 1))}
      {tool('copy', '‖', () => duplicated(tree, path))}
      {tool('remove', '✕', () => removed(tree, path))}
      {tool('add', '+', () => insertedAfter(tree, path, { kind: 'empty' }))}
    </span>
  );
}

interface InnerProps extends PartProps {
  set(condition: Condition): void;
}

function Inner({ condition, set }: InnerProps) {
  const words = useWords();
  const names = useNames();
  const { readOnly } = names;
  const value = (of: Value, change: (value: Value) => void) => (
    <ValueField label={words.text('editor.value')} value={of} change={change} />
  );
  switch (condition.kind) {
    case 'compare':
      return (
        <>
          {value(condition.left, (left) => set({ ...condition, left }))}
          <Menu
            label={words.text('editor.operator')}
            value={condition.operator}
            of={COMPARISONS}
            choose={(operator) => set({ ...condition, operator })}
          />
          <ValueField
            label={words.text('editor.comparedWith')}
            value={condition.right}
            beside={condition.left}
            change={(right) => set({ ...condition, right })}
          />
        </>
      );
    case 'oneOf':
      return (
        <>
          {value(condition.value, (next) => set({ ...condition, value: next }))}
          <input
            type="text"
            aria-label={words.text('editor.oneOf')}
            aria-invalid={condition.literals.length === 0 || undefined}
            value={condition.literals.map((each) => String(each.value)).join(', ')}
            readOnly={readOnly}
            onChange={({ currentTarget }) =>
              set({ ...condition, literals: literalsOf(currentTarget.value, condition.value) })
            }
          />
        </>
      );
    case 'listed':
      return (
        <>
          {condition.keys.map((key, place) => (
            <span key={place}>
              {value(key, (next) => set({ ...condition, keys: condition.keys.toSpliced(place, 1, next) }))}
            </span>
          ))}
          <ListMenu
            value={condition.list}
            phrases={false}
            choose={(list, keys) => set({ ...condition, list, keys: fitted(condition.keys, keys) })}
          />
        </>
      );
    case 'text':
      return (
        <>
          {value(condition.value, (next) => set({ ...condition, value: next }))}
          <Menu
            label={words.text('editor.operator')}
            value={condition.operator}
            of={TEXT_TESTS}
            choose={(operator) => set({ ...condition, operator })}
          />
          <ValueField
            label={words.text('editor.comparedWith')}
            value={condition.argument}
            change={(argument) => set({ ...condition, argument })}
          />
        </>
      );
    case 'mentions':
      return (
        <>
          {value(condition.value, (next) => set({ ...condition, value: next }))}
          <ListMenu value={condition.list} phrases choose={(list) => set({ ...condition, list })} />
        </>
      );
    case 'present':
    case 'flag':
      return value(condition.value, (next) => set({ ...condition, value: next }));
    case 'quantifier':
      return (
        <>
          <Menu
            label={words.text('editor.howMany')}
            value={condition.of}
            of={['any', 'all', 'one'] as const}
            choose={(of) => set({ ...condition, of })}
          />
          <ListField
            label={words.text('editor.over')}
            value={condition.over}
            change={(over) => set({ ...condition, over })}
          />
          <input
            type="text"
            class="code short"
            aria-label={words.text('editor.element')}
            value={condition.variable}
            readOnly={readOnly}
            onChange={({ currentTarget }) => set({ ...condition, variable: currentTarget.value.trim() })}
          />
        </>
      );
    case 'group':
      return (
        <Menu
          label={words.text('editor.howMany')}
          value={condition.of}
          of={['all', 'any'] as const}
          choose={(of) => set({ ...condition, of })}
        />
      );
    case 'cel':
      return (
        <>
          <input
            type="text"
            class="code wide"
            aria-label="CEL"
            spellcheck={false}
            value={condition.text}
            readOnly={readOnly}
            onChange={({ currentTarget }) => set({ ...condition, text: currentTarget.value })}
          />
          <small>{words.text('editor.staysText')}</small>
        </>
      );
    default:
      return null;
  }

  function literalsOf(text: string, of: Value): Literal[] {
    const type = of.kind === 'path' ? (typeAt(names, of.path) ?? 'string') : 'string';
    const parts = text.split(',').map((part) => part.trim());
    return parts.filter((part) => part !== '').map((part) => literalOf(part, type));
  }
}

/** The parts of a group; the condition of a quantifier, in which its element has a name. */
function Nested({ tree, path, condition, change }: PartProps) {
  const words = useWords();
  const names = useNames();
  if (condition.kind === 'quantifier') {
    return (
      <div class="nested">
        <Within over={condition.over} variable={condition.variable}>
          <Part tree={tree} path={[...path, 'condition']} condition={condition.condition} change={change} />
        </Within>
      </div>
    );
  }
  if (condition.kind !== 'group') return null;
  const add = (next: Condition): void => {
    change(replaced(tree, path, { ...condition, conditions: [...condition.conditions, next] }));
  };
  return (
    <div class="nested">
      {condition.conditions.map((each, place) => (
        <Part key={place} tree={tree} path={[...path, 'conditions', place]} condition={each} change={change} />
      ))}
      {!names.readOnly && (
        <p class="buttons">
          <button type="button" class="small" onClick={() => add({ kind: 'empty' })}>
            {words.text('editor.addCondition')}
          </button>
          <button
            type="button"
            class="small"
            onClick={() =>
              add({ kind: 'group', of: condition.of === 'all' ? 'any' : 'all', conditions: [{ kind: 'empty' }] })
            }
          >
            {words.text('editor.addGroup')}
          </button>
        </p>
      )}
    </div>
  );
}
