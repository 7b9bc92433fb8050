import { isMap, isScalar, isSeq } from 'yaml';
import { inOrder, type PolicyProblem } from '../profiles/problems.ts';
import { Fields, type YamlNode, YamlReader } from '../profiles/yaml-reader.ts';
import { ConversionFault, convert, type Notation, parseDateFormat } from './convert.ts';
import { type Row, readSource, SOURCE_SETTINGS, type Source } from './source.ts';
import { DECLARATION_SHAPE, type LeafType, type TargetShape } from './target.ts';

/**
 * A mapping turns each row of a table into one declaration. It has the shape of the declaration that it makes; a leaf
 * is a constant or says which column it comes from, and how. There are no expressions: what a mapping does can be
 * read off it, and checked when it is loaded.
 */
export interface Mapping {
  readonly delimiter: string;
  /** Columns that a table must have. */
  readonly columns: ReadonlySet<string>;
  /** The declaration, for the service to check, or everything that is wrong with the row. */
  apply(row: Row): MappedRow;
}

export type MappedRow = { readonly declaration: unknown } | { readonly faults: readonly RowFault[] };

export interface RowFault {
  /** The column, or null where the fault is of the whole row. */
  readonly column: string | null;
  readonly message: string;
}

/** The file makes no mapping. Carries every problem found. */
export class MappingError extends Error {
  readonly problems: readonly PolicyProblem[];

  constructor(problems: readonly PolicyProblem[]) {
    super(problems.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`).join('\n'));
    this.name = 'MappingError';
    this.problems = problems;
  }
}

/** Gives a value, or undefined where the row has none: then the field, or the entry of a list, is left out. */
type Maker = (row: Row, faults: RowFault[]) => unknown;

/** Fields that every declaration has; without them no row could pass. */
const REQUIRED = ['id', 'regime', 'procedure', 'office', 'lodgedAt', 'currency', 'exchangeRate', 'parties', 'items'];

/** @throws MappingError */
export function parseMapping(file: string, text: string): Mapping {
  const reader = new YamlReader(file, text);
  const root = reader.fields(reader.root, 'a mapping', ['delimiter', 'codes', 'declaration']);
  const delimiter = reader.string(root?.optional('delimiter') ?? null, 'delimiter', {
    pattern: /^[,;|\t]$/,
    expected: 'one of , ; | and tab',
  });
  const compiler = new Compiler(reader, readCodeTables(reader, root?.optional('codes') ?? null));
  const target = root?.required('declaration') ?? null;
  const make = target === null ? null : compiler.compile(target, DECLARATION_SHAPE, 'declaration');
  if (target !== null && isMap(target)) {
    const fields = new Fields(reader, target as Fields['node'], 'declaration');
    for (const name of REQUIRED) fields.required(name);
  }
  if (reader.problems.length > 0 || make === null) throw new MappingError(inOrder(reader.problems));
  return {
    delimiter: delimiter ?? ',',
    columns: compiler.columns,
    apply(row) {
      const faults: RowFault[] = [];
      const declaration = make(row, faults);
      return faults.length > 0 ? { faults } : { declaration };
    },
  };
}

function readCodeTables(reader: YamlReader, node: YamlNode | null): Map<string, ReadonlyMap<string, string>> {
  const tables = new Map<string, ReadonlyMap<string, string>>();
  for (const [name, entry] of reader.openFields(node, 'codes')?.entries ?? []) {
    const rows = reader.openFields(entry.node, `codes ${name}`)?.entries ?? [];
    tables.set(name, new Map([...rows].map(([code, row]) => [code, reader.string(row.node, `${name} ${code}`) ?? ''])));
  }
  return tables;
}

class Compiler {
  readonly columns = new Set<string>();
  private readonly reader: YamlReader;
  private readonly codes: ReadonlyMap<string, ReadonlyMap<string, string>>;

  constructor(reader: YamlReader, codes: ReadonlyMap<string, ReadonlyMap<string, string>>) {
    this.reader = reader;
    this.codes = codes;
  }

  compile(node: YamlNode, shape: TargetShape, what: string): Maker | null {
    if (typeof shape === 'string') return this.leaf(node, shape, what);
    return isArrayShape(shape) ? this.list(node, shape[0], what) : this.object(node, shape, what);
  }

  private list(node: YamlNode, shape: TargetShape, what: string): Maker | null {
    if (!isSeq(node)) return this.reader.problem(node, `${what} must be a list`);
    const makers = (node.items as YamlNode[]).map((entry, index) => this.compile(entry, shape, `${what}/${index}`));
    return (row, faults) => makers.map((make) => make?.(row, faults)).filter((value) => value !== undefined);
  }

  /** `when: COLUMN` leaves the object out where the column is empty. */
  private object(node: YamlNode, shape: Readonly<Record<string, TargetShape>>, what: string): Maker | null {
    const fields = this.reader.fields(node, what, [...Object.keys(shape), 'when']);
    if (fields === null) return null;
    const whenNode = fields.optional('when');
    const when = this.reader.string(whenNode, `${what}/when`);
    if (when !== null) this.columns.add(when);
    const makers: [string, Maker][] = [];
    for (const [name, fieldShape] of Object.entries(shape)) {
      const field = fields.optional(name);
      const make = field === null ? null : this.compile(field, fieldShape, `${what}/${name}`);
      if (make !== null) makers.push([name, make]);
    }
    return (row, faults) => {
      if (when !== null && row(when) === '') return undefined;
      const object: Record<string, unknown> = {};
      for (const [name, make] of makers) {
        const value = make(row, faults);
        if (value !== undefined) object[name] = value;
      }
      return object;
    };
  }

  private leaf(node: YamlNode, type: LeafType, what: string): Maker | null {
    if (isScalar(node)) return this.constant(node, type, what);
    const fields = this.reader.fields(node, what, SOURCE_SETTINGS);
    if (fields === null) return null;
    const source = readSource(fields, type, what, this.codes);
    if (source === null) return null;
    for (const column of source.columns) this.columns.add(column);
    return (row, faults) => readOrFault(source, row, faults);
  }

  /** Checked when the mapping is loaded, so that a wrong constant is not found in every row. */
  private constant(node: YamlNode, type: LeafType, what: string): Maker | null {
    const asNumber = type === 'number' || type === 'integer';
    const text = asNumber ? this.reader.number(node, what, 0, 1e12) : this.reader.string(node, what);
    if (text === null) return null;
    try {
      const value = convert(String(text), type, CONSTANT_NOTATION);
      return () => value;
    } catch (fault) {
      return this.reader.problem(node, `${what} ${(fault as ConversionFault).message}`);
    }
  }
}

const ISO_DAY = parseDateFormat('YYYY-MM-DD', 'Z');
if (ISO_DAY === null) throw new Error('the format of ISO days is not readable');
const CONSTANT_NOTATION: Notation = { point: '.', decimals: null, date: ISO_DAY };

function isArrayShape(shape: TargetShape): shape is readonly [TargetShape] {
  return Array.isArray(shape);
}

function readOrFault(source: Source, row: Row, faults: RowFault[]): unknown {
  try {
    return source.read(row);
  } catch (fault) {
    if (!(fault instanceof ConversionFault)) throw fault;
    faults.push({ column: source.columns[0] ?? null, message: fault.message });
    return undefined;
  }
}
