import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  parseDocument,
  type Scalar,
  visit,
  type YAMLMap,
} from 'yaml';
import { type PolicyProblem, suggestion } from './problems.ts';

export type YamlNode = ParsedNode;

/** A text of a YAML file that is a source itself, with the way back from its lines and columns to the file's. */
export interface EmbeddedText {
  readonly text: string;
  /** Line and column in the text, from 1 → in the file. */
  locate(line: number, column: number): { line: number; column: number };
}

interface TextRule {
  readonly pattern?: RegExp;
  /** What the pattern stands for: "must be …". */
  readonly expected?: string;
  readonly lengthMax?: number;
}

/**
 * Reads a YAML file setting by setting. Every fault is kept as a problem with its line and column, and reading goes on
 * with null in its place, so that an author sees all of them at once. Aliases, tags and repeated keys are refused.
 */
export class YamlReader {
  readonly file: string;
  readonly problems: PolicyProblem[] = [];
  readonly root: YamlNode | null;
  private readonly text: string;
  private readonly lines = new LineCounter();

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
    const document = parseDocument(text, {
      lineCounter: this.lines,
      prettyErrors: false,
      schema: 'core',
      merge: false,
    });
    for (const { pos, message } of [...document.errors, ...document.warnings]) this.problemAt(pos[0], message);
    visit(document, {
      Alias: (_, node) => {
        this.problemAt(node.range?.[0] ?? 0, 'aliases are not read: write the value again');
      },
      Node: (_, node) => {
        if (node.tag !== undefined && !node.tag.startsWith('tag:yaml.org,2002:')) {
          this.problemAt(node.range?.[0] ?? 0, `the tag ${node.tag} is not known`);
        }
      },
    });
    this.root = this.problems.length === 0 ? document.contents : null;
    if (this.problems.length === 0 && this.root === null) this.problemAt(0, 'the file is empty');
  }

  problem(node: YamlNode, message: string): null {
    return this.problemAt(node.range[0], message);
  }

  problemAt(offset: number, message: string): null {
    this.problems.push({ file: this.file, ...this.position(offset), message });
    return null;
  }

  position(offset: number): { line: number; column: number } {
    const { line, col } = this.lines.linePos(Math.min(offset, this.text.length));
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }

  /** A mapping whose keys are all among `known`. */
  fields(node: YamlNode | null, what: string, known: readonly string[]): Fields | null {
    if (node === null) return null;
    if (!isMap(node)) return this.problem(node, `${what} must be a mapping of ${known.join(', ')}`);
    const fields = new Fields(this, node, what);
    for (const [key, { at }] of fields.entries) {
      if (known.includes(key)) continue;
      this.problemAt(at, `${what} has no setting ${key}${suggestion(key, known)}; known: ${known.join(', ')}`);
    }
    return fields;
  }

  /** A mapping with keys of the author's own. */
  openFields(node: YamlNode | null, what: string): Fields | null {
    if (node === null) return null;
    return isMap(node) ? new Fields(this, node, what) : this.problem(node, `${what} must be a mapping`);
  }

  /** The entries of a list, each read by `read`; what cannot be read is left out. */
  list<T>(node: YamlNode | null, what: string, read: (node: YamlNode) => T | null): T[] {
    if (node === null) return [];
    if (!isSeq(node)) {
      this.problem(node, `${what} must be a list`);
      return [];
    }
    const values: T[] = [];
    for (const entry of node.items as YamlNode[]) {
      const value = read(entry);
      if (value !== null) values.push(value);
    }
    return values;
  }

  string(node: YamlNode | null, what: string, rule: TextRule = {}): string | null {
    if (node === null) return null;
    const value = isScalar(node) ? node.value : undefined;
    if (typeof value === 'number' || typeof value === 'boolean') {
      return this.problem(node, `${what} must be a text: write it in quotes, "${this.sourceOf(node)}"`);
    }
    if (typeof value !== 'string') return this.problem(node, `${what} must be a text`);
    if (value.trim() === '') return this.problem(node, `${what} must not be empty`);
    if (value.length > (rule.lengthMax ?? 1000)) {
      return this.problem(node, `${what} must not be longer than ${rule.lengthMax ?? 1000} characters`);
    }
    if (rule.pattern !== undefined && !rule.pattern.test(value)) {
      return this.problem(node, `${what} must be ${rule.expected ?? `like ${rule.pattern}`}, not "${value}"`);
    }
    return value;
  }

  oneOf<T extends string>(node: YamlNode | null, what: string, known: readonly T[]): T | null {
    const value = this.string(node, what);
    if (node === null || value === null) return null;
    if ((known as readonly string[]).includes(value)) return value as T;
    return this.problem(node, `${what} must be one of ${known.join(', ')}, not "${value}"${suggestion(value, known)}`);
  }

  number(node: YamlNode | null, what: string, least: number, most: number): number | null {
    if (node === null) return null;
    const value = isScalar(node) ? node.value : undefined;
    if (typeof value === 'number' && value >= least && value <= most) return value;
    return this.problem(node, `${what} must be a number from ${least} to ${most}, not ${this.sourceOf(node)}`);
  }

  boolean(node: YamlNode | null, what: string): boolean | null {
    if (node === null) return null;
    const value = isScalar(node) ? node.value : undefined;
    return typeof value === 'boolean' ? value : this.problem(node, `${what} must be true or false`);
  }

  /** A day (its start, UTC) or an instant with its zone, as epoch milliseconds. */
  instant(node: YamlNode | null, what: string): number | null {
    const value = this.string(node, what);
    if (node === null || value === null) return null;
    return parseInstant(value) ?? this.problem(node, `${what} must be a date like 2026-01-31, not "${value}"`);
  }

  /** A text that another language is written in. */
  embedded(node: YamlNode | null, what: string, lengthMax: number): EmbeddedText | null {
    const scalar = node !== null && isScalar(node) && typeof node.value === 'boolean' ? this.sourceOf(node) : null;
    const text = scalar ?? this.string(node, what, { lengthMax });
    if (node === null || text === null || !isScalar(node)) return null;
    return { text, locate: (line, column) => this.locate(node, text, line, column) };
  }

  /** Plain data, for what is checked elsewhere. */
  plain(node: YamlNode | null): unknown {
    return node === null ? null : node.toJSON();
  }

  sourceOf(node: YamlNode): string {
    const source = this.text.slice(node.range[0], node.range[1]).trim();
    return source.length > 60 ? `${source.slice(0, 60)}…` : source;
  }

  private locate(node: Scalar.Parsed, text: string, line: number, column: number): { line: number; column: number } {
    const start = this.position(node.range[0]);
    if (node.type === 'BLOCK_LITERAL') {
      const wanted = text.split('\n')[line - 1] ?? '';
      const from = this.lines.lineStarts[start.line + line - 1] ?? node.range[1];
      const to = this.lines.lineStarts[start.line + line] ?? this.text.length + 1;
      const raw = this.text.slice(from, to - 1);
      const indent = raw.endsWith(wanted) ? raw.length - wanted.length : raw.length - raw.trimStart().length;
      return { line: start.line + line, column: indent + column };
    }
    const quote = node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE' ? 1 : 0;
    const oneLine = !this.text.slice(node.range[0], node.range[1]).includes('\n');
    return oneLine && node.type !== 'BLOCK_FOLDED'
      ? { line: start.line, column: start.column + quote + column - 1 }
      : start;
  }
}

