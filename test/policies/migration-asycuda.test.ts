import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Condition, Literal, Value } from '../../src/criteria/ast.ts';
import { printCriteria } from '../../src/criteria/print.ts';
import { readCriteria } from '../../src/criteria/read.ts';
import { parseSctl } from '../../src/integration/sctl.ts';
import { ASYCUDA_FIELDS, ASYCUDA_LISTS } from '../../src/policies/asycuda-fields.ts';
import { migrate } from '../../src/policies/migrate.ts';
import { type Migration, Migrator } from '../../src/policies/migration.ts';
import { SctlCriteria } from '../../src/policies/sctl-criteria.ts';
import { readBundle } from '../../src/profiles/bundle.ts';
import { parse } from '../../src/profiles/cel/parse.ts';
import { buildPolicy } from '../../src/profiles/policy.ts';
import { formOf } from '../../src/profiles/profile-form.ts';
import { runVectors } from '../../src/profiles/vectors.ts';

const base = await readBundle(resolve('rules'));

function read(text: string, fields: Record<string, string> = {}): Migration {
  return migrate({ kind: 'asycuda', bytes: Buffer.from(text), fields }, base);
}

const forms = ({ files }: Migration) => Object.values(files).map(formOf);
const refused = ({ report }: Migration) =>
  report.remarks
    .filter(({ kind }) => kind === 'refused')
    .map(({ line, column, message }) => `${line}:${column} ${message}`);

const APPLES = `Criteria "APPLES";
If ComCod = "080810" and CtyOrigCod = "US" Then
  RedLane IS 100;
Endif;
`;

