import type { Arithmetic, Comparison } from './api.ts';

/** What the parser calls the operators → the operators. */

export const COMPARISONS: Readonly<Record<string, Comparison>> = {
  '_==_': '==',
  '_!=_': '!=',
  '_<_': '<',
  '_<=_': '<=',
  '_>_': '>',
  '_>=_': '>=',
};

export const ARITHMETIC: Readonly<Record<string, Arithmetic>> = {
  '_+_': '+',
  '_-_': '-',
  '_*_': '*',
  '_/_': '/',
  '_%_': '%',
};
