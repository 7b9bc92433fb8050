/** Changes whenever the same expression could give another result; part of a decision's record. */
export const COMPILER_VERSION = 'cel-1';
