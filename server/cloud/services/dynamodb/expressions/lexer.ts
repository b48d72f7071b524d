export interface Token {
  kind: 'word' | 'name' | 'value' | 'number' | 'sign' | 'end';
  text: string;
  at: number;
}

const blank = /[ \t\r\n]/;
const wordStart = /[A-Za-z_]/;
const wordPart = /[A-Za-z0-9_]/;
const digit = /[0-9]/;

/** Cuts an expression into tokens, in one pass. What is no token becomes a sign of one character, for the parser to refuse. */
export function tokens(text: string): Token[] {
  const out: Token[] = [];
  let at = 0;
  const run = (from: number, part: RegExp): number => {
    let end = from;
    while (end < text.length && part.test(text[end]!)) end++;
    return end;
  };
  const push = (kind: Token['kind'], end: number): void => {
    out.push({ kind, text: text.slice(at, end), at });
    at = end;
  };
  while (at < text.length) {
    const c = text[at]!;
    if (blank.test(c)) at++;
    else if (wordStart.test(c)) push('word', run(at, wordPart));
    else if (digit.test(c)) push('number', run(at, digit));
    else if ((c === '#' || c === ':') && wordPart.test(text[at + 1] ?? ''))
      push(c === '#' ? 'name' : 'value', run(at + 1, wordPart));
    else if (['<=', '>=', '<>'].includes(text.slice(at, at + 2))) push('sign', at + 2);
    else push('sign', at + 1);
  }
  out.push({ kind: 'end', text: '<EOF>', at });
  return out;
}
