import type {
  CallProblem,
  Environment,
  FunctionDeclaration,
  ResolvedCall,
  Type,
  TypedExpr,
  Variable,
} from './cel/api.ts';
import { BOOL, DOUBLE, DYN, INT, listOf, MONEY, mapOf, STRING, TIMESTAMP } from './cel/types.ts';
import type { MatchContext } from './context.ts';
import { DECLARATION, ITEM, PARTIES, QUANTILES, TRADER } from './environment-types.ts';
import type { ColumnType } from './list-file.ts';
import type { RuleList } from './lists.ts';
import { suggestion } from './problems.ts';
import type { Level } from './profile-file.ts';

/** Parameters of the generated functions, as their code names them: declaration, item, context. */
export const PARAMETERS = ['d', 'item', 'x'] as const;

/** What expressions of profiles can name. `item` exists at item level only. */
export function profileEnvironment(
  level: Level,
  lists: ReadonlyMap<string, RuleList>,
  context: MatchContext,
  derived: readonly FunctionDeclaration[] = [],
): Environment {
  const variables = new Map<string, Variable>([
    ['declaration', { type: DECLARATION, js: 'd' }],
    ['trader', { type: TRADER, js: 'x.trader' }],
    ['parties', { type: PARTIES, js: 'x.parties' }],
    ['now', { type: TIMESTAMP, js: 'x.receivedAt', access: 'instant' }],
  ]);
  if (level === 'item') variables.set('item', { type: ITEM, js: 'item' });
  return { variables, functions: [...FUNCTIONS, ...derived, ...listFunctions(lists, context)] };
}

const FUNCTIONS: readonly FunctionDeclaration[] = [
  {
    name: 'stats.valuePerKg',
    params: [ITEM],
    result: QUANTILES,
    fails: false,
    emit: ([item]) => `x.valuePerKg(${item})`,
  },
  { name: 'hasDocument', params: [STRING], result: BOOL, fails: false, emit: ([code]) => `x.hasDocument(${code})` },
  {
    name: 'duty',
    params: [ITEM, STRING],
    result: MONEY,
    fails: false,
    emit: ([item, kind]) => `x.duty(${item}, ${kind})`,
  },
  { name: 'totalDuties', params: [], result: MONEY, fails: false, cost: 100, emit: () => 'x.totalDuties()' },
  { name: 'sum', params: [listOf(MONEY)], result: MONEY, emit: ([list]) => `x.sumOfInts(${list})`, cost: 50 },
  { name: 'sum', params: [listOf(INT)], result: INT, emit: ([list]) => `x.sumOfInts(${list})`, cost: 50 },
  { name: 'sum', params: [listOf(DOUBLE)], result: DOUBLE, emit: ([list]) => `x.sum(${list})`, cost: 50 },
];

const TYPE_OF_COLUMN: Readonly<Record<ColumnType, Type>> = {
  hs: STRING,
  string: STRING,
  phrase: STRING,
  number: DOUBLE,
  int: INT,
  bool: BOOL,
  date: TIMESTAMP,
  money: MONEY,
};

/** What `list("name")` stands for behind `in`: asks the list at the event time of the declaration. */
class Membership {
  readonly list: RuleList;
  private readonly context: MatchContext;

  constructor(list: RuleList, context: MatchContext) {
    this.list = list;
    this.context = context;
  }

  has(key: string): boolean {
    return this.list.has(this.context.receivedAt, key);
  }
}

/** Functions of lists: names of lists and columns are literals, so that they are checked with the policy. */
function listFunctions(lists: ReadonlyMap<string, RuleList>, context: MatchContext): FunctionDeclaration[] {
  const named = (arg: TypedExpr | undefined, index: number): RuleList | CallProblem => {
    const name = literal(arg);
    if (name === null) return { problem: 'the name of a list must be a literal text', argument: index };
    const known = [...lists.keys()];
    return lists.get(name) ?? { problem: `no list is called ${name}${suggestion(name, known)}`, argument: index };
  };
  const membership: FunctionDeclaration = {
    name: 'list',
    params: [STRING],
    result: mapOf(STRING, BOOL),
    resolve: ([name]) => {
      const list = named(name, 0);
      if ('problem' in list) return list;
      if (list.isPhrases) return { problem: `${list.name} is a list of phrases: use mentions(text, "${list.name}")` };
      if (list.keys.length !== 1) return { problem: keysProblem(list, 1) };
      const value = new Membership(list, context);
      return { result: mapOf(STRING, BOOL), emit: (_, scope) => scope.constant(value) };
    },
    fails: false,
  };
  const listed: FunctionDeclaration = {
    name: 'listed',
    params: [STRING],
    rest: STRING,
    result: BOOL,
    resolve: ([name, ...keys]) => {
      const list = named(name, 0);
      if ('problem' in list) return list;
      if (keys.length !== list.keys.length || list.isPhrases) return { problem: keysProblem(list, keys.length) };
      return {
        result: BOOL,
        emit: ([, ...args], scope) => `${scope.constant(list)}.has(x.receivedAt, ${args.join(', ')})`,
      };
    },
    fails: false,
  };
  const lookup: FunctionDeclaration = {
    name: 'lookup',
    params: [STRING, STRING],
    rest: STRING,
    result: DYN,
    optional: true,
    resolve: ([name, column, ...keys]) => {
      const list = named(name, 0);
      if ('problem' in list) return list;
      if (keys.length !== list.keys.length || list.isPhrases) return { problem: keysProblem(list, keys.length) };
      return resolveColumn(list, literal(column));
    },
    fails: false,
  };
  const mentions: FunctionDeclaration = {
    name: 'mentions',
    params: [STRING, STRING],
    result: BOOL,
    cost: 100,
    resolve: ([, name]) => {
      const list = named(name, 1);
      if ('problem' in list) return list;
      if (!list.isPhrases) return { problem: `${list.name} is no list of phrases`, argument: 1 };
      return { result: BOOL, emit: ([text], scope) => `x.mentions(${text}, ${scope.constant(list)})` };
    },
    fails: false,
  };
  return [membership, listed, lookup, mentions];
}

function resolveColumn(list: RuleList, name: string | null): ResolvedCall | CallProblem {
  const names = list.columns.map((column) => column.name);
  if (name === null) return { problem: 'the name of a column must be a literal text', argument: 1 };
  const index = names.indexOf(name);
  const column = list.columns[index];
  if (column === undefined) {
    const known = names.length === 0 ? 'it has keys only' : `known: ${names.join(', ')}`;
    return { problem: `the list ${list.name} has no column ${name}${suggestion(name, names)}; ${known}`, argument: 1 };
  }
  return {
    result: TYPE_OF_COLUMN[column.type],
    optional: true,
    emit: ([, , ...args], scope) => {
      const value = `${scope.constant(list)}.lookup(${index}, x.receivedAt, ${args.join(', ')})`;
      return column.type === 'date' ? `x.timestamp(${value})` : value;
    },
  };
}

function keysProblem(list: RuleList, given: number): string {
  if (list.isPhrases) return `${list.name} is a list of phrases: use mentions(text, "${list.name}")`;
  const keys = list.keys.map(({ name }) => name).join(', ');
  return `the list ${list.name} has ${list.keys.length} key${list.keys.length === 1 ? '' : 's'} (${keys}), not ${given}`;
}

function literal(expr: TypedExpr | undefined): string | null {
  return expr?.kind === 'literal' && typeof expr.value === 'string' ? expr.value : null;
}
