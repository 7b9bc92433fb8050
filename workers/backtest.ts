import { serveBacktests } from '../src/backtest/thread.ts';
import { buildPolicy } from '../src/profiles/policy.ts';

/** Thread entry point of backtests: decides parts of history again. Piscina calls the default. */
export default serveBacktests({ build: buildPolicy });
