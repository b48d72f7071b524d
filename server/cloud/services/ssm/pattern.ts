/**
 * Regular expressions in linear time: Thompson's construction, all states walked at once, so that no pattern of a learner
 * can hold the server up. Literals, classes, groups, alternatives, counts and anchors; what cannot be done so (back
 * references, looking around) is refused.
 * Source: https://swtch.com/~rsc/regexp/regexp1.html
 */
export class PatternError extends Error {}

type Test = (code: number) => boolean;
/** `char` eats one code point; `split` goes on at both; `start` and `end` hold only there. */
type State =
  | { kind: 'char'; test: Test; next: number }
  | { kind: 'split'; next: number; other: number }
  | { kind: 'start' | 'end'; next: number }
  | { kind: 'match' };
type Node =
  | { kind: 'char'; test: Test }
  | { kind: 'start' | 'end' | 'empty' }
  | { kind: 'all' | 'any'; nodes: Node[] }
  | { kind: 'repeat'; node: Node; least: number; most: number };

/** States times characters are the work: 8 KB against this many take a third of a second at worst. */
const MOST_STATES = 2000;
const MOST_DEPTH = 50;

/** Compiles a pattern; the result tells whether it matches anywhere in a text (`^` and `$` anchor). */
export function compilePattern(pattern: string): (text: string) => boolean {
  const node = new Reader(pattern).read();
  const states: State[] = [{ kind: 'match' }];
  const first = build(node, 0, states);
  return (text) => run(states, first, text);
}

function build(node: Node, next: number, states: State[]): number {
  const add = (state: State): number => {
    if (states.length >= MOST_STATES) throw new PatternError('the pattern is too large');
    return states.push(state) - 1;
  };
  switch (node.kind) {
    case 'char':
      return add({ kind: 'char', test: node.test, next });
    case 'start':
    case 'end':
      return add({ kind: node.kind, next });
    case 'empty':
      return next;
    case 'all':
      return node.nodes.reduceRight((after, part) => build(part, after, states), next);
    case 'any':
      return node.nodes
        .map((part) => build(part, next, states))
        .reduceRight((other, one) => add({ kind: 'split', next: one, other }));
    case 'repeat': {
      let at = next;
      if (node.most === Number.POSITIVE_INFINITY) {
        const loop: State & { kind: 'split' } = { kind: 'split', next: 0, other: next };
        at = add(loop);
        loop.next = build(node.node, at, states);
      } else
        for (let i = node.least; i < node.most; i++)
          at = add({ kind: 'split', next: build(node.node, at, states), other: next });
      for (let i = 0; i < node.least; i++) at = build(node.node, at, states);
      return at;
    }
  }
}

function run(states: readonly State[], first: number, text: string): boolean {
  const codes = [...text].map((c) => c.codePointAt(0)!);
  let current: number[] = [];
  for (let i = 0; i <= codes.length; i++) {
    // A match may begin at every place.
    const seen = new Uint8Array(states.length);
    const reached: number[] = [];
    const todo = [...current, first];
    while (todo.length > 0) {
      const at = todo.pop()!;
      if (seen[at] === 1) continue;
      seen[at] = 1;
      const state = states[at]!;
      if (state.kind === 'match') return true;
      if (state.kind === 'split') todo.push(state.next, state.other);
      else if (state.kind === 'char') reached.push(at);
      else if (state.kind === 'start' ? i === 0 : i === codes.length) todo.push(state.next);
    }
    if (i === codes.length) return false;
    current = [];
    for (const at of reached) {
      const state = states[at] as State & { kind: 'char' };
      if (state.test(codes[i]!)) current.push(state.next);
    }
  }
  return false;
}

const within =
  (from: string, to: string): Test =>
  (code) =>
    code >= from.codePointAt(0)! && code <= to.codePointAt(0)!;
const either =
  (...tests: Test[]): Test =>
  (code) =>
    tests.some((test) => test(code));
const not =
  (test: Test): Test =>
  (code) =>
    !test(code);
const only = (c: string): Test => within(c, c);
/** A long class that many states share is asked once a character. */
const remembered = (test: Test): Test => {
  const known = new Map<number, boolean>();
  return (code) => {
    let answer = known.get(code);
    if (answer === undefined) known.set(code, (answer = test(code)));
    return answer;
  };
};
const digit = within('0', '9');
const word = either(digit, within('a', 'z'), within('A', 'Z'), only('_'));
const space = either(...[' ', '\t', '\n', '\r', '\f', '\v'].map(only));
const classes: Record<string, Test> = { d: digit, D: not(digit), w: word, W: not(word), s: space, S: not(space) };
const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t', f: '\f' };

class Reader {
  readonly #text: string[];
  #at = 0;
  #depth = 0;

  constructor(pattern: string) {
    if (pattern.length > 1024) throw new PatternError('the pattern is too long');
    this.#text = [...pattern];
  }

