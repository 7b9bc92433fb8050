import { useId, useMemo } from 'preact/hooks';
import type { Literal, Value } from '../../criteria/ast.ts';
import { useWords } from '../context.ts';
import { CollectionField, TextPart } from './collection-field.tsx';
import { codesAt, type Names, pathsOf, typeAt, useNames } from './words.ts';

interface ValueFieldProps {
  readonly label: string;
  readonly value: Value;
  /** What stands on the other side of a comparison: its type and codes say what is typed here. */
  readonly beside?: Value | undefined;
  change(value: Value): void;
}

const KINDS = ['path', 'literal', 'arithmetic', 'call', 'count', 'sum', 'cel'] as const;
type Kind = (typeof KINDS)[number];
const ARITHMETIC = ['+', '-', '*', '/', '%'] as const;

/** One value: a field of the declaration, a constant, a sum of others, a statistic. */
export function ValueField({ label, value, beside, change }: ValueFieldProps) {
  const words = useWords();
  const names = useNames();
  const kind: Kind = value.kind === 'empty' ? 'path' : value.kind === 'member' ? 'cel' : value.kind;
  return (
    <span class="value">
      <select
        aria-label={words.text('editor.valueKind', { label })}
        value={kind}
        disabled={names.readOnly}
        onChange={({ currentTarget }) => change(emptyOf(currentTarget.value as Kind, value, beside, names))}
      >
        {KINDS.map((each) => (
          <option key={each} value={each}>
            {words.ofCode('valueKind', each)}
          </option>
        ))}
      </select>
      <Inner label={label} value={value} beside={beside} change={change} />
    </span>
  );
}

function emptyOf(kind: Kind, before: Value, beside: Value | undefined, names: Names): Value {
  switch (kind) {
    case 'path':
      return { kind: 'path', path: [] };
    case 'literal':
      return literalOf('', typeOf(beside, names));
    case 'arithmetic':
      return { kind: 'arithmetic', operator: '*', left: before, right: { kind: 'literal', type: 'number', value: 1 } };
    case 'call':
      return { kind: 'call', name: '', args: [], fields: [] };
    case 'count':
      return { kind: 'count', over: { kind: 'path', path: ['declaration', 'items'] }, variable: 'i', where: null };
    case 'sum': {
      const over: Value = { kind: 'path', path: ['declaration', 'items'] };
      return { kind: 'sum', over, variable: 'i', where: null, of: { kind: 'path', path: ['i', 'netMassKg'] } };
    }
    case 'cel':
      return { kind: 'cel', text: '' };
  }
}

