import { describe, expect, it } from 'vitest';
import type { PolicyProblem } from '../../src/profiles/problems.ts';
import { type ProfileSource, readProfile } from '../../src/profiles/profile-file.ts';

const GOOD = `id: UV-001
title: Customs value per kg under half of the median
target: undervaluation
corridor: yellow
measures:
  - code: documentary_check
    instructions: Compare the invoice with the price statistics.
weight: 0.45
group: value
damage: "5000000.50"
scope:
  regimes: [import]
  offices: ["55301"]
  procedures: ["40"]
  categories: [medium, high]
  validFrom: 2025-01-01
  validUntil: 2027-01-01
percentage: 50
onError: miss
level: item
when: |
  item.netMassKg > 1
    && item.hsCode == "1"
unless: trader.authorisedOperator
tests:
  - name: hits
    hits: true
  - name: does not
    regime: export
    declaration: { office: "55302" }
    facts: { trader: { known: false } }
    hits: false
`;

function read(text: string, file = 'profiles/UV-001.yaml'): { source: ProfileSource | null; problems: string[] } {
  const problems: PolicyProblem[] = [];
  const source = readProfile(file, text, problems);
  return { source, problems: problems.map(({ line, column, message }) => `${line}:${column} ${message}`) };
}

/** Problems of the good profile with one line changed. */
function changed(from: string, to: string): string[] {
  expect(GOOD).toContain(from);
  const { source, problems } = read(GOOD.replace(from, to));
  if (problems.length > 0) expect(source).toBeNull();
  return problems;
}

describe('a profile file', () => {
  it('gives every setting', () => {
    const { source, problems } = read(GOOD);
    expect(problems).toEqual([]);
    expect(source?.profile).toEqual({
      id: 'UV-001',
      title: 'Customs value per kg under half of the median',
      target: 'undervaluation',
      corridor: 'yellow',
      measures: [{ code: 'documentary_check', instructions: 'Compare the invoice with the price statistics.' }],
      weight: 0.45,
      group: 'value',
      damageTiyn: 500_000_050,
      mandatory: false,
      scope: {
        regimes: ['import'],
        offices: ['55301'],
        procedures: ['40'],
        categories: ['medium', 'high'],
        validFrom: Date.UTC(2025, 0, 1),
        validUntil: Date.UTC(2027, 0, 1),
      },
      percentage: 50,
      onError: 'miss',
    });
    expect(source?.tests.map(({ name, regime, hits, line }) => [name, regime, hits, line])).toEqual([
      ['hits', 'import', true, 26],
      ['does not', 'export', false, 28],
    ]);
  });

  it('has defaults for what may be left out', () => {
    const optional = /^(group|damage|scope|percentage|onError|level|unless):.*\n(?: {2}.*\n)*/gm;
    const { source, problems } = read(GOOD.replace(optional, ''));
    expect(problems).toEqual([]);
    expect(source).toMatchObject({ level: 'item', unless: null });
    expect(source?.profile).toMatchObject({
      group: 'undervaluation',
      damageTiyn: null,
      mandatory: false,
      percentage: 100,
      onError: 'documents',
      scope: { regimes: [], offices: [], procedures: [], categories: [], validFrom: null, validUntil: null },
    });
  });

  it('leads from a place in an expression back to the file', () => {
    const { source } = read(GOOD);
    expect(source?.when.locate(1, 6)).toEqual({ line: 22, column: 8 });
    expect(source?.when.locate(2, 6)).toEqual({ line: 23, column: 8 });
    expect(source?.unless?.locate(1, 9)).toEqual({ line: 24, column: 17 });
    const quoted = read(GOOD.replace('unless: trader', 'unless: "trader').replace('Operator\n', 'Operator"\n'));
    expect(quoted.source?.unless?.locate(1, 9)).toEqual({ line: 24, column: 18 });
  });
});