describe('criteria of ASYCUDA', () => {
  it('become a profile with its tests: the apples of the manual', () => {
    const migration = read(APPLES);
    expect(migration.report.remarks).toEqual([expect.objectContaining({ kind: 'noted', line: 3, column: 3 })]);
    expect(migration.report.read).toEqual([{ id: 'ASY-APPLES', title: 'ASYCUDA: APPLES', line: 3, tests: 2 }]);
    const [form] = forms(migration);
    expect(form).toMatchObject({
      ...{ corridor: 'red', percentage: 100, level: 'item', target: 'untruthful_declaration' },
      when: 'item.hsCode.startsWith("080810") && item.originCountry == "US"',
      measures: [{ code: 'physical_examination' }],
    });
    expect(form?.tests).toMatchObject([
      { hits: true, declaration: { items: [{ hsCode: '0808100000', originCountry: 'US' }] } },
      { hits: false },
    ]);
    const bundle = { files: { ...base.files, ...migration.files } };
    expect(runVectors(bundle, buildPolicy(bundle))).toEqual([]);
  });

  it('follow working variables, also those that an If has set: the tractors of the manual', () => {
    const migration = read(`Num01 IS SuppUnits;
If CtyOrigCod = "JP" Then
  If Num01 > 0 Then
    Num02 IS StatVal / SuppUnits;
  Endif;
  If Num02 < 3000 Then
    RedLane IS 50;
    YellowLane IS 50;
  Endif;
Endif;`);
    const when = 'item.originCountry == "JP" && item.suppQuantity > 0 && item.customsValue / item.suppQuantity < 3000';
    expect(forms(migration).map((form) => [form.corridor, form.percentage, form.when])).toEqual([
      ['red', 50, when],
      ['yellow', 50, when],
    ]);
    expect(migration.report.remarks).toContainEqual(
      expect.objectContaining({
        kind: 'noted',
        line: 6,
        message: expect.stringContaining('Num02 has no value') as string,
      }),
    );
  });

  it('have an Else, words for operators, remarks, and spellings of any case', () => {
    const migration = read(`/* two lanes */ IF not (CTYORIGCOD EQ "US" or CtyOrigCod eq "CA") THEN // others
  YellowLane := 20
ELSE BlueLane IS 10; ENDIF`);
    expect(forms(migration).map((form) => [form.corridor, form.when])).toEqual([
      ['yellow', '!(item.originCountry == "US" || item.originCountry == "CA")'],
      ['blue', 'item.originCountry == "US" || item.originCountry == "CA"'],
    ]);
  });

  it('ask lists that the policy has', () => {
    const migration = read(
      'If InListTar("Dual_Use") = Found and InListCty("nowhere") = Found Then RedLane IS 1; Endif;',
    );
    expect(refused(migration)).toEqual([
      '1:48 no list is called nowhere: bring it in first; nothing of this If is taken over',
    ]);
    const [form] = forms(read('If InListTar("HIGH_DUTY") <> Found Then RedLane IS 1; Endif;'));
    expect(form?.when).toBe('!(item.hsCode in list("high_duty"))');
  });

  it('know the variables that the installation names', () => {
    const text = 'If Seals > 0 Then RedLane IS 1; Endif;';
    expect(refused(read(text))).toEqual(['1:4 the variable Seals is not known here; nothing of this If is taken over']);
    expect(forms(read(text, { Seals: 'trader.openViolations' }))[0]?.when).toBe('trader.openViolations > 0');
  });

  it.each<[string, string]>([
    ['If ComCod = "1" Then GreenLane IS 100; Endif;', '1:22 a profile never releases'],
    ['If ComCod = "1" Then PinkLane IS 100; Endif;', '1:22 there is no lane PinkLane'],
    ['If ComCod = "1" Then RedLane IS 101; Endif;', '1:22 RedLane must be a percentage'],
    ['If ComCod = "1" Then RedLane IS 0; Endif;', '1:22 RedLane IS 0 selects nothing'],
    ['RedLane IS 100;', '1:1 RedLane stands under no condition'],
    ['If Round(NetMass) = 1 Then RedLane IS 1; Endif;', '1:4 the function Round is not known here'],
    ['If NetMass Then RedLane IS 1; Endif;', '1:4 a condition is expected'],
    ['If NetMass = "heavy" Then RedLane IS 1; Endif;', '1:14 a number is expected'],
    ['If ComCod = 080810 Then RedLane IS 1; Endif;', '1:13 a text in quotes is expected'],
    ['If 1 = 1 Then RedLane IS 1; Endif;', '1:6 two constants are compared'],
    ['If ComCod = "1 Then RedLane IS 1; Endif;', '1:13 this text is never closed'],
    ['If ComCod = "1" Then RedLane IS 1;', '1:1 this If has no Endif'],
    ['If ComCod = "1" Then ComCod IS "2"; Endif;', '1:22 ComCod is a field of the declaration'],
    ['If InListAnd("X") = Found Then RedLane IS 1; Endif;', '1:4 InListAnd asks several tables'],
    ['Action IS DoTax("ICD", 1);', '1:11 the function DoTax is not known'],
    ['If ComCod = "1" Than RedLane IS 1; Endif;', '1:17 Then is expected'],
    ['/* open', '1:1 this remark is never closed'],
    ['', '1:1 there are no criteria'],
  ])('are refused in place: %s', (text, expected) => {
    const migration = read(text);
    expect(migration.files).toEqual({});
    expect(refused(migration)[0]).toMatch(new RegExp(`^${expected.replace(/[()]/g, '\\$&')}`));
  });

  it('are read on behind what cannot be read', () => {
    const migration = read(
      `If Bad( Then RedLane IS 1; Endif;\n${APPLES}If ??? Endif;\nCriteria "B";\nIf NetMass > 5 Then BlueLane IS 5; Endif;`,
    );
    expect(migration.report.read.map(({ id }) => id)).toEqual(['ASY-APPLES', 'ASY-B']);
    expect(refused(migration)).toHaveLength(2);
  });

  it('take no variable for known that stood in what could not be read', () => {
    const migration = read('If Round(1) = 1 Then Num01 IS 5; Endif;\nIf NetMass > Num01 Then RedLane IS 1; Endif;');
    expect(migration.files).toEqual({});
    expect(refused(migration)[1]).toMatch(/^2:14 what Num01 holds could not be read/);
  });

  it('get an id that nobody has', () => {
    const ids = read(APPLES + APPLES + APPLES.replace('APPLES', 'Äpfel/1')).report.read.map(({ id }) => id);
    expect(ids).toEqual(['ASY-APPLES', 'ASY-APPLES-2', 'ASY-pfel-1']);
  });
});

