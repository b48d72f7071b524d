import type { Value } from '../values.ts';

/** A document path: names and positions, from the top-level attribute down. */
export type Path = readonly [string, ...(string | number)[]];

export type Operand = { path: Path } | { value: Value } | { size: Operand };

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type Condition =
  | { op: 'and' | 'or'; left: Condition; right: Condition }
  | { op: 'not'; of: Condition }
  | { op: Comparator; left: Operand; right: Operand }
  | { op: 'between'; of: Operand; low: Operand; high: Operand }
  | { op: 'in'; of: Operand; list: Operand[] }
  | { op: 'attribute_exists' | 'attribute_not_exists'; path: Path }
  | { op: 'attribute_type'; path: Path; type: string }
  | { op: 'begins_with' | 'contains'; of: Operand; with: Operand };

/** The right side of a SET. */
export type SetValue =
  | Operand
  | { plus: [SetValue, SetValue] }
  | { minus: [SetValue, SetValue] }
  | { ifNotExists: [Path, SetValue] }
  | { listAppend: [SetValue, SetValue] };

export interface Update {
  set: { path: Path; value: SetValue }[];
  remove: Path[];
  add: { path: Path; value: Value }[];
  delete: { path: Path; value: Value }[];
}

export const pathText = (path: Path): string =>
  path.map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`)).join('');

/** A path as AWS's messages write it: `[a, b, [0]]`. */
export const pathList = (path: Path): string =>
  `[${path.map((step) => (typeof step === 'number' ? `[${step}]` : step)).join(', ')}]`;

export const samePath = (a: Path, b: Path): boolean => a.length === b.length && a.every((step, i) => step === b[i]);
