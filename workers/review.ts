import { learn } from '../src/learning/thread.ts';

/** Thread entry point of reviews of profiles and comparisons of versions. Piscina calls the default. */
export default learn;
