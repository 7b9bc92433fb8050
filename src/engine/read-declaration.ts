import { createHash } from 'node:crypto';
import { type Declaration, PARTY_ROLES, REGIMES } from '../core/declaration.ts';
import type { DeclarationEntry } from '../wire/envelope.ts';
import { decode } from '../wire/messagepack.ts';

/**
 * Reads one entry's declaration. The ingress has validated it, so whatever is wrong here came from elsewhere or was
 * damaged on the way: it must not be decided.
 * @throws with the reason in one line.
 */
export function readDeclaration(entry: DeclarationEntry): Declaration {
  const digest = createHash('sha256').update(entry.declaration).digest();
  if (!digest.equals(entry.hash)) throw new Error('the declaration is not the one that was hashed');
  const declaration = decode(entry.declaration);
  const fault = faultOf(declaration, DECLARATION, '');
  if (fault !== null) throw new Error(`not a declaration in normal form: ${fault}`);
  const { id, version } = declaration as Declaration;
  if (id !== entry.id || version !== entry.version) throw new Error('the declaration has another identity');
  return declaration as Declaration;
}

/** Whether this can be answered under its identity at all. */
export function isEntry(value: unknown): value is DeclarationEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { submitter, id, version, trace, receivedAt, hash, declaration } = value as Partial<DeclarationEntry>;
  return (
    isName(submitter) &&
    isName(id) &&
    Number.isSafeInteger(version) &&
    typeof trace === 'string' &&
    Number.isSafeInteger(receivedAt) &&
    hash instanceof Uint8Array &&
    declaration instanceof Uint8Array
  );
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !value.includes('\n');
}

type Check = (value: unknown) => boolean;
interface Shape {
  readonly [key: string]: Check | Shape | readonly [Shape];
}

const text: Check = (value) => typeof value === 'string';
const number: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const integer: Check = (value) => Number.isSafeInteger(value);
const list: Check = (value) => Array.isArray(value);
const maybe =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const oneOf =
  (values: readonly string[]): Check =>
  (value) =>
    values.includes(value as string);

const MONEY: Shape = { amount: text, currency: text, tiyn: integer };

/** What deciding relies on; `null` shapes are left to the profiles, for which absence is a value. */
const DECLARATION: Shape = {
  id: text,
  version: integer,
  regime: oneOf(REGIMES),
  procedure: text,
  office: text,
  lodgedAt: integer,
  currency: text,
  exchangeRate: number,
  invoiceTotal: MONEY,
  customsValueTotal: MONEY,
  dispatchCountry: text,
  destinationCountry: text,
  parties: [{ role: oneOf(PARTY_ROLES), id: text, name: maybe(text), country: text }],
  items: [
    {
      no: integer,
      hsCode: text,
      description: text,
      originCountry: text,
      grossMassKg: number,
      netMassKg: number,
      packages: list,
      invoicePrice: MONEY,
      customsValue: MONEY,
      valuationMethod: integer,
      duties: [{ kind: text, rate: maybe(number), amount: MONEY }],
      previousDocuments: list,
    },
  ],
  documents: [{ code: text, number: text, issuedAt: maybe(integer), validUntil: maybe(integer) }],
  transit: maybe((value) => typeof value === 'object'),
};

/** Where the value departs from the shape, or null. */
function faultOf(value: unknown, shape: Shape, at: string): string | null {
  if (typeof value !== 'object' || value === null) return `${at || 'it'} is no object`;
  for (const key in shape) {
    const expected = shape[key];
    const actual = (value as Record<string, unknown>)[key];
    const fault = checkOne(actual, expected, `${at}/${key}`);
    if (fault !== null) return fault;
  }
  return null;
}

function checkOne(actual: unknown, expected: Check | Shape | readonly [Shape] | undefined, at: string): string | null {
  if (expected === undefined) return null;
  if (typeof expected === 'function') return expected(actual) ? null : `${at} is not what it should be`;
  if (!Array.isArray(expected)) return faultOf(actual, expected as Shape, at);
  if (!Array.isArray(actual)) return `${at} is no list`;
  for (let i = 0; i < actual.length; i++) {
    const fault = faultOf(actual[i], (expected as readonly [Shape])[0], `${at}/${i}`);
    if (fault !== null) return fault;
  }
  return null;
}
