import { NotEmulated } from '../../errors.ts';
import { invalidPattern, isSpace, readQuoted, type Selected, starMatcher } from './filter-texts.ts';

/** A condition over what selectors find. */
export type Condition = (lookup: (path: readonly (string | number)[]) => Selected) => boolean;

const deepest = 50;

/** Reads `A && (B || !=…)`: comparisons with `&&`, `||` and parentheses; `&&` binds stronger. */
export function parseCondition(text: string): Condition {
  const reader = new Reader(text);
  const condition = reader.or(0);
  if (!reader.done()) throw invalidPattern();
  return condition;
}

class Reader {
  private at = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  done(): boolean {
    this.space();
    return this.at >= this.text.length;
  }

  or(depth: number): Condition {
    const parts = [this.and(depth)];
    while (this.take('||')) parts.push(this.and(depth));
    return parts.length === 1 ? parts[0]! : (lookup) => parts.some((part) => part(lookup));
  }

  private and(depth: number): Condition {
    const parts = [this.one(depth)];
    while (this.take('&&')) parts.push(this.one(depth));
    return parts.length === 1 ? parts[0]! : (lookup) => parts.every((part) => part(lookup));
  }

  private one(depth: number): Condition {
    if (depth > deepest) throw invalidPattern();
    if (this.take('(')) {
      const inner = this.or(depth + 1);
      if (!this.take(')')) throw invalidPattern();
      return inner;
    }
    return this.comparison();
  }

  private comparison(): Condition {
    const path = this.selector();
    for (const operator of ['!=', '<=', '>=', '=', '<', '>'] as const)
      if (this.take(operator)) return compare(path, operator, this.value());
    if (this.word('IS')) {
      if (this.word('NULL')) return is(path, null);
      if (this.word('TRUE')) return is(path, true);
      if (this.word('FALSE')) return is(path, false);
    } else if (this.word('NOT') && this.word('EXISTS')) return (lookup) => !lookup(path).found;
    throw invalidPattern();
  }

  private selector(): (string | number)[] {
    this.space();
    const path: (string | number)[] = [];
    if (this.text[this.at] !== '$') {
      const name = this.while((c) => /[\w-]/.test(c));
      if (name === '') throw invalidPattern();
      return [name];
    }
    this.at++;
    for (;;) {
      const c = this.text[this.at];
      if (c === '.') {
        this.at++;
        const name = this.while((c) => /[\w@-]/.test(c));
        if (name === '') throw invalidPattern();
        path.push(name);
      } else if (c === '[') {
        const end = this.text.indexOf(']', this.at);
        if (end < 0) throw invalidPattern();
        const inner = this.text.slice(this.at + 1, end).trim();
        if (inner === '*') throw new NotEmulated('logs: [*] in filter patterns');
        if (/^\d{1,6}$/.test(inner)) path.push(Number(inner));
        else if (/^['"].*['"]$/.test(inner)) path.push(inner.slice(1, -1));
        else throw invalidPattern();
        this.at = end + 1;
      } else return path;
    }
  }

  /** A quoted or bare value; `quoted` values are texts even where they look like numbers. */
  private value(): { text: string } {
    this.space();
    if (this.text[this.at] === '%') throw new NotEmulated('logs: regular expressions in filter patterns');
    if (this.text[this.at] === '"') {
      const { value, end } = readQuoted(this.text, this.at);
      this.at = end;
      return { text: value };
    }
    const text = this.while((c) => !isSpace(c) && !'()&|'.includes(c));
    if (text === '') throw invalidPattern();
    return { text };
  }

  private while(accept: (c: string) => boolean): string {
    const start = this.at;
    while (this.at < this.text.length && accept(this.text[this.at]!)) this.at++;
    return this.text.slice(start, this.at);
  }

  private take(token: string): boolean {
    this.space();
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  private word(word: string): boolean {
    this.space();
    if (this.text.slice(this.at, this.at + word.length).toUpperCase() !== word) return false;
    this.at += word.length;
    return true;
  }

  private space(): void {
    while (this.at < this.text.length && isSpace(this.text[this.at]!)) this.at++;
  }
}

function is(path: (string | number)[], wanted: unknown): Condition {
  return (lookup) => {
    const selected = lookup(path);
    return selected.found && selected.value === wanted;
  };
}

function compare(
  path: (string | number)[],
  operator: '=' | '!=' | '<' | '<=' | '>' | '>=',
  value: { text: string },
): Condition {
  const matches = starMatcher(value.text);
  const number = value.text.trim() === '' ? Number.NaN : Number(value.text);
  if (operator !== '=' && operator !== '!=' && Number.isNaN(number)) throw invalidPattern();
  return (lookup) => {
    const selected = lookup(path);
    if (!selected.found) return false;
    const found = selected.value;
    if (typeof found === 'object' && found !== null) return false;
    const foundNumber = typeof found === 'string' && found.trim() === '' ? Number.NaN : Number(found);
    const equal = matches(String(found)) || (typeof found === 'number' && found === number);
    switch (operator) {
      case '=':
        return equal;
      case '!=':
        return !equal;
      case '<':
        return foundNumber < number;
      case '<=':
        return foundNumber <= number;
      case '>':
        return foundNumber > number;
      case '>=':
        return foundNumber >= number;
    }
  };
}
