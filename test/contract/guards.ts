import { type IfStatement, type Node, type Program, parse } from 'acorn';
import { simple } from 'acorn-walk';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';

/**
 * A package without one of its guards, once for each: an `if` without `else` whose branch leaves (throws, returns, breaks
 * or continues), in a file of the author's own. Guards that one of the `known` packages has in the same words are not the
 * fix's, and stay.
 */
export function* guardless(
  zip: Uint8Array,
  known: readonly Uint8Array[],
): Generator<{ name: string; zip: Uint8Array }> {
  const files = unzipSync(zip);
  const before = known.flatMap((each) =>
    Object.entries(unzipSync(each))
      .filter(([path]) => isOwn(path))
      .map(([, bytes]) => strFromU8(bytes)),
  );
  for (const [path, bytes] of Object.entries(files)) {
    if (!isOwn(path)) continue;
    const text = strFromU8(bytes);
    for (const { test } of guardsOf(text)) {
      const condition = text.slice(test.start, test.end);
      if (before.some((other) => other.includes(condition))) continue;
      const without = `${text.slice(0, test.start)}false${text.slice(test.end)}`;
      const line = text.slice(0, test.start).split('\n').length;
      yield {
        name: `${path}:${line} without the guard ${condition.replace(/\s+/g, ' ').slice(0, 80)}`,
        zip: zipSync({ ...files, [path]: strToU8(without) }, { mtime: new Date(2020, 0, 1) }),
      };
    }
  }
}

const isOwn = (path: string): boolean => /\.[cm]?js$/.test(path) && !path.includes('node_modules/');

function guardsOf(text: string): IfStatement[] {
  const program = parsed(text);
  const guards: IfStatement[] = [];
  if (program)
    simple(program, {
      IfStatement(node) {
        if (!node.alternate && leaves(node.consequent)) guards.push(node);
      },
    });
  return guards.sort((a, b) => a.start - b.start);
}

/** Nothing for what is no JavaScript: a near-miss may be broken, a right fix is not. */
function parsed(text: string): Program | undefined {
  for (const sourceType of ['module', 'script'] as const)
    try {
      return parse(text, { ecmaVersion: 'latest', sourceType, allowReturnOutsideFunction: true, allowHashBang: true });
    } catch {}
  return undefined;
}

function leaves(statement: Node & { body?: unknown }): boolean {
  const last = statement.type === 'BlockStatement' ? (statement.body as Node[]).at(-1) : statement;
  return (
    last !== undefined &&
    ['ThrowStatement', 'ReturnStatement', 'BreakStatement', 'ContinueStatement'].includes(last.type)
  );
}
