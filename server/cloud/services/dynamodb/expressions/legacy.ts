import type {
  AttributeValueUpdate,
  ExpectedAttributeValue,
  Condition as LegacyCondition,
} from '@aws-sdk/client-dynamodb';
import { invalidValues, validation } from '../errors.ts';
import { readValue, shown, typeOf, typeWords, type Value } from '../values.ts';
import type { Comparator, Condition, Operand, Path, Update } from './ast.ts';
import type { Parsed } from './condition.ts';

/** Parameters from before there were expressions: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LegacyConditionalParameters.html */

const comparators: Readonly<Record<string, Comparator>> = { EQ: '=', NE: '<>', LE: '<=', LT: '<', GE: '>=', GT: '>' };
const counts: Readonly<Record<string, [number, number]>> = {
  EQ: [1, 1],
  NE: [1, 1],
  LE: [1, 1],
  LT: [1, 1],
  GE: [1, 1],
  GT: [1, 1],
  BETWEEN: [2, 2],
  IN: [1, 100],
  NULL: [0, 0],
  NOT_NULL: [0, 0],
  CONTAINS: [1, 1],
  NOT_CONTAINS: [1, 1],
  BEGINS_WITH: [1, 1],
};

function comparison(attribute: string, operator: string, values: readonly Value[]): Condition {
  const count = Object.hasOwn(counts, operator) ? counts[operator]! : undefined;
  if (!count)
    throw validation(
      `1 validation error detected: Value '${operator.slice(0, 100)}' at 'comparisonOperator' failed to satisfy constraint: Member must satisfy enum value set: [IN, NULL, BETWEEN, LT, NOT_CONTAINS, EQ, GT, NOT_NULL, NE, LE, BEGINS_WITH, GE, CONTAINS]`,
    );
  if (values.length < count[0] || values.length > count[1])
    throw invalidValues(`Invalid number of argument(s) for the ${operator} ComparisonOperator`);
  const path: Path = [attribute];
  const of: Operand = { path };
  const [first, second] = values.map((value) => ({ value })) as [Operand, Operand];
  const scalar = (allowed: string): void => {
    for (const value of values)
      if (!allowed.split(' ').includes(typeOf(value)))
        throw invalidValues(`ComparisonOperator ${operator} is not valid for ${typeOf(value)} AttributeValue type`);
  };
  if (Object.hasOwn(comparators, operator)) {
    if (operator !== 'EQ' && operator !== 'NE') scalar('S N B');
    return { op: comparators[operator]!, left: of, right: first };
  }
  if (operator === 'BETWEEN') {
    scalar('S N B');
    return { op: 'between', of, low: first, high: second };
  }
  if (operator === 'IN') return { op: 'in', of, list: values.map((value) => ({ value })) };
  if (operator === 'NULL') return { op: 'attribute_not_exists', path };
  if (operator === 'NOT_NULL') return { op: 'attribute_exists', path };
  if (operator === 'BEGINS_WITH') {
    scalar('S B');
    return { op: 'begins_with', of, with: first };
  }
  const contains: Condition = { op: 'contains', of, with: first };
  return operator === 'CONTAINS' ? contains : { op: 'not', of: contains };
}

function joined(conditions: Condition[], operator: string | undefined): Condition | undefined {
  if (operator !== undefined && operator !== 'AND' && operator !== 'OR')
    throw validation(
      `1 validation error detected: Value '${operator.slice(0, 100)}' at 'conditionalOperator' failed to satisfy constraint: Member must satisfy enum value set: [OR, AND]`,
    );
  return conditions.reduce<Condition | undefined>(
    (left, right) => (left ? { op: operator === 'OR' ? 'or' : 'and', left, right } : right),
    undefined,
  );
}

/** KeyConditions, QueryFilter and ScanFilter. */
export function legacyConditions(
  given: Record<string, LegacyCondition>,
  operator?: string,
): Parsed<Condition | undefined> {
  const conditions = Object.entries(given).map(([name, { ComparisonOperator, AttributeValueList }]) =>
    comparison(
      name,
      ComparisonOperator ?? '',
      (AttributeValueList ?? []).map((value) => readValue(value)),
    ),
  );
  return { tree: joined(conditions, operator), attributes: new Set(Object.keys(given)) };
}