const NAMES = Object.entries(ASYCUDA_FIELDS).map(([name, { path, isPrefix }]) => ({
  name,
  path,
  isPrefix: isPrefix === true,
}));
const TEXTS = NAMES.filter(({ path }) => /hsCode|Country|procedure|office/.test(path));
const NUMBERS = NAMES.filter(({ path }) => /Mass|Quantity|Value|Price|Total/.test(path));
const SIGNS = { '==': '=', '!=': '<>', '<': '<', '<=': '<=', '>': '>', '>=': '>=' } as const;

type Sign = keyof typeof SIGNS;

const pathTo = (text: string): Value => ({ kind: 'path', path: text.split('.') });
const code = fc.stringMatching(/^[A-Z0-9]{1,8}$/);
const leaf: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({ field: fc.constantFrom(...TEXTS), text: code, isEqual: fc.boolean() }).map(({ field, text, isEqual }) => {
    const [value, argument] = [pathTo(field.path), { kind: 'literal', type: 'text', value: text } as const];
    if (!field.isPrefix)
      return { kind: 'compare', left: value, operator: isEqual ? '==' : '!=', right: argument } as Condition;
    const begins: Condition = { kind: 'text', operator: 'startsWith', value, argument };
    return isEqual ? begins : ({ kind: 'not', condition: begins } as Condition);
  }),
  fc
    .record({
      field: fc.constantFrom(...NUMBERS),
      operator: fc.constantFrom(...(Object.keys(SIGNS) as Sign[])),
      right: fc.oneof(
        fc.nat().map((value): Literal => ({ kind: 'literal', type: 'integer', value })),
        fc
          .integer({ min: 1, max: 9999 })
          .map((value): Literal => ({ kind: 'literal', type: 'number', value: value / 16 })),
      ),
    })
    .filter(({ right }) => right.type === 'integer' || !Number.isInteger(right.value))
    .map(({ field, operator, right }): Condition => ({ kind: 'compare', left: pathTo(field.path), operator, right })),
);
const { tree } = fc.letrec<{ tree: Condition; inAll: Condition; inAny: Condition }>((tie) => {
  const group = (of: 'all' | 'any') =>
    fc
      .array(tie(of === 'all' ? 'inAll' : 'inAny'), { minLength: 2, maxLength: 4 })
      .map((conditions): Condition => ({ kind: 'group', of, conditions }));
  const negated = tie('tree')
    .filter(({ kind }) => kind !== 'not')
    .map((condition): Condition => ({ kind: 'not', condition }));
  return {
    tree: fc.oneof({ maxDepth: 4 }, leaf, negated, group('all'), group('any')),
    inAll: fc.oneof({ maxDepth: 4 }, leaf, negated, group('any')),
    inAny: fc.oneof({ maxDepth: 4 }, leaf, negated, group('all')),
  };
});

/** A tree as ASYCUDA would have it. */
function written(condition: Condition): string {
  switch (condition.kind) {
    case 'group':
      return condition.conditions.map((each) => `(${written(each)})`).join(condition.of === 'all' ? ' and ' : ' or ');
    case 'not':
      if (condition.condition.kind === 'text') return written(condition.condition).replace(' = ', ' <> ');
      return `not (${written(condition.condition)})`;
    case 'text':
      return `${nameOf(condition.value)} = ${printCriteria({ kind: 'flag', value: condition.argument })}`;
    case 'compare': {
      const right = printCriteria({ kind: 'flag', value: condition.right });
      return `${nameOf(condition.left)} ${SIGNS[condition.operator]} ${right}`;
    }
    default:
      throw new Error(`${condition.kind} is not generated`);
  }
}

