import IntlMessageFormat from 'intl-messageformat';
import { recall, remember } from './memory.ts';

export const LANGUAGES = ['en', 'ru', 'kk'] as const;
export type Language = (typeof LANGUAGES)[number];
/** A message of messages/*.json; test/console/messages.test.ts holds the three files together. */
export type MessageKey = keyof typeof import('./messages/en.json');
export type Values = Readonly<Record<string, string | number>>;

/** Each language as it calls itself. */
export const LANGUAGE_NAMES: Record<Language, string> = { en: 'English', ru: 'Русский', kk: 'Қазақша' };
/**
 * As numbers and dates are written: the 24-hour clock, the day before the month. Browsers know little of Kazakh, which
 * writes numbers like Russian and dates in figures.
 */
const STYLES: Record<Language, readonly [locale: string, dateStyle: 'medium' | 'short']> = {
  en: ['en-GB', 'medium'],
  ru: ['ru-KZ', 'medium'],
  kk: ['ru-KZ', 'short'],
};
const LOADERS: Record<Language, () => Promise<{ default: Readonly<Record<MessageKey, string>> }>> = {
  en: () => import('./messages/en.json'),
  ru: () => import('./messages/ru.json'),
  kk: () => import('./messages/kk.json'),
};
const KEY = 'language';

/** The language chosen here, else the first of the browser's that there is. */
export function preferredLanguage(): Language {
  const wanted = [recall(KEY) ?? '', ...navigator.languages].map((tag) => tag.slice(0, 2).toLowerCase());
  return wanted.map((tag) => LANGUAGES.find((language) => language === tag)).find((found) => found) ?? 'en';
}

/** Loads the words of one language, and no other. @throws where they cannot be loaded */
export async function loadWords(language: Language): Promise<Words> {
  const { default: messages } = await LOADERS[language]();
  return new Words(language, messages);
}

export function rememberLanguage(language: Language): void {
  remember(KEY, language);
}

/** Messages, numbers and dates of one language. */
export class Words {
  readonly language: Language;
  private readonly locale: string;
  private readonly messages: Readonly<Record<MessageKey, string>>;
  private readonly compiled = new Map<MessageKey, IntlMessageFormat>();
  private readonly numbers = new Map<number, Intl.NumberFormat>();
  private readonly differences: Intl.NumberFormat;
  private readonly percents: Intl.NumberFormat;
  private readonly dates: Intl.DateTimeFormat;
  private readonly times: Intl.DateTimeFormat;

  constructor(language: Language, messages: Readonly<Record<MessageKey, string>>) {
    this.language = language;
    const [locale, dateStyle] = STYLES[language];
    this.locale = locale;
    this.messages = messages;
    const tenths = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
    this.differences = new Intl.NumberFormat(locale, { ...tenths, signDisplay: 'exceptZero' });
    this.percents = new Intl.NumberFormat(locale, { ...tenths, style: 'percent' });
    this.dates = new Intl.DateTimeFormat(locale, { dateStyle, timeStyle: 'medium' });
    this.times = new Intl.DateTimeFormat(locale, { timeStyle: 'medium' });
  }

  readonly text = (key: MessageKey, values?: Values): string => {
    let format = this.compiled.get(key);
    if (format === undefined) {
      format = new IntlMessageFormat(this.messages[key], this.locale);
      this.compiled.set(key, format);
    }
    return String(format.format(values));
  };

  /** The message of a code that the service made; where it has none, the code in plain letters: `partial_check` → `partial check`. */
  readonly ofCode = (group: string, code: string, values?: Values): string => {
    const key = `${group}.${code}`;
    return key in this.messages ? this.text(key as MessageKey, values) : code.replaceAll('_', ' ');
  };

  readonly number = (value: number, fraction = 0): string => {
    let format = this.numbers.get(fraction);
    if (format === undefined) {
      format = new Intl.NumberFormat(this.locale, { minimumFractionDigits: fraction, maximumFractionDigits: fraction });
      this.numbers.set(fraction, format);
    }
    return format.format(value);
  };

  /** With its sign, unless it is 0 as written. */
  readonly difference = (value: number): string => this.differences.format(value);

  /** A share that is given in percent. */
  readonly percent = (value: number): string => this.percents.format(value / 100);

  /** An instant in ISO 8601 or epoch milliseconds. */
  readonly date = (instant: string | number): string => this.dates.format(new Date(instant));
  readonly time = (instant: string | number): string => this.times.format(new Date(instant));
}
