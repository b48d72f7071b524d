import { validation } from '../errors.ts';
import { typeOf, type Value } from '../values.ts';
import type { Operand, Path } from './ast.ts';
import { type Token, tokens } from './lexer.ts';
import type { Placeholders } from './placeholders.ts';
import { reservedWords } from './reserved-words.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-expression-parameters */
const mostBytes = 4096;
const mostOperators = 300;
const deepest = 50;

/** What all kinds of expressions share: tokens, paths, placeholders, and AWS's words for what is wrong. */
export class Parser {
  /** The top-level attributes that the expression names: `dynamodb:Attributes`. */
  readonly attributes = new Set<string>();
  private readonly kind: string;
  private readonly list: Token[];
  private readonly placeholders: Placeholders;
  private at = 0;
  private operators = 0;
  private depth = 0;

  /** @param kind `ConditionExpression`, `UpdateExpression` …, for messages */
  constructor(kind: string, text: string, placeholders: Placeholders) {
    this.kind = kind;
    this.placeholders = placeholders;
    if (text.trim() === '') throw this.invalid('The expression can not be empty;');
    const size = Buffer.byteLength(text);
    if (size > mostBytes)
      throw this.invalid(`Expression size has exceeded the maximum allowed size; expression size: ${size}`);
    this.list = tokens(text);
  }

  invalid(message: string): Error {
    return validation(`Invalid ${this.kind}: ${message}`);
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

  /** Is the next token this sign or, in any case, this keyword? */
  is(text: string): boolean {
    const { kind, text: found } = this.next;
    return (kind === 'sign' && found === text) || (kind === 'word' && found.toUpperCase() === text);
  }

  accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.at++;
    return true;
  }

  expect(text: string): void {
    if (!this.accept(text)) throw this.syntaxError();
  }

  end(): void {
    if (this.next.kind !== 'end') throw this.syntaxError();
  }

  syntaxError(): Error {
    const near = [this.list[this.at - 1], this.next, this.list[this.at + 1]]
      .filter((token) => token && token.kind !== 'end')
      .map((token) => token!.text)
      .join(' ');
    return this.invalid(`Syntax error; token: "${this.next.text}", near: "${near}"`);
  }

  /** Counts operators and functions, of which an expression may have 300. */
  count(): void {
    if (++this.operators > mostOperators)
      throw this.invalid('The expression contains too many operators; operator count: 301');
  }

  /** Runs a rule that can contain itself. */
  nested<T>(rule: () => T): T {
    if (++this.depth > deepest) throw this.invalid('The expression is nested too deeply');
    const result = rule();
    this.depth--;
    return result;
  }

  path(): Path {
    const path: [string, ...(string | number)[]] = [this.step()];
    for (;;)
      if (this.accept('.')) path.push(this.step());
      else if (this.accept('[')) {
        if (this.next.kind !== 'number') throw this.syntaxError();
        path.push(Number(this.take().text));
        this.expect(']');
      } else break;
    if (path.length > 32)
      throw this.invalid(`The document path has too many nesting elements; nesting levels: ${path.length}`);
    this.attributes.add(path[0]);
    return path;
  }

  private step(): string {
    const token = this.next;
    if (token.kind === 'name') {
      this.take();
      const name = this.placeholders.name(token.text);
      if (name === undefined)
        throw this.invalid(
          `An expression attribute name used in the document path is not defined; attribute name: ${token.text}`,
        );
      return name;
    }
    if (token.kind !== 'word') throw this.syntaxError();
    if (reservedWords.has(token.text.toUpperCase()))
      throw this.invalid(`Attribute name is a reserved keyword; reserved keyword: ${token.text}`);
    this.take();
    return token.text;
  }

  value(): Value {
    const token = this.next;
    if (token.kind !== 'value') throw this.syntaxError();
    this.take();
    const value = this.placeholders.value(token.text);
    if (value === undefined)
      throw this.invalid(
        `An expression attribute value used in expression is not defined; attribute value: ${token.text}`,
      );
    return value;
  }

  /** A value or a path. */
  simpleOperand(): Operand {
    return this.next.kind === 'value' ? { value: this.value() } : { path: this.path() };
  }

  wrongType(name: string, operand: Value): Error {
    return this.invalid(
      `Incorrect operand type for operator or function; operator or function: ${name}, operand type: ${typeOf(operand)}`,
    );
  }

  wrongCount(name: string, count: number): Error {
    return this.invalid(
      `Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${count}`,
    );
  }
}
