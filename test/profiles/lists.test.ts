import { describe, expect, it } from 'vitest';
import { readList } from '../../src/profiles/list-file.ts';
import { RuleList } from '../../src/profiles/lists.ts';
import type { PolicyProblem } from '../../src/profiles/problems.ts';

const NOW = Date.UTC(2026, 2, 2);

function listOf(...lines: string[]): RuleList {
  const problems: PolicyProblem[] = [];
  const source = readList('sample', 'lists/sample.csv', lines.join('\n'), problems);
  expect(problems).toEqual([]);
  return new RuleList(source ?? expect.fail('the list was not read'));
}

function problemsOf(...lines: string[]): string[] {
  const problems: PolicyProblem[] = [];
  readList('sample', 'lists/sample.csv', lines.join('\n'), problems);
  return problems.map(({ line, message }) => `${line}: ${message}`);
}

describe('a list', () => {
  it('finds an HS code by its longest prefix', () => {
    const list = listOf('*hs:hs,rate:number', '84,1', '8471,2', '847130,3');
    expect(list.lookup(0, NOW, '8471300000')).toBe(3);
    expect(list.lookup(0, NOW, '8471500000')).toBe(2);
    expect(list.lookup(0, NOW, '8401100000')).toBe(1);
    expect(list.lookup(0, NOW, '8501100000')).toBeNull();
    expect(list.has(NOW, '85')).toBe(false);
  });

  it('falls back to a shorter prefix where the longer one does not hold now or has another second key', () => {
    const list = listOf(
      '*hs:hs,*origin:string,rate:number,validFrom:date,validUntil:date',
      '7304,CN,10,,',
      '730441,CN,20,2020-01-01,2021-01-01',
      '730441,UA,30,,',
    );
    expect(list.lookup(0, NOW, '7304410009', 'CN')).toBe(10);
    expect(list.lookup(0, Date.UTC(2020, 5, 1), '7304410009', 'CN')).toBe(20);
    expect(list.lookup(0, NOW, '7304410009', 'UA')).toBe(30);
    expect(list.lookup(0, NOW, '7304310009', 'UA')).toBeNull();
  });

  it('holds from the first day of its validity up to, not including, the last', () => {
    const list = listOf('*code:string,validFrom:date,validUntil:date', 'A,2026-01-01,2026-02-01');
    expect(list.has(Date.UTC(2025, 11, 31, 23, 59), 'A')).toBe(false);
    expect(list.has(Date.UTC(2026, 0, 1), 'A')).toBe(true);
    expect(list.has(Date.UTC(2026, 1, 1), 'A')).toBe(false);
  });

  it('lets rows of one key follow each other in time', () => {
    const list = listOf(
      '*code:string,rate:number,validFrom:date,validUntil:date',
      'A,1,,2026-01-01',
      'A,2,2026-01-01,',
    );
    expect(list.lookup(0, Date.UTC(2025, 5, 1), 'A')).toBe(1);
    expect(list.lookup(0, NOW, 'A')).toBe(2);
  });

  it('takes up to four keys, and HS among them at any place', () => {
    const list = listOf('*origin:string,*hs:hs,*party:string,*office:string,rate:number', 'CN,7304,P1,55301,7');
    expect(list.lookup(0, NOW, 'CN', '7304410009', 'P1', '55301')).toBe(7);
    expect(list.has(NOW, 'CN', '7304410009', 'P2', '55301')).toBe(false);
  });

  it('gives typed values, and absence for an empty cell', () => {
    const list = listOf(
      '*code:string,text:string,rate:number,count:int,flag:bool,since:date,minimum:money',
      'A,some text,1.5,3,true,2026-01-31,12.50',
      'B,,,,,,',
    );
    const row = (key: string) => list.columns.map((_, column) => list.lookup(column, NOW, key));
    expect(row('A')).toEqual(['some text', 1.5, 3, true, Date.UTC(2026, 0, 31), 1250]);
    expect(row('B')).toEqual([null, null, null, null, null, null]);
  });

  it('finds phrases as whole words, in any case, script and spacing', () => {
    const list = listOf('# vague', 'words:phrase', 'spare parts', 'ЗАПАСНЫЕ ЧАСТИ', '"parts, other"', 'ʼn');
    const mentions = (text: string) => list.hasPhrase(NOW, text);
    expect(mentions('SPARE\n parts for cars')).toBe(true);
    expect(mentions('запасные части к автомобилям')).toBe(true);
    expect(mentions('various parts — other')).toBe(true);
    expect(mentions('spareparts')).toBe(false);
    expect(mentions('spare and parts')).toBe(false);
    expect(mentions('spare partss')).toBe(false);
    expect(mentions('')).toBe(false);
  });

  it('keeps a # inside of a cell and leaves out comment lines', () => {
    const list = listOf('# first', '*code:string,note:string', '# second', 'A,no # comment');
    expect(list.lookup(0, NOW, 'A')).toBe('no # comment');
  });
});

describe('a faulty list', () => {
  it('names the line of every faulty row', () => {
    const lines = [
      '# comment',
      '*hs:hs,rate:number,validFrom:date',
      '8471,x,',
      'abc,1,',
      '8472,1,2026-02-30',
      '8473,1',
    ];
    expect(problemsOf(...lines)).toEqual([
      '3: rate must be a number, not "x"',
      '4: hs must be 2 to 10 digits of an HS code, not "abc"',
      '5: validFrom must be a date like 2026-01-31, not "2026-02-30"',
      '6: 3 cells were expected, not 2',
    ]);
  });

  it('refuses rows of the same key whose validity overlaps', () => {
    expect(problemsOf('*code:string', 'A', 'B', 'A')).toEqual(['4: A stands on line 2 already']);
  });

  it('refuses a header it cannot read', () => {
    expect(problemsOf('')).toEqual(['1: a header like *hs:hs,rate:number was expected']);
    expect(problemsOf('code')).toEqual(['1: column 1: name:type was expected, not "code"']);
    expect(problemsOf('a:string,b:string')).toEqual(['1: mark the key columns with *, like *hs:hs']);
    expect(problemsOf('*a:strng')).toEqual([
      '1: column a: type strng is none of hs, string, phrase, number, int, bool, date, money (did you mean string?)',
    ]);
    expect(problemsOf('a:string,*b:string')).toEqual(['1: key columns come first']);
    expect(problemsOf('*a:number')).toEqual(['1: key a must be hs, string or phrase']);
    expect(problemsOf('*a:phrase,*b:string')).toEqual(['1: a phrase must be the only key']);
    expect(problemsOf('*a:hs,*b:hs')).toEqual(['1: one key at most can be hs']);
    expect(problemsOf('*a:string,a:string')).toEqual(['1: column a stands twice']);
  });

  it('says what is no CSV', () => {
    expect(problemsOf('*a:string', 'x', '"y')[0]).toMatch(/^\d+: not CSV: /);
  });
});