describe('a faulty profile file', () => {
  it.each([
    ['weight: 0.45', 'weight: 1.5', '8:9 weight must be a number from 0 to 1, not 1.5'],
    ['weight: 0.45', 'weight: "0.45"', '8:9 weight must be a number from 0 to 1, not "0.45"'],
    ['weight: 0.45', 'weight: .nan', '8:9 weight must be a number from 0 to 1, not .nan'],
    ['percentage: 50', 'percentage: 101', '18:13 percentage must be a number from 0 to 100, not 101'],
    ['corridor: yellow', 'corridor: green', '4:11 corridor must be one of blue, yellow, red, not "green"'],
    [
      'corridor: yellow',
      'corridor: yelow',
      '4:11 corridor must be one of blue, yellow, red, not "yelow" (did you mean yellow?)',
    ],
    ['id: UV-001', 'id: UV-002', '1:5 id must be the name of the file, UV-001, not UV-002'],
    ['procedures: ["40"]', 'procedures: [40]', '14:16 procedures must be a text: write it in quotes, "40"'],
    [
      'validFrom: 2025-01-01',
      'validFrom: 2025-02-30',
      '16:14 validFrom must be a date like 2026-01-31, not "2025-02-30"',
    ],
    ['validUntil: 2027-01-01', 'validUntil: 2024-01-01', '17:15 validUntil must be after validFrom'],
    [
      '[medium, high]',
      '[medium, hgh]',
      '15:24 categories must be one of low, medium, high, not "hgh" (did you mean high?)',
    ],
    ['[medium, high]', '[high, high]', '15:15 high stands twice'],
    ['offices: ["55301"]', 'offices: "55301"', '13:12 offices must be a list'],
    [
      'damage: "5000000.50"',
      'damage: "much"',
      '10:9 damage must be a decimal amount of KZT like "5000000", not "much"',
    ],
    ['title: Customs value per kg under half of the median', 'title:', '1:1 the profile needs the setting title'],
    ['    hits: true\n', '    hits: false\n', '26:3 tests must have at least one with hits: true'],
    ['    hits: false\n', '    hits: true\n', '26:3 tests must have at least one with hits: false'],
    [
      '  - code: documentary_check\n',
      '  - cod: documentary_check\n',
      '6:5 a measure has no setting cod (did you mean code?); known: code, instructions',
    ],
  ])('with %s → %s says so with line and column', (from, to, problem) => {
    expect(changed(from, to)).toContain(problem);
  });

  it('may not miss a fault where the profile is mandatory, nor select a share', () => {
    expect(changed('weight: 0.45', 'weight: 0.45\nmandatory: true').sort()).toEqual([
      '19:13 percentage must be 100 where the profile is mandatory: every hit is controlled',
      '20:10 onError must be documents or inspect where the profile is mandatory, not miss',
    ]);
  });

  it('with an unknown setting is told of the nearest known one', () => {
    const [problem] = changed('percentage: 50', 'percentge: 50');
    expect(problem).toMatch(/^18:1 the profile has no setting percentge \(did you mean percentage\?\); known: id, /);
  });

  it('is told of everything at once', () => {
    const text = GOOD.replace('0.45', '2').replace('yellow', 'pink').replace('onError: miss', 'onError: pass');
    expect(read(text).problems.map((problem) => problem.split(' ')[0])).toEqual(['4:11', '8:9', '19:10']);
  });

  it.each([
    ['a: [1', 'nonsense'],
    ['', 'the file is empty'],
    ['- a\n- b\n', 'the profile must be a mapping'],
    ['id: &x UV-001\ntitle: *x\n', 'aliases are not read'],
    ['id: UV-001\nid: UV-001\n', 'unique'],
    ['id: !!js/function "x"\n', 'tag'],
    ['__proto__: { a: 1 }\n', 'no setting __proto__'],
  ])('that is %j is refused', (text, message) => {
    const { source, problems } = read(text);
    expect(source).toBeNull();
    expect(problems.length).toBeGreaterThan(0);
    for (const problem of problems) expect(problem).toMatch(/^\d+:\d+ /);
    if (message !== 'nonsense') expect(problems.join('\n').toLowerCase()).toContain(message);
  });
});