/** Expected, with its short form of Value and Exists. */
export function legacyExpected(
  given: Record<string, ExpectedAttributeValue>,
  operator?: string,
): Parsed<Condition | undefined> {
  const conditions = Object.entries(given).map(([name, { Value, Exists, ComparisonOperator, AttributeValueList }]) => {
    if (ComparisonOperator !== undefined) {
      if (Exists !== undefined)
        throw invalidValues(`Exists and ComparisonOperator cannot be used together for Attribute: ${name}`);
      if (Value !== undefined && AttributeValueList !== undefined)
        throw invalidValues(`Value and AttributeValueList cannot be used together for Attribute: ${name}`);
      const values = Value ? [Value] : (AttributeValueList ?? []);
      return comparison(
        name,
        ComparisonOperator,
        values.map((value) => readValue(value)),
      );
    }
    if (Exists === false) {
      if (Value) throw invalidValues(`Value cannot be used when Exists is false for Attribute: ${name}`);
      return comparison(name, 'NULL', []);
    }
    if (!Value)
      throw invalidValues(
        Exists
          ? `Value must be provided when Exists is true for Attribute: ${name}`
          : `Value must be provided when Exists is null for Attribute: ${name}`,
      );
    return comparison(name, 'EQ', [readValue(Value)]);
  });
  return { tree: joined(conditions, operator), attributes: new Set(Object.keys(given)) };
}

/** AttributeUpdates. */
export function legacyUpdates(given: Record<string, AttributeValueUpdate>): Parsed<Update> {
  const tree: Update = { set: [], remove: [], add: [], delete: [] };
  for (const [name, { Action = 'PUT', Value: input }] of Object.entries(given)) {
    const path: Path = [name];
    if (input === undefined) {
      if (Action !== 'DELETE')
        throw invalidValues(`Only DELETE action is allowed when no attribute value is specified`);
      tree.remove.push(path);
      continue;
    }
    const value = readValue(input);
    if (Action === 'PUT') tree.set.push({ path, value: { value } });
    else if (Action === 'ADD' && 'L' in value)
      tree.set.push({ path, value: { listAppend: [{ ifNotExists: [path, { value: { L: [] } }] }, { value }] } });
    else {
      const allowed = Action === 'ADD' ? ['N', 'SS', 'NS', 'BS'] : ['SS', 'NS', 'BS'];
      if (Action !== 'ADD' && Action !== 'DELETE')
        throw validation(
          `1 validation error detected: Value '${String(Action).slice(0, 100)}' at 'attributeUpdates.${name}.member.action' failed to satisfy constraint: Member must satisfy enum value set: [ADD, DELETE, PUT]`,
        );
      if (!allowed.includes(typeOf(value)))
        throw invalidValues(
          `Type mismatch for attribute to update: ${Action} action is not supported for the type ${typeWords[typeOf(value)]} of ${shown(value)}`,
        );
      tree[Action === 'ADD' ? 'add' : 'delete'].push({ path, value });
    }
  }
  return { tree, attributes: new Set(Object.keys(given)) };
}

/** AttributesToGet. */
export function legacyProjection(names: readonly string[]): Parsed<Path[]> {
  if (names.length === 0)
    throw validation(
      "1 validation error detected: Value '[]' at 'attributesToGet' failed to satisfy constraint: Member must have length greater than or equal to 1",
    );
  if (new Set(names).size < names.length)
    throw invalidValues(`Duplicate value in attribute name: ${names.find((name, i) => names.indexOf(name) !== i)}`);
  return { tree: names.map((name): Path => [name]), attributes: new Set(names) };
}

/** Old and new parameters do not go together. */
export function checkMixed(legacy: Record<string, unknown>, expressions: Record<string, unknown>): void {
  const given = (all: Record<string, unknown>): string[] =>
    Object.entries(all)
      .filter(([, value]) => value !== undefined)
      .map(([name]) => name);
  const [old, modern] = [given(legacy), given(expressions)];
  if (old.length && modern.length)
    throw validation(
      `Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {${old.join(', ')}} Expression parameters: {${modern.join(', ')}}`,
    );
}
