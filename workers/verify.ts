import { serveVerification } from '../src/access/verify-process.ts';

/** Process entry point of `corridor verify`: checks one chain, and answers whoever started it. */
serveVerification();
