import { migrationOf } from '../src/policies/migrate.ts';

/** Thread entry point: takes over the rules of another system, so that a large file delays no declaration. */
export default migrationOf;
