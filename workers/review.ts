import { review } from '../src/learning/thread.ts';

/** Thread entry point of the review of profiles. Piscina calls the default. */
export default review;