  read(): Node {
    const node = this.#alternatives();
    if (this.#at < this.#text.length) throw new PatternError(`unmatched ${this.#text[this.#at]}`);
    return node;
  }

  #alternatives(): Node {
    if (++this.#depth > MOST_DEPTH) throw new PatternError('the pattern is nested too deeply');
    const nodes = [this.#sequence()];
    while (this.#take('|')) nodes.push(this.#sequence());
    this.#depth--;
    return nodes.length === 1 ? nodes[0]! : { kind: 'any', nodes };
  }

  #sequence(): Node {
    const nodes: Node[] = [];
    while (this.#at < this.#text.length && this.#peek() !== '|' && this.#peek() !== ')') nodes.push(this.#repeated());
    return { kind: 'all', nodes };
  }

  #repeated(): Node {
    let node = this.#atom();
    for (;;) {
      const count = this.#count();
      if (!count) return node;
      // Greed does not matter to whether there is a match; possession does.
      if (this.#take('+')) throw new PatternError('possessive quantifiers are not supported');
      this.#take('?');
      node = { kind: 'repeat', node, ...count };
    }
  }

  #count(): { least: number; most: number } | undefined {
    if (this.#take('*')) return { least: 0, most: Number.POSITIVE_INFINITY };
    if (this.#take('+')) return { least: 1, most: Number.POSITIVE_INFINITY };
    if (this.#take('?')) return { least: 0, most: 1 };
    if (this.#peek() !== '{') return undefined;
    const end = this.#text.indexOf('}', this.#at);
    const inner = /^(\d{1,4})(,?)(\d{0,4})$/.exec(this.#text.slice(this.#at + 1, end < 0 ? undefined : end).join(''));
    if (end < 0 || !inner) throw new PatternError('a quantifier is not valid');
    this.#at = end + 1;
    const least = Number(inner[1]);
    const most = inner[3] !== '' ? Number(inner[3]) : inner[2] === '' ? least : Number.POSITIVE_INFINITY;
    if (most < least || (inner[2] === '' && inner[3] !== '')) throw new PatternError('a quantifier is not valid');
    return { least, most };
  }

  #atom(): Node {
    const c = this.#next();
    switch (c) {
      case '(': {
        if (this.#take('?') && !this.#take(':')) throw new PatternError('only (?: is supported after (');
        const inner = this.#alternatives();
        if (!this.#take(')')) throw new PatternError('unclosed group');
        return inner;
      }
      case '[':
        return { kind: 'char', test: this.#class() };
      case '.':
        return { kind: 'char', test: not(either(only('\n'), only('\r'))) };
      case '^':
        return { kind: 'start' };
      case '$':
        return { kind: 'end' };
      case '*':
      case '+':
      case '?':
      case '{':
        throw new PatternError(`dangling ${c}`);
      case '\\':
        return { kind: 'char', test: this.#escape() };
      default:
        return { kind: 'char', test: only(c) };
    }
  }

  #escape(): Test {
    const c = this.#next();
    if (Object.hasOwn(classes, c)) return classes[c]!;
    if (Object.hasOwn(escapes, c)) return only(escapes[c]!);
    // `\1`, `\b`, `\p{…}` and their like mean something that is not done here.
    if (/[a-zA-Z0-9]/.test(c)) throw new PatternError(`\\${c} is not supported`);
    return only(c);
  }

  #class(): Test {
    const negated = this.#take('^');
    const tests: Test[] = [];
    for (let first = true; first || this.#peek() !== ']'; first = false) {
      const c = this.#next();
      if (c === '[' || (c === '&' && this.#peek() === '&')) throw new PatternError('nested classes are not supported');
      if (c === '\\' && /[dDwWsS]/.test(this.#peek() ?? '')) {
        tests.push(this.#escape());
        continue;
      }
      const from = c === '\\' ? this.#classEscape() : c;
      if (this.#peek() !== '-' || this.#text[this.#at + 1] === ']') {
        tests.push(only(from));
        continue;
      }
      this.#at++;
      const last = this.#next();
      const to = last === '\\' ? this.#classEscape() : last;
      if (to.codePointAt(0)! < from.codePointAt(0)!) throw new PatternError('a range is out of order');
      tests.push(within(from, to));
    }
    this.#at++;
    const test = remembered(either(...tests));
    return negated ? not(test) : test;
  }

  #classEscape(): string {
    const c = this.#next();
    if (Object.hasOwn(escapes, c)) return escapes[c]!;
    if (/[a-zA-Z0-9]/.test(c)) throw new PatternError(`\\${c} is not supported`);
    return c;
  }

  #peek(): string | undefined {
    return this.#text[this.#at];
  }

  #take(c: string): boolean {
    if (this.#text[this.#at] !== c) return false;
    this.#at++;
    return true;
  }

  #next(): string {
    const c = this.#text[this.#at++];
    if (c === undefined) throw new PatternError('the pattern ends too early');
    return c;
  }
}
