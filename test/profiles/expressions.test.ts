import { describe, expect, it } from 'vitest';
import type { Declaration } from '../../src/core/declaration.ts';
import { buildPolicy } from '../../src/profiles/policy.ts';
import { PolicyError } from '../../src/profiles/problems.ts';
import { caseOf, match } from '../helpers/cases.ts';
import { policyOf } from '../helpers/policy-of.ts';

describe('lists in expressions', () => {
  const LISTS = {
    codes: '*code:string,validUntil:date\nCN,2026-01-01\nDE,\n',
    rates:
      '*hs:hs,*origin:string,rate:number,minimum:money,since:date,count:int,flag:bool\n' +
      '84,CN,10,1000.50,2026-01-01,3,true\n8471,CN,20,,,,\n',
    words: 'words:phrase\nspare parts\n',
  };
  const hits = (when: string, declaration: unknown = {}, facts: unknown = {}) => {
    const matches = match(buildPolicy(policyOf({ P: { when } }, LISTS)), caseOf(declaration, facts));
    expect(matches.faults).toEqual([]);
    return matches.hits.length === 1;
  };
  const item = (patch: object) => ({ items: [patch] });
  const machine = item({ hsCode: '8401100000', originCountry: 'CN' });
  const laptop = item({ hsCode: '8471300000', originCountry: 'CN' });

  it('are asked at event time', () => {
    const when = 'item.originCountry in list("codes")';
    expect(hits(when)).toBe(true);
    expect(hits(when, item({ originCountry: 'CN' }))).toBe(false);
    expect(hits(when, item({ originCountry: 'CN' }), { receivedAt: '2025-06-01' })).toBe(true);
  });

  it('give typed values of a row', () => {
    expect(hits('lookup("rates", "rate", item.hsCode, item.originCountry) == 10.0', machine)).toBe(true);
    expect(hits('lookup("rates", "rate", item.hsCode, item.originCountry) == 20.0', laptop)).toBe(true);
    expect(hits('lookup("rates", "minimum", item.hsCode, item.originCountry) == 1000.5', machine)).toBe(true);
    expect(hits('lookup("rates", "since", item.hsCode, item.originCountry) < now', machine)).toBe(true);
    expect(hits('lookup("rates", "count", item.hsCode, item.originCountry) == 3', machine)).toBe(true);
    expect(hits('lookup("rates", "flag", item.hsCode, item.originCountry)', machine)).toBe(true);
  });

  it('give absence where there is no row or no value: comparisons with it are false', () => {
    expect(hits('lookup("rates", "minimum", item.hsCode, item.originCountry) > 0', laptop)).toBe(false);
    expect(hits('lookup("rates", "minimum", item.hsCode, item.originCountry) <= 0', laptop)).toBe(false);
    expect(hits('lookup("rates", "since", item.hsCode, item.originCountry) < now', laptop)).toBe(false);
    expect(hits('lookup("rates", "rate", item.hsCode, item.originCountry) >= 0.0')).toBe(false);
    expect(hits('item.brand in list("codes")')).toBe(false);
    expect(hits('listed("rates", item.hsCode, item.brand)')).toBe(false);
  });

  it('find phrases in a text', () => {
    expect(hits('mentions(item.description, "words")', item({ description: 'Spare  PARTS' }))).toBe(true);
    expect(hits('mentions(item.description, "words")')).toBe(false);
    expect(hits('mentions(item.brand, "words")')).toBe(false);
  });

  it.each([
    ['item.hsCode in list("code")', 'no list is called code (did you mean codes?)'],
    ['item.hsCode in list(item.brand)', 'the name of a list must be a literal text'],
    ['item.hsCode in list("rates")', 'the list rates has 2 keys (hs, origin), not 1'],
    ['listed("rates", item.hsCode)', 'the list rates has 2 keys (hs, origin), not 1'],
    [
      'lookup("rates", "rat", item.hsCode, item.originCountry) > 1',
      'the list rates has no column rat (did you mean rate?)',
    ],
    ['item.description in list("words")', 'words is a list of phrases: use mentions(text, "words")'],
    ['mentions(item.description, "codes")', 'codes is no list of phrases'],
    ['size(list("codes")) > 1', 'list("…") can only stand behind in'],
  ])('are checked with the policy: %s', (when, message) => {
    const build = () => buildPolicy(policyOf({ P: { when } }, LISTS));
    expect(build).toThrow(PolicyError);
    expect(build).toThrow(message);
  });
});

describe('facts in expressions', () => {
  const value = (
    expression: string,
    declaration: unknown = {},
    facts: unknown = {},
    regime: Declaration['regime'] = 'import',
  ) => {
    const matches = match(buildPolicy(policyOf({ P: { when: expression } })), caseOf(declaration, facts, regime));
    expect(matches.faults).toEqual([]);
    return matches.hits.length === 1;
  };

  it('tell of documents that are not expired', () => {
    const documents = [{ code: '04021', number: '1', validUntil: '2026-03-02T09:00:00Z' }];
    expect(value('hasDocument("04021")', { documents })).toBe(true);
    expect(value('hasDocument("04021")', { documents }, { receivedAt: '2026-03-03' })).toBe(false);
    expect(value('hasDocument("04022")', { documents })).toBe(false);
  });

  it('add up duties', () => {
    expect(value('duty(item, "vat") == 38880')).toBe(true);
    expect(value('duty(item, "excise") == 0')).toBe(true);
    expect(value('totalDuties() == 125760', { items: [{}, {}] })).toBe(true);
    expect(value('sum(declaration.items.map(i, i.customsValue)) == 600000', { items: [{}, {}] })).toBe(true);
    expect(value('sum(declaration.items.map(i, i.netMassKg)) == 200.0', { items: [{}, {}] })).toBe(true);
    expect(value('sum(item.packages.map(p, p.count)) == 10')).toBe(true);
  });

  it('tell of the statistics of each item', () => {
    const facts = { items: [{}, { valuePerKg: { n: 40, p50: 100 } }] };
    expect(value('stats.valuePerKg(item).n == 40', { items: [{}, {}] }, facts)).toBe(true);
    expect(value('stats.valuePerKg(item).n == 0 && !has(stats.valuePerKg(item).p50)')).toBe(true);
    expect(value('declaration.items.exists(i, stats.valuePerKg(i).p50 == 100)', { items: [{}, {}] }, facts)).toBe(true);
    expect(value('stats.valuePerKg(item).p50 < 1000000 || stats.valuePerKg(item).p50 >= 0')).toBe(false);
  });

  it('tell of the trader and of each party by role', () => {
    expect(value('trader.id == "150240000111" && trader.known && trader.d30.count == 10')).toBe(true);
    expect(value('trader.arrears > 999 && trader.arrears < 1001', {}, { trader: { arrears: '1000' } })).toBe(true);
    expect(value('trader.d90.value == 30000000')).toBe(true);
    expect(value('now - trader.firstSeenAt > duration("17000h")')).toBe(true);
    expect(value('has(trader.firstSeenAt)', {}, { trader: { firstSeenAt: null } })).toBe(false);
    expect(value('parties.carrier.category == "high"', {}, { parties: [{ role: 'carrier', category: 'high' }] })).toBe(
      true,
    );
    expect(value('has(parties.broker) || parties.broker.category == "medium"')).toBe(false);
    expect(value('parties.principal.id == trader.id', {}, {}, 'transit')).toBe(true);
  });
});