/** The settings of one mapping. */
export class Fields {
  readonly reader: YamlReader;
  readonly node: YAMLMap.Parsed;
  readonly entries = new Map<string, { node: YamlNode; at: number }>();
  private readonly what: string;

  constructor(reader: YamlReader, node: YAMLMap.Parsed, what: string) {
    this.reader = reader;
    this.node = node;
    this.what = what;
    for (const { key, value } of node.items) {
      if (isAlias(key) || !isScalar(key)) continue;
      // `key:` with nothing behind it is as good as left out.
      if (value === null || (isScalar(value) && value.value === null)) continue;
      this.entries.set(String(key.value), { node: value as YamlNode, at: key.range?.[0] ?? node.range[0] });
    }
  }

  optional(key: string): YamlNode | null {
    return this.entries.get(key)?.node ?? null;
  }

  required(key: string): YamlNode | null {
    return this.optional(key) ?? this.reader.problem(this.node, `${this.what} needs the setting ${key}`);
  }
}

const INSTANT = /^(\d{4})-(\d{2})-(\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/** `2026-01-31` (start of the day, UTC) or an ISO 8601 instant with its zone → epoch milliseconds; null otherwise. */
export function parseInstant(text: string): number | null {
  const match = INSTANT.exec(text);
  if (match === null) return null;
  const [, year, month, day] = match;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  // 2026-02-30 rolls over into March: no such day.
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return null;
  const instant = Date.parse(text);
  return Number.isNaN(instant) ? null : instant;
}
