import type { Corridor } from '../../src/core/corridor.ts';
import type { Decision } from '../../src/core/decide.ts';
import type { DeclarationInput, ItemInput } from '../../src/core/normalise.ts';
import type { PolicyBundle } from '../../src/profiles/bundle.ts';
import { declarationInput } from './declaration.ts';
import { policyOf } from './policy-of.ts';

/**
 * What a decision may come from, one row each, and what is decided then: the same on every road that decides.
 * A profile looks at goods of one HS heading, so that a row says by its goods which profiles are asked.
 */
export interface Row {
  /** Of the declaration that is looked at. */
  readonly patch: Partial<DeclarationInput>;
  /** What became of another one before it: amended by it, or withdrawn before like goods came. */
  readonly earlier?: {
    readonly was: 'amended' | 'withdrawn';
    readonly corridor: Corridor;
    readonly patch: Partial<DeclarationInput>;
  };
  readonly corridor: Corridor;
  readonly score: number;
  /** `kind code settled`, with the numbers of the items where there are any. */
  readonly reasons: readonly string[];
  /** Codes. */
  readonly measures: readonly string[];
}

export const HIGH_RISK_PARTY = '660140000066';
const EXEMPT_PARTY = '990140000098';
const FORCED_PARTY = '990140000099';
/** Stands for another party each time: like goods of the same one are under control from there on. */
export const PARTY_OF_ROAD = 'road';

const importer = (id: string): Pick<DeclarationInput, 'parties'> => ({
  parties: [{ role: 'importer', id, country: 'KZ' }],
});
const [ITEM] = declarationInput().items as [ItemInput];

/** Goods of these headings, an item each. */
function goods(...headings: readonly string[]): Partial<DeclarationInput> {
  return { items: headings.map((heading, index) => ({ ...ITEM, no: index + 1, hsCode: `${heading}100000` })) };
}

const PLAIN = '6109';
const GREEN = { corridor: 'green', score: 0, reasons: [], measures: [] } as const;
const under = (corridor: Corridor, reasons: readonly string[], measures: readonly string[], score = 0) => {
  return { corridor, score, reasons, measures };
};

export const ROWS: Readonly<Record<string, Row>> = {
  'goods that no profile looks for': { patch: goods(PLAIN), ...GREEN },
  'a blue hit releases': { patch: goods('8701'), ...under('blue', ['profile BLUE blue 1'], ['scan'], 0.5) },
  'a yellow hit': { patch: goods('8702'), ...under('yellow', ['profile YELLOW yellow 1'], ['papers'], 0.5) },
  'a red hit of the second item': {
    patch: goods(PLAIN, '8703'),
    ...under('red', ['profile RED red 2'], ['examine'], 0.5),
  },
  'hits of two targets: the most severe first, each measure once, scores together': {
    patch: goods('8702', '8703', '8702'),
    ...under('red', ['profile RED red 2', 'profile YELLOW yellow 1,3'], ['examine', 'papers'], 0.75),
  },
  'hits of one group count once': {
    patch: goods('8701', '8702'),
    ...under('yellow', ['profile YELLOW yellow 2', 'profile BLUE blue 1'], ['papers', 'scan'], 0.5),
  },
  'a profile that selects none of its hits': { patch: goods('8704'), ...GREEN },
  'a failing profile asks for documents': {
    patch: goods('8705'),
    ...under('yellow', ['fault FAIL-DOCUMENTS yellow 1'], ['documentary_check']),
  },
  'a failing profile asks for an inspection': {
    patch: goods('8706'),
    ...under('red', ['fault FAIL-INSPECT red 1'], ['physical_examination']),
  },
  'a failing profile that counts as a miss': { patch: goods('8707'), ...GREEN },
  'an unless that does not hold': {
    patch: goods('8708'),
    ...under('yellow', ['profile UNLESS yellow 1'], ['papers'], 0.5),
  },
  'an unless that holds': { patch: { ...goods('8708'), documents: [{ code: 'FREE', number: '1' }] }, ...GREEN },
  'a profile of another regime': { patch: goods('8709'), ...GREEN },
  'a profile of a category, and one that is in it': {
    patch: { ...goods('8710'), ...importer(HIGH_RISK_PARTY) },
    ...under('yellow', ['profile HIGH yellow 1'], ['papers'], 0.5),
  },
  'a profile of a category, and one that is not': { patch: goods('8710'), ...GREEN },
  'a party exempt from one profile, not from another': {
    patch: { ...goods('8702', '8703'), ...importer(EXEMPT_PARTY) },
    ...under('red', ['profile RED red 2'], ['examine'], 0.5),
  },
  'goods exempt from a target': { patch: goods('8711'), ...GREEN },
  'goods exempt from a target, beside others': {
    patch: goods('8711', PLAIN),
    ...under('red', ['profile EXEMPTED red 1'], ['examine'], 0.5),
  },
  'a party forced into control': {
    patch: { ...goods('8701'), ...importer(FORCED_PARTY) },
    ...under('red', ['forced EX-2 red', 'profile BLUE blue 1'], ['ordered_control', 'scan'], 0.5),
  },
  'a random lane of one office': {
    patch: { ...goods(PLAIN), office: '55099' },
    ...under('red', ['random random red'], ['draw']),
  },
  'a random lane that takes what the one before it left': {
    patch: { ...goods(PLAIN), office: '55098' },
    ...under('blue', ['random random blue'], ['draw']),
  },
  'a random lane of another category': { patch: { ...goods(PLAIN), office: '55097' }, ...GREEN },
  'a random lane of the category': {
    patch: { ...goods(PLAIN), office: '55097', ...importer(HIGH_RISK_PARTY) },
    ...under('yellow', ['random random yellow'], ['draw']),
  },
  'an amendment of what was under control': {
    patch: goods(PLAIN),
    earlier: { was: 'amended', corridor: 'red', patch: goods('8703') },
    ...under('red', ['amendment 1 red'], ['continue_control']),
  },
  'an amendment of what was free': {
    patch: goods('8702'),
    earlier: { was: 'amended', corridor: 'green', patch: goods(PLAIN) },
    ...under('yellow', ['profile YELLOW yellow 1'], ['papers'], 0.5),
  },
  'like goods after a withdrawal': {
    patch: { ...goods('8708'), documents: [{ code: 'FREE', number: '1' }], ...importer(PARTY_OF_ROAD) },
    earlier: { was: 'withdrawn', corridor: 'yellow', patch: { ...goods('8708'), ...importer(PARTY_OF_ROAD) } },
    ...under('yellow', ['withdrawal yellow'], ['continue_control']),
  },
};

