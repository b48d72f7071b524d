/**
 * A JSON reader that keeps places, for the editor's marks and for what `JSON.parse` hides (a key written twice).
 * Strict JSON, linear, bounded in depth.
 */

/** A value with its place (offset in the text). */
export type JsonNode =
  | { kind: 'object'; at: number; members: { key: string; at: number; value: JsonNode }[] }
  | { kind: 'array'; at: number; items: JsonNode[] }
  | { kind: 'string'; at: number; value: string }
  | { kind: 'number'; at: number; value: number }
  | { kind: 'boolean'; at: number; value: boolean }
  | { kind: 'null'; at: number };

/** Not JSON: why, and where. */
export class JsonSourceError extends Error {
  override readonly name = 'JsonSourceError';
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** A policy is at most document → Statement → statement → Condition → operator → values deep. */
const MAX_DEPTH = 32;

/** Reads a whole text. Throws `JsonSourceError`. */
export function readJson(text: string): JsonNode {
  const reader = new Reader(text);
  const node = reader.value(0);
  reader.end();
  return node;
}

/** 1-based line and column of an offset. */
export function placeOf(text: string, at: number): { line: number; column: number } {
  let line = 1;
  let start = 0;
  for (let i = text.indexOf('\n'); i >= 0 && i < at; i = text.indexOf('\n', i + 1)) {
    line++;
    start = i + 1;
  }
  return { line, column: at - start + 1 };
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): JsonNode {
    if (depth > MAX_DEPTH) throw new JsonSourceError(`nested deeper than ${MAX_DEPTH} levels`, this.#at);
    this.#space();
    const at = this.#at;
    switch (this.#text[at]) {
      case '{':
        return this.#object(depth);
      case '[':
        return this.#array(depth);
      case '"':
        return { kind: 'string', at, value: this.#string() };
      case 't':
        return this.#word('true', { kind: 'boolean', at, value: true });
      case 'f':
        return this.#word('false', { kind: 'boolean', at, value: false });
      case 'n':
        return this.#word('null', { kind: 'null', at });
      default:
        return this.#number();
    }
  }

  end(): void {
    this.#space();
    if (this.#at < this.#text.length) throw this.#unexpected('the end');
  }

  #object(depth: number): JsonNode {
    const at = this.#at++;
    const members: { key: string; at: number; value: JsonNode }[] = [];
    if (this.#next('}')) return { kind: 'object', at, members };
    for (;;) {
      this.#space();
      const keyAt = this.#at;
      if (this.#text[keyAt] !== '"') throw this.#unexpected('a key in double quotes');
      const key = this.#string();
      if (!this.#next(':')) throw this.#unexpected('":"');
      members.push({ key, at: keyAt, value: this.value(depth + 1) });
      if (this.#next('}')) return { kind: 'object', at, members };
      if (!this.#next(',')) throw this.#unexpected('"," or "}"');
    }
  }

  #array(depth: number): JsonNode {
    const at = this.#at++;
    const items: JsonNode[] = [];
    if (this.#next(']')) return { kind: 'array', at, items };
    for (;;) {
      items.push(this.value(depth + 1));
      if (this.#next(']')) return { kind: 'array', at, items };
      if (!this.#next(',')) throw this.#unexpected('"," or "]"');
    }
  }

  #string(): string {
    const start = this.#at;
    for (let i = start + 1; i < this.#text.length; i++) {
      const c = this.#text.charCodeAt(i);
      if (c === 0x5c) i++;
      else if (c === 0x22) {
        this.#at = i + 1;
        return this.#unescape(start, i + 1);
      } else if (c < 0x20) throw new JsonSourceError('a control character in a text', i);
    }
    throw new JsonSourceError('a text without its closing quote', start);
  }

  #unescape(from: number, to: number): string {
    try {
      return JSON.parse(this.#text.slice(from, to)) as string;
    } catch {
      throw new JsonSourceError('a wrong escape in a text', from);
    }
  }

  #number(): JsonNode {
    const at = this.#at;
    NUMBER.lastIndex = at;
    const found = NUMBER.exec(this.#text);
    if (!found) throw this.#unexpected('a value');
    this.#at += found[0].length;
    return { kind: 'number', at, value: Number(found[0]) };
  }

  #word(word: string, node: JsonNode): JsonNode {
    if (!this.#text.startsWith(word, this.#at)) throw this.#unexpected('a value');
    this.#at += word.length;
    return node;
  }

  #next(character: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #space(): void {
    for (;;) {
      const c = this.#text.charCodeAt(this.#at);
      if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) return;
      this.#at++;
    }
  }

  #unexpected(wanted: string): JsonSourceError {
    const got = this.#at < this.#text.length ? JSON.stringify(this.#text[this.#at]) : 'the end of the text';
    return new JsonSourceError(`expected ${wanted}, found ${got}`, this.#at);
  }
}
