/**
 * Piscina tries `require()` before `import()`. Where Node lets it require a module, ending the thread meanwhile aborts
 * the whole process (an assertion in Node 20.20), so its threads may not.
 */
const IMPORT_ONLY = process.allowedNodeEnvironmentFlags.has('--experimental-require-module')
  ? ['--no-experimental-require-module']
  : [];

/** Options of V8 hold for the whole process: a thread that is given them does not start. */
const FOR_THREADS = ['--enable-source-maps', '--cpu-prof', '--import'];

function isForThreads(option: string, index: number, all: readonly string[]): boolean {
  return FOR_THREADS.some((known) => option.startsWith(known)) || all[index - 1] === '--import';
}

/** Options of node for the threads of a pool. */
export function threadOptions(): string[] {
  return [...process.execArgv.filter(isForThreads), ...IMPORT_ONLY];
}