function nameOf(value: Value): string {
  const path = value.kind === 'path' ? value.path.join('.') : '';
  return NAMES.find((each) => each.path === path)?.name ?? '';
}

describe('a generated condition', () => {
  const migrator = new Migrator(base);
  const criteria = new SctlCriteria(migrator, {});

  it('goes to ASYCUDA and back unchanged, and from there to CEL', () => {
    fc.assert(
      fc.property(tree, (condition) => {
        const { statements, problems } = parseSctl(`If ${written(condition)} Then RedLane IS 1; Endif;`);
        expect(problems).toEqual([]);
        const [statement] = statements;
        const again = statement?.kind === 'if' ? criteria.condition(statement.condition, new Map()) : null;
        expect(again).toEqual(condition);
        const cel = parse(printCriteria(condition));
        expect('parsed' in cel && readCriteria(cel.parsed)).toEqual(condition);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the documentation', () => {
  it('has every variable and every function', async () => {
    const text = await readFile(resolve('docs/migration.md'), 'utf8');
    const rows = [...text.matchAll(/^\| `(\w+)` \| `([\w.]+)`(, begins with)? \|$/gm)];
    const documented = rows.map(([, name = '', path, prefix]) => [name.toLowerCase(), path, prefix !== undefined]);
    const lists = Object.entries(ASYCUDA_LISTS).filter(([name]) => name !== 'inlisttar');
    expect(documented).toEqual([
      ...NAMES.map(({ name, path, isPrefix }) => [name, path, isPrefix]),
      ...lists.map(([name, path]) => [name, path, false]),
    ]);
  });
});

describe('any text at all', () => {
  it('never fails, and what is no profile is named', () => {
    const word = fc.constantFrom(
      ...[
        'Criteria',
        '"X"',
        ';',
        'If',
        'Then',
        'Else',
        'Endif',
        'and',
        'or',
        'not',
        '(',
        ')',
        'IS',
        '=',
        '<>',
        '>',
        '1',
        '0.5',
      ],
      ...[
        'ComCod',
        'NetMass',
        'Num01',
        'RedLane',
        'GreenLane',
        '"08"',
        '+',
        '/',
        '-',
        '/*',
        '*/',
        '//',
        '\n',
        '“a”',
        'é',
        '"',
        ',',
      ],
    );
    const text = fc.oneof(
      fc.array(word, { maxLength: 60 }).map((words) => words.join(' ')),
      fc.string({ maxLength: 200 }),
    );
    fc.assert(
      fc.property(text, (source) => {
        const { statements, problems } = parseSctl(source);
        for (const { line, column } of problems) {
          expect(line).toBeGreaterThan(0);
          expect(column).toBeGreaterThan(0);
        }
        if (source.trim() !== '' && !source.includes('/'))
          expect(statements.length + problems.length).toBeGreaterThan(0);
      }),
      { numRuns: 5000 },
    );
    fc.assert(
      fc.property(text, (source) => void read(source)),
      { numRuns: 40 },
    );
  });

  it('is read in reasonable time, however it is nested or repeated', () => {
    for (const piece of [
      '(',
      'If ',
      'not ',
      '"',
      '“',
      '/*',
      '// ',
      'a and ',
      'a + ',
      'If a = 1 Then ',
      ' ',
      '*/',
      'f(',
    ]) {
      const { problems } = parseSctl(piece.repeat(200_000 / piece.length));
      if (piece.trim() !== '' && piece !== '// ') expect(problems.length, piece).toBeGreaterThan(0);
    }
  });
});
