import { Ajv } from 'ajv';
import { type Static, type TSchema, Type } from 'typebox';
import { CorridorError } from '../errors.ts';
import { explain, type SchemaNode } from './explain.ts';

/** A time in a query or a body. */
export const Instant = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,3})?)?(Z|[+-]\\d{2}:\\d{2}))?$',
  description: 'an ISO 8601 date, or date and time with its offset',
});

const ajv = new Ajv({ allowUnionTypes: true });

/**
 * Checks bodies other than declarations against a schema.
 * @param what Begins the message: `The withdrawal`.
 * @returns what passes; it throws CorridorError `invalid_request` with every fault for what does not.
 */
export function acceptor<T extends TSchema>(schema: T, what: string): (value: unknown) => Static<T> {
  const isValid = ajv.compile<Static<T>>(schema);
  return (value) => {
    if (isValid(value)) return value;
    const { faults } = explain(schema as SchemaNode, value);
    throw new CorridorError('invalid_request', `${what} is not valid`, { faults });
  };
}
