import { project } from '../src/projections/thread.ts';

/** Thread entry point of the projections: follows the streams into the read models until it is told to stop. */
await project();
