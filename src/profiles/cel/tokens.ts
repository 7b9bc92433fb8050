/** The tokens of an expression, to find where a node ends. The parser itself is @bufbuild/cel's. */

export interface Token {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const RAW_STRING = String.raw`[bB]?[rR][bB]?(?:"""[\s\S]*?"""|'''[\s\S]*?'''|"[^"\n]*"|'[^'\n]*')`;
const STRING = String.raw`[bB]?(?:"""(?:\\[\s\S]|[^\\])*?"""|'''(?:\\[\s\S]|[^\\])*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')`;
const NUMBER = String.raw`0[xX][0-9a-fA-F]+[uU]?|(?:\d+\.\d+|\d+|\.\d+)(?:[eE][+-]?\d+)?[uU]?`;
const NAME = '[A-Za-z_][A-Za-z0-9_]*|`[^`]*`';
const OPERATOR = String.raw`&&|\|\||[=!<>]=|[^\s]`;
const TOKEN = new RegExp(String.raw`//[^\n]*|(${RAW_STRING}|${STRING}|${NUMBER}|${NAME}|${OPERATOR})`, 'g');

export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  for (const match of text.matchAll(TOKEN)) {
    const token = match[1];
    if (token === undefined) continue;
    tokens.push({ text: token, start: match.index, end: match.index + token.length });
  }
  return tokens;
}
