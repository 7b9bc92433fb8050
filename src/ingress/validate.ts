import { Ajv } from 'ajv';
import type { Static } from 'typebox';
import type { Declaration } from '../core/declaration.ts';
import { type DeclarationInput, normalise } from '../core/normalise.ts';
import { CorridorError, type RequestFault } from '../errors.ts';
import { DECLARATION_BYTES_MAX, FAULTS_MAX } from '../limits.ts';
import { declarationCodec } from '../wire/shapes.ts';
import { acceptor } from './accept.ts';
import { explain, type SchemaNode } from './explain.ts';
import { asInput, DeclarationSchema, WithdrawalSchema } from './schema.ts';

/** A declaration in normal form, and its canonical bytes. */
export interface Accepted {
  readonly declaration: Declaration;
  readonly bytes: Uint8Array;
}

const ajv = new Ajv({ allowUnionTypes: true });
const isDeclaration = ajv.compile<Static<typeof DeclarationSchema>>(DeclarationSchema);

/**
 * Checks what a client sent and brings it into normal form.
 * @throws CorridorError `invalid_declaration` with every fault at once, up to FAULTS_MAX; `body_too_large`.
 */
export function acceptDeclaration(value: unknown): Accepted {
  if (!isDeclaration(value)) throw invalid(faultsOf(value));
  const { declaration, faults } = normalise(asInput(value));
  if (declaration === null) throw invalid(faults);
  const bytes = declarationCodec.encode(declaration);
  if (bytes.byteLength > DECLARATION_BYTES_MAX) {
    const detail = `In normal form the declaration has ${bytes.byteLength} bytes; ${DECLARATION_BYTES_MAX} are allowed`;
    throw new CorridorError('body_too_large', detail);
  }
  return { declaration, bytes };
}

/** @throws CorridorError `invalid_declaration` where this party has no part in it. */
export function mustNameParty({ parties }: Declaration, party: string): void {
  if (parties.some(({ id }) => id === party)) return;
  throw invalid([{ pointer: '/parties', message: 'must name who submits it' }]);
}

const acceptReason = acceptor(WithdrawalSchema, 'The withdrawal');

/** @throws CorridorError `invalid_request` with the faults. */
export function acceptWithdrawal(value: unknown): Static<typeof WithdrawalSchema> {
  return { reason: acceptReason(value).reason.toWellFormed().normalize('NFC').trim() };
}

function invalid(faults: readonly RequestFault[]): CorridorError {
  const detail =
    faults.length >= FAULTS_MAX
      ? `There are ${FAULTS_MAX} faults or more; the first ${FAULTS_MAX} are listed`
      : `${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}`;
  return new CorridorError('invalid_declaration', detail, { faults: faults.slice(0, FAULTS_MAX) });
}

/** Faults of form, and those of meaning that do not merely follow from them. */
function faultsOf(value: unknown): readonly RequestFault[] {
  const { faults, repaired } = explain(DeclarationSchema as SchemaNode, value);
  if (faults.length >= FAULTS_MAX || faults.some(({ pointer }) => pointer === '')) return faults;
  const normalised = normalise(repaired as DeclarationInput);
  if (normalised.faults === null) return faults;
  const rateInDoubt = faults.some(({ pointer }) => pointer === '/currency' || pointer === '/exchangeRate');
  const follows = ({ pointer }: RequestFault): boolean =>
    (rateInDoubt && (pointer.endsWith('/kzt') || pointer === '/exchangeRate')) ||
    faults.some((fault) => touches(fault.pointer, pointer));
  return [...faults, ...normalised.faults.filter((fault) => !follows(fault))];
}

/** One of the two lies in the other, or both are parts of one amount. */
function touches(a: string, b: string): boolean {
  const whole = (pointer: string) => pointer.replace(/\/(amount|currency|kzt)$/, '');
  const [x, y] = [whole(a), whole(b)];
  return x === y || x.startsWith(`${y}/`) || y.startsWith(`${x}/`);
}