function Inner({ label, value, beside, change }: ValueFieldProps) {
  const words = useWords();
  const { readOnly } = useNames();
  switch (value.kind) {
    case 'empty':
    case 'path':
      return <PathField label={label} path={value.kind === 'empty' ? [] : value.path} change={change} />;
    case 'literal':
      return <LiteralField label={label} value={value} beside={beside} change={change} />;
    case 'arithmetic':
      return (
        <>
          <ValueField
            label={words.text('editor.left')}
            value={value.left}
            change={(left) => change({ ...value, left })}
          />
          <select
            aria-label={words.text('editor.operator')}
            value={value.operator}
            disabled={readOnly}
            onChange={({ currentTarget }) => change({ ...value, operator: currentTarget.value as '+' })}
          >
            {ARITHMETIC.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
          <ValueField
            label={words.text('editor.right')}
            value={value.right}
            beside={value.left}
            change={(right) => change({ ...value, right })}
          />
        </>
      );
    case 'call':
      // A field of a field of what a function gives has no menu.
      if (value.fields.length > 1) return <TextPart label={label} value={value} change={change} />;
      return <CallField value={value} change={change} />;
    case 'count':
    case 'sum':
      return (
        <CollectionField
          value={value}
          change={change}
          summed={(of, put) => <ValueField label={words.text('editor.sumOf')} value={of} change={put} />}
        />
      );
    case 'member':
    case 'cel':
      return <TextPart label={label} value={value} change={change} />;
  }
}

function pathOf(text: string): Value {
  const path = text.trim() === '' ? [] : text.trim().split('.');
  return { kind: 'path', path };
}

interface PathFieldProps {
  readonly label: string;
  readonly path: readonly string[];
  change(value: Value): void;
}

/** A field by its name, found by typing a part of it or of what it means. */
function PathField({ label, path, change }: PathFieldProps) {
  const names = useNames();
  const { language } = useWords();
  const id = useId();
  const paths = useMemo(() => pathsOf(names), [names]);
  const known = path.length === 0 || typeAt(names, path) !== null;
  const field = paths.find((each) => each.path.join('.') === path.join('.'))?.field;
  const meaning = field?.description?.[language === 'en' ? 'en' : 'ru'] ?? '';
  return (
    <>
      <input
        type="text"
        class="code"
        list={id}
        aria-label={label}
        aria-invalid={!known || path.length === 0 || undefined}
        title={[meaning, field?.description?.unit].filter((each) => each).join(', ')}
        value={path.join('.')}
        spellcheck={false}
        autocomplete="off"
        readOnly={names.readOnly}
        onChange={({ currentTarget }) => change(pathOf(currentTarget.value))}
      />
      <datalist id={id}>
        {paths.map(({ path: each, type, field: { description } }) => (
          <option key={each.join('.')} value={each.join('.')}>
            {[description?.[language === 'en' ? 'en' : 'ru'], description?.unit ?? type]
              .filter((part) => part)
              .join(' · ')}
          </option>
        ))}
      </datalist>
    </>
  );
}

const TYPES: Readonly<Record<Literal['type'], string>> = {
  ...{ text: 'string', number: 'double', integer: 'int', boolean: 'bool', date: 'timestamp', duration: 'duration' },
};

function typeOf(value: Value | undefined, names: Names): string {
  if (value?.kind === 'path') return typeAt(names, value.path) ?? 'string';
  if (value?.kind === 'literal') return TYPES[value.type];
  if (value?.kind === 'call') {
    const result = names.dictionary.functions.find(({ name }) => name === value.name)?.result ?? 'double';
    const [field] = value.fields;
    return field === undefined
      ? result
      : (names.dictionary.types[result]?.find(({ name }) => name === field)?.type ?? result);
  }
  return value?.kind === 'count' ? 'int' : value === undefined ? 'string' : 'double';
}

/** A constant from what is typed, as the type beside it wants it; a number that is none is not a number yet. */
export function literalOf(text: string, type: string): Literal {
  switch (type) {
    case 'int':
      return { kind: 'literal', type: 'integer', value: text.trim() === '' ? Number.NaN : Number(text) };
    case 'double':
    case 'money':
      return {
        kind: 'literal',
        type: 'number',
        value: text.trim() === '' ? Number.NaN : Number(text.replace(',', '.')),
      };
    case 'bool':
      return { kind: 'literal', type: 'boolean', value: text !== 'false' };
    case 'timestamp':
      return { kind: 'literal', type: 'date', value: text };
    case 'duration':
      return { kind: 'literal', type: 'duration', value: text };
    default:
      return { kind: 'literal', type: 'text', value: text };
  }
}

interface LiteralFieldProps {
  readonly label: string;
  readonly value: Literal;
  readonly beside?: Value | undefined;
  change(value: Value): void;
}

function LiteralField({ label, value, beside, change }: LiteralFieldProps) {
  const names = useNames();
  const id = useId();
  const codes = beside?.kind === 'path' ? codesAt(names, beside.path) : [];
  const text = typeof value.value === 'number' && Number.isNaN(value.value) ? '' : String(value.value);
  const type = beside === undefined ? typeOf(value, names) : typeOf(beside, names);
  const isNumber = value.type === 'number' || value.type === 'integer';
  return (
    <>
      <input
        type="text"
        inputMode={isNumber ? 'decimal' : 'text'}
        list={codes.length > 0 ? id : undefined}
        aria-label={label}
        aria-invalid={(isNumber && text === '') || undefined}
        value={text}
        readOnly={names.readOnly}
        onChange={({ currentTarget }) => change(literalOf(currentTarget.value, type))}
      />
      {codes.length > 0 && (
        <datalist id={id}>
          {codes.map((code) => (
            <option key={code} value={code} />
          ))}
        </datalist>
      )}
    </>
  );
}

type Call = Extract<Value, { kind: 'call' }>;

/** A function: statistics of the goods, duties, look-ups in lists. */
function CallField({ value, change }: { value: Call; change(value: Value): void }) {
  const words = useWords();
  const names = useNames();
  const { functions, types } = names.dictionary;
  const found = functions.find(({ name }) => name === value.name);
  const fields = types[found?.result ?? ''] ?? [];
  const choose = (name: string): void => {
    const chosen = functions.find((each) => each.name === name);
    const args = (chosen?.params ?? []).map((type): Value => {
      const path = type === 'Item' ? ['item'] : [];
      return type === 'string' ? { kind: 'literal', type: 'text', value: '' } : { kind: 'path', path };
    });
    change({ kind: 'call', name, args, fields: [] });
  };
  return (
    <>
      <select
        aria-label={words.text('editor.function')}
        value={value.name}
        disabled={names.readOnly}
        onChange={({ currentTarget }) => choose(currentTarget.value)}
      >
        <option value="" />
        {[...new Set(functions.map(({ name }) => name))].map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      {value.args.map((arg, place) => (
        <ValueField
          key={place}
          label={words.text('editor.argument', { number: place + 1 })}
          value={arg}
          change={(next) => change({ ...value, args: value.args.toSpliced(place, 1, next) })}
        />
      ))}
      {fields.length > 0 && (
        <select
          aria-label={words.text('editor.field')}
          value={value.fields[0] ?? ''}
          disabled={names.readOnly}
          onChange={({ currentTarget }) =>
            change({ ...value, fields: currentTarget.value === '' ? [] : [currentTarget.value] })
          }
        >
          <option value="" />
          {fields.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      )}
    </>
  );
}
