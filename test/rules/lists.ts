import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';

const LISTS = join(import.meta.dirname, '..', '..', 'rules', 'lists');

/** Rows of a shipped list by column name, without the marks and types of its header. */
export function readRows(list: string): Record<string, string>[] {
  const text = readFileSync(join(LISTS, `${list}.csv`), 'utf8');
  return parse(text, {
    comment: '#',
    comment_no_infix: true,
    columns: (header: string[]) => header.map((name) => name.replace(/^\*/, '').replace(/:.*$/, '')),
  }) as Record<string, string>[];
}

export function column(list: string, name: string): string[] {
  return readRows(list).map((row) => row[name] ?? '');
}