type Answered = Pick<Decision, 'corridor' | 'released' | 'score'> & {
  readonly reasons: readonly Pick<Decision['reasons'][number], 'kind' | 'code' | 'settled' | 'items'>[];
  readonly measures: readonly { readonly code: string }[];
};

/** A decision, or the answer of a road, as a row says it. */
export function shown({ corridor, released, score, reasons, measures }: Answered) {
  return {
    ...{ corridor, released, score },
    reasons: reasons.map(({ kind, code, settled, items }) =>
      // The declaration withdrawn is another one on every road.
      [kind, kind === 'withdrawal' ? '' : code, settled, items.join()].filter((part) => part !== '').join(' '),
    ),
    measures: measures.map(({ code }) => code),
  };
}

/** What `shown` gives where it is decided as the row says. */
export function expected({ corridor, score, reasons, measures }: Row): object {
  return { corridor, released: corridor === 'green' || corridor === 'blue', score, reasons, measures };
}

const measure = (code: string) => [{ code, instructions: `Do what ${code} says.` }];
/** Fails on the 100 kg of the goods here. */
const FAILING = '1.0 / (item.netMassKg - 100.0) > 0.0';

function profile(heading: string, settings: Readonly<Record<string, unknown>> = {}, and = 'true') {
  const { regime } = settings;
  const of = regime === undefined ? {} : { regime };
  const item = { netMassKg: 101, grossMassKg: 110 };
  return {
    measures: measure('papers'),
    when: `item.hsCode.startsWith("${heading}") && ${and}`,
    tests: [
      { ...of, name: 'hit', declaration: { items: [{ ...item, hsCode: `${heading}100000` }] }, hits: true },
      { ...of, name: 'miss', declaration: { items: [{ hsCode: '6109100000' }] }, hits: false },
    ],
    ...Object.fromEntries(Object.entries(settings).filter(([key]) => key !== 'regime')),
  };
}

const RED = { corridor: 'red', target: 'undervaluation', measures: measure('examine') };
const all = (percent: number) => ({ low: percent, medium: percent, high: percent });
const lane = (corridor: Corridor, percent: object) => ({ corridor, measures: measure('draw'), percent });

const POLICY = {
  label: 'matrix',
  random: {
    lanes: [],
    offices: {
      '55099': [lane('red', all(100))],
      '55098': [lane('red', all(0)), lane('blue', all(100))],
      '55097': [lane('yellow', { ...all(0), high: 100 })],
    },
  },
};

const EXCEPTIONS = `id,kind,parties,hsPrefixes,offices,profiles,corridor,reason,validFrom,validUntil
EX-1,exempt,${EXEMPT_PARTY},,,YELLOW,,Ruling,2024-01-01,2040-01-01
EX-2,force,${FORCED_PARTY},,,,red,Order,2024-01-01,2040-01-01
EX-3,exempt,,8711,,intellectual_property,,Ruling,2024-01-01,2040-01-01
`;

/** Offices all of whose goods are held: none of the matrix. A change of it alone makes a policy that decides otherwise. */
export const HELD = 'held';

export const MATRIX_POLICY: PolicyBundle = {
  files: {
    ...policyOf(
      {
        BLUE: profile('8701', { corridor: 'blue', measures: measure('scan') }),
        YELLOW: profile('8702'),
        RED: profile('8703', { ...RED, mandatory: true, onError: 'inspect' }),
        RARE: profile('8704', { ...RED, percentage: 0 }),
        'FAIL-DOCUMENTS': profile('8705', {}, FAILING),
        'FAIL-INSPECT': profile('8706', { onError: 'inspect' }, FAILING),
        'FAIL-MISS': profile('8707', { onError: 'miss' }, FAILING),
        UNLESS: profile('8708', { unless: 'hasDocument("FREE")' }),
        EXPORT: profile('8709', { scope: { regimes: ['export'] }, regime: 'export' }),
        HIGH: profile('8710', { scope: { categories: ['high'] } }),
        EXEMPTED: profile('8711', { ...RED, target: 'intellectual_property' }),
        HELD: {
          ...RED,
          level: 'declaration',
          when: `declaration.office in list("${HELD}")`,
          tests: [
            { name: 'held', declaration: { office: '99999' }, hits: true },
            { name: 'free', declaration: { office: '11111' }, hits: false },
          ],
        },
      },
      { [HELD]: '*office:string\n99999\n', exceptions: EXCEPTIONS },
    ).files,
    'policy.yaml': JSON.stringify(POLICY),
  },
};
