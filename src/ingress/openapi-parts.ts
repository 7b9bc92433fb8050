import { CORRIDORS } from '../core/corridor.ts';
import { ERRORS } from '../errors.ts';
import { FORMATS } from './body.ts';
import { PROBLEM_TYPE } from './problem.ts';

/** What the documentation of every route is put together from. */
export type Schema = Record<string, unknown>;

export const text: Schema = { type: 'string' };
export const instant: Schema = { type: 'string', format: 'date-time' };
export const corridor: Schema = { type: 'string', enum: [...CORRIDORS] };
export const nullable = ({ type, ...rest }: Schema): Schema => ({ type: [type, 'null'], ...rest });
export const listOf = (items: Schema): Schema => ({ type: 'array', items });
export const object = (properties: Record<string, Schema>, optional: readonly string[] = []): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
});

export const problem = object({
  type: text,
  title: text,
  status: { type: 'integer' },
  detail: text,
  code: { type: 'string', enum: Object.keys(ERRORS) },
  instance: text,
  faults: listOf(object({ pointer: { type: 'string', description: 'JSON pointer (RFC 6901)' }, message: text })),
});
export const either = (schema: object) =>
  Object.fromEntries([...FORMATS.json, FORMATS.msgpack[0]].map((type) => [type, { schema }]));
export const answer = (description: string, schema: Schema) => ({ description, content: either(schema) });

/** Answers with a problem, by status, with the codes that can stand in it. */
export function problems(...statuses: number[]): Record<string, Schema> {
  return Object.fromEntries(
    statuses.map((status) => {
      const codes = Object.entries(ERRORS).filter(([, kind]) => kind.status === status);
      const description = codes.map(([code, { title }]) => `\`${code}\`: ${title}`).join('; ');
      return [String(status), { description, content: { [PROBLEM_TYPE]: { schema: problem } } }];
    }),
  );
}
