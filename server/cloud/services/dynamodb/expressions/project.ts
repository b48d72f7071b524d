import { validation } from '../errors.ts';
import type { Item, Value } from '../values.ts';
import { type Path, pathList } from './ast.ts';
import type { Parsed } from './condition.ts';
import { Parser } from './parser.ts';
import type { Placeholders } from './placeholders.ts';

/** Reads a projection expression. @throws AwsError ValidationException */
export function parseProjection(text: string, placeholders: Placeholders): Parsed<Path[]> {
  const parser = new Parser('ProjectionExpression', text, placeholders);
  const tree = [parser.path()];
  while (parser.accept(',')) tree.push(parser.path());
  parser.end();
  checkOverlap(tree, (message) => parser.invalid(message));
  return { tree, attributes: parser.attributes };
}

/** No path may lie within another: each part of an item is named once. */
export function checkOverlap(paths: readonly Path[], error: (message: string) => Error = validation): void {
  interface Node {
    path?: Path;
    first: Path;
    steps: Map<string | number, Node>;
  }
  const root = new Map<string | number, Node>();
  for (const path of paths) {
    let steps = root;
    path.forEach((step, i) => {
      const found = steps.get(step);
      const last = i === path.length - 1;
      if (found && (found.path || last))
        throw error(
          `Two document paths overlap with each other; must remove or rewrite one of these paths; path one: ${pathList(found.path ?? found.first)}, path two: ${pathList(path)}`,
        );
      const [other] = steps.keys();
      if (!found && other !== undefined && typeof other !== typeof step)
        throw error(
          `Two document paths conflict with each other; must remove or rewrite one of these paths; path one: ${pathList(steps.get(other)!.first)}, path two: ${pathList(path)}`,
        );
      const node: Node = found ?? { first: path, steps: new Map() };
      if (last) node.path = path;
      steps.set(step, node);
      ({ steps } = node);
    });
  }
}

/** The parts of an item that paths name; parts of a list move together. */
export function project(item: Item, paths: readonly Path[]): Item {
  return pick(
    { M: item },
    paths.map((path) => [...path]),
  ) as Item;
}

function pick(value: Value, paths: readonly (string | number)[][]): unknown {
  const heads = new Map<string | number, (string | number)[][]>();
  for (const [head, ...rest] of paths) heads.set(head!, [...(heads.get(head!) ?? []), rest]);
  if ('M' in value) {
    const entries: [string, Value][] = [];
    for (const [name, part] of Object.entries(value.M)) {
      const picked = heads.has(name) ? within(part, heads.get(name)!) : undefined;
      if (picked) entries.push([name, picked]);
    }
    return Object.fromEntries(entries);
  }
  if (!('L' in value)) return undefined;
  return value.L.flatMap((part, i) => {
    const picked = heads.has(i) ? within(part, heads.get(i)!) : undefined;
    return picked ? [picked] : [];
  });
}

/** The part of a value below it that paths name; undefined when they name nothing in it. */
function within(value: Value, paths: readonly (string | number)[][]): Value | undefined {
  if (paths.some((path) => path.length === 0)) return value;
  const picked = pick(value, paths);
  if (picked === undefined || Object.keys(picked as object).length === 0) return undefined;
  return 'M' in value ? { M: picked as Item } : { L: picked as Value[] };
}
