import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { validation } from '../errors.ts';
import { normaliseNumber } from '../numbers.ts';
import { type Item, readValue, typeOf, type Value } from '../values.ts';

export interface Token {
  kind: 'word' | 'quoted' | 'text' | 'number' | 'sign' | 'end';
  text: string;
  at: number;
}

const malformed = (message: string, { text, at }: Token): Error =>
  validation(
    `Statement wasn't well formed, can't be processed: ${message} at position ${at + 1}: ${text.slice(0, 50)}`,
  );

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExecuteStatement.html: up to 8192 characters */
const longest = 8192;
const deepest = 50;
const signs = ['<<', '>>', '<=', '>=', '<>', '!='];

function tokens(text: string): Token[] {
  const out: Token[] = [];
  let at = 0;
  const run = (from: number, part: RegExp): number => {
    let end = from;
    while (end < text.length && part.test(text[end]!)) end++;
    return end;
  };
  while (at < text.length) {
    const c = text[at]!;
    const start = at;
    if (/\s/.test(c)) at++;
    else if (/[A-Za-z_]/.test(c)) {
      at = run(at, /[A-Za-z0-9_]/);
      out.push({ kind: 'word', text: text.slice(start, at), at: start });
    } else if (/[0-9]/.test(c)) {
      at = run(at, /[0-9.]/);
      if (/[eE]/.test(text[at] ?? '')) at = run(/[+-]/.test(text[at + 1] ?? '') ? at + 2 : at + 1, /[0-9]/);
      out.push({ kind: 'number', text: text.slice(start, at), at: start });
    } else if (c === "'" || c === '"') {
      let content = '';
      for (at++; ; at++) {
        if (at >= text.length) throw malformed('Unterminated literal', { kind: 'text', text: content, at: start });
        if (text[at] !== c) content += text[at];
        else if (text[at + 1] === c) content += text[++at];
        else break;
      }
      at++;
      out.push({ kind: c === "'" ? 'text' : 'quoted', text: content, at: start });
    } else {
      at += signs.includes(text.slice(at, at + 2)) ? 2 : 1;
      out.push({ kind: 'sign', text: text.slice(start, at), at: start });
    }
  }
  out.push({ kind: 'end', text: '<EOF>', at });
  return out;
}

/** A statement while it is read: its tokens and its parameters. */
export class Source {
  private readonly list: Token[];
  private readonly parameters: Value[];
  private at = 0;
  private used = 0;
  private depth = 0;

  /** @throws AwsError ValidationException */
  constructor(statement: string, parameters: readonly AttributeValue[] | undefined) {
    if (statement.trim() === '' || statement.length > longest)
      throw validation(
        `1 validation error detected: Value '${statement.slice(0, 100)}' at 'statement' failed to satisfy constraint: Member must have length between 1 and ${longest}`,
      );
    this.list = tokens(statement);
    this.parameters = (parameters ?? []).map((value) => readValue(value));
  }

  get next(): Token {
    return this.list[this.at]!;
  }

  peek(ahead: number): Token | undefined {
    return this.list[this.at + ahead];
  }

  take(): Token {
    const token = this.next;
    if (token.kind !== 'end') this.at++;
    return token;
  }

  is(text: string): boolean {
    const { kind, text: found } = this.next;
    return (kind === 'sign' && found === text) || (kind === 'word' && found.toUpperCase() === text);
  }

  accept(...words: string[]): boolean {
    const here = this.at;
    for (const word of words) {
      if (!this.is(word)) {
        this.at = here;
        return false;
      }
      this.take();
    }
    return true;
  }

  expect(...words: string[]): void {
    for (const word of words) if (!this.accept(word)) throw this.unexpected();
  }

  unexpected(): Error {
    return malformed('Unexpected token', this.next);
  }

  nested<T>(rule: () => T): T {
    if (++this.depth > deepest) throw malformed('Nested too deeply', this.next);
    const result = rule();
    this.depth--;
    return result;
  }

  /** @throws AwsError ValidationException when something is left over */
  end(): void {
    this.accept(';');
    if (this.next.kind !== 'end') throw this.unexpected();
    if (this.used !== this.parameters.length)
      throw validation("Number of parameters in request and statement don't match.");
  }

  /** A name, quoted or not. */
  name(): string {
    const token = this.next;
    if (token.kind !== 'word' && token.kind !== 'quoted') throw this.unexpected();
    return this.take().text;
  }

  /** Does a value begin here, and no path? */
  isValue(): boolean {
    const { kind } = this.next;
    if (kind === 'text' || kind === 'number') return true;
    return ['?', '{', '[', '<<', '-', 'TRUE', 'FALSE', 'NULL'].some((each) => this.is(each));
  }

  value(): Value {
    const { kind } = this.next;
    if (kind === 'text') return { S: this.take().text };
    if (kind === 'number') return { N: normaliseNumber(this.take().text) };
    if (this.accept('-')) {
      if (this.next.kind !== 'number') throw this.unexpected();
      return { N: normaliseNumber(`-${this.take().text}`) };
    }
    if (this.accept('?')) {
      const value = this.parameters[this.used++];
      if (!value) throw validation("Number of parameters in request and statement don't match.");
      return value;
    }
    if (this.accept('TRUE')) return { BOOL: true };
    if (this.accept('FALSE')) return { BOOL: false };
    if (this.accept('NULL')) return { NULL: true };
    if (this.accept('{')) return { M: this.nested(() => this.members()) };
    if (this.accept('[')) return { L: this.nested(() => this.values(']')) };
    if (this.accept('<<')) return this.set(this.nested(() => this.values('>>')));
    throw this.unexpected();
  }

  private members(): Item {
    const out: [string, Value][] = [];
    while (!this.accept('}')) {
      if (out.length) this.expect(',');
      if (this.next.kind !== 'text') throw this.unexpected();
      const name = this.take().text;
      this.expect(':');
      out.push([name, this.value()]);
    }
    return Object.fromEntries(out);
  }

  values(close: string): Value[] {
    const out: Value[] = [];
    while (!this.accept(close)) {
      if (out.length) this.expect(',');
      out.push(this.value());
    }
    return out;
  }

  private set(members: Value[]): Value {
    const type = members[0] && typeOf(members[0]);
    if ((type !== 'S' && type !== 'N' && type !== 'B') || members.some((each) => typeOf(each) !== type))
      throw this.unexpected();
    const content = members.map((each) => Object.values(each)[0] as string);
    return readValue({ [`${type}S`]: content } as never);
  }
}
