import { checkBundle } from '../src/policies/check.ts';

/** Thread entry point: checks a whole policy, so that whoever edits one delays no declaration. */
export default checkBundle;
