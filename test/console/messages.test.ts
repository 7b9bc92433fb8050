import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import IntlMessageFormat from 'intl-messageformat';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ROLES } from '../../src/access/roles.ts';
import { RULES } from '../../src/access/rules.ts';
import { CORRIDORS } from '../../src/core/corridor.ts';
import { TARGETS } from '../../src/core/profile.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const LANGUAGES = ['en', 'ru', 'kk'] as const;

function messagesOf(language: string): Record<string, string> {
  return JSON.parse(readFileSync(join(ROOT, 'src/console/messages', `${language}.json`), 'utf8'));
}

const all = Object.fromEntries(LANGUAGES.map((language) => [language, messagesOf(language)]));
const english = all.en as Record<string, string>;

interface Element {
  readonly type: number;
  readonly value?: string;
  readonly options?: Readonly<Record<string, { readonly value: readonly Element[] }>>;
}
const LITERAL = 0;
const POUND = 7;

/** Names of the arguments of a message, in whatever order. @throws where it is no ICU message */
function placeholders(message: string, language: string): string[] {
  const names = new Set<string>();
  const walk = (elements: readonly Element[]): void => {
    for (const { type, value = '', options = {} } of elements) {
      if (type !== LITERAL && type !== POUND) names.add(value);
      for (const option of Object.values(options)) walk(option.value);
    }
  };
  walk(new IntlMessageFormat(message, language).getAst() as readonly Element[]);
  return [...names].sort();
}

describe('the messages of the console', () => {
  it.each(LANGUAGES)('are the same in %s, in the same order, none empty', (language) => {
    const messages = all[language] as Record<string, string>;
    expect(Object.keys(messages)).toEqual(Object.keys(english));
    expect(Object.entries(messages).filter(([, text]) => text.trim() === '')).toEqual([]);
  });

  it.each(LANGUAGES)('take the same values in %s', (language) => {
    const taken = (of: string) => Object.entries(all[of] ?? {}).map(([key, text]) => [key, placeholders(text, of)]);
    expect(taken(language)).toEqual(taken('en'));
  });

  it.each(['ru', 'kk'])('are translated into %s', (language) => {
    const same = Object.entries(all[language] ?? {}).filter(([, text]) => !/[а-яәғқңөұүһі]/i.test(text));
    expect(same).toEqual([]);
  });

  it('name every role that signs in, corridor, target and measure of the shipped rules', () => {
    const measures = [join(ROOT, 'rules/policy.yaml'), ...filesIn(join(ROOT, 'rules/profiles'))].flatMap((file) =>
      [...JSON.stringify(parse(readFileSync(file, 'utf8'))).matchAll(/"code":"([a-z_]+)","instructions"/g)].map(
        (match) => match[1],
      ),
    );
    expect(measures.length).toBeGreaterThan(10);
    const keys = [
      ...ROLES.filter((role) => role !== 'ingest').map((role) => `role.${role}`),
      ...CORRIDORS.flatMap((corridor) => [`standing.${corridor}`, `official.${corridor}`]),
      ...TARGETS.map((target) => `target.${target}`),
      ...measures.map((code) => `measure.${code}`),
    ];
    expect(keys.filter((key) => !(key in english))).toEqual([]);
  });

  it('are all used, by key or by group', () => {
    const sources = filesIn(join(ROOT, 'src/console'))
      .filter((file) => /\.tsx?$/.test(file))
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    const unused = Object.keys(english).filter((key) => {
      const group = key.split('.')[0] ?? '';
      return ![`'${key}'`, `"${key}"`, `'${group}'`, `\`${group}.$`].some((use) => sources.includes(use));
    });
    expect(unused).toEqual([]);
  });

  it('stand behind rules of access that there are', () => {
    const files = ['destinations.ts', 'pages/routes.tsx'].map((file) =>
      readFileSync(join(ROOT, 'src/console', file), 'utf8'),
    );
    const rules = files.flatMap((text) => [...text.matchAll(/rule: '(\w+)'/g)].map((match) => match[1] ?? ''));
    expect(rules.length).toBeGreaterThan(2);
    expect(rules.filter((rule) => !(rule in RULES))).toEqual([]);
  });
});

function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
