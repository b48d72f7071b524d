import type { Matcher, WrittenOperator } from './operators.ts';
import { readOperator } from './operators.ts';
import { PolicyShapeError } from './shape-error.ts';
import type { TemplatePart } from './variables.ts';
import { fillTemplate, isTemplate, parseTemplate } from './variables.ts';

/** The condition keys of one request, by name in lower case. */
export class RequestContext {
  readonly #values = new Map<string, string | string[]>();

  constructor(context: Record<string, string | string[]>) {
    for (const key of Object.keys(context)) this.#values.set(key.toLowerCase(), context[key]!);
  }

  /** The values of a key (lower case); undefined when the request lacks it, as when it has no value at all. */
  values(key: string): readonly string[] | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    if (typeof value === 'string') return [value];
    return value.length > 0 ? value : undefined;
  }

  /** Is the key single-valued (given as a text, not as a list)? */
  single(key: string): boolean {
    return typeof this.#values.get(key) === 'string';
  }

  /** For policy variables: "you can't use a multivalued key as a policy variable". */
  readonly lookup = (key: string): string | undefined => {
    const value = this.#values.get(key.toLowerCase());
    return typeof value === 'string' ? value : undefined;
  };
}

/** One line of a Condition block: an operator, a key, the values. */
export interface Condition {
  /** As written, for messages. */
  readonly operatorText: string;
  readonly keyText: string;
  readonly key: string;
  readonly written: WrittenOperator;
  readonly matchers: readonly Matcher[];
  readonly templates: readonly TemplatePart[][];
  /** For `Null`: the values, `true` meaning "must be absent". */
  readonly nulls: readonly boolean[];
}

/** Compiles a Condition block; `withVariables` is false for documents before version 2012-10-17. */
export function compileConditions(block: unknown, withVariables: boolean): Condition[] {
  if (block === undefined) return [];
  if (typeof block !== 'object' || block === null || Array.isArray(block)) {
    throw new PolicyShapeError('Condition must be an object');
  }
  const found: Condition[] = [];
  for (const operatorText of Object.keys(block)) {
    const keys: unknown = (block as Record<string, unknown>)[operatorText];
    if (typeof keys !== 'object' || keys === null || Array.isArray(keys)) {
      throw new PolicyShapeError(`Condition ${operatorText} must be an object`);
    }
    for (const keyText of Object.keys(keys)) {
      const written = readOperator(operatorText);
      if (!written) throw new PolicyShapeError(`unknown condition operator ${operatorText}`);
      const value: unknown = (keys as Record<string, unknown>)[keyText];
      found.push(compileOne(operatorText, written, keyText, value, withVariables));
    }
  }
  return found;
}

function compileOne(
  operatorText: string,
  written: WrittenOperator,
  keyText: string,
  value: unknown,
  withVariables: boolean,
): Condition {
  const matchers: Matcher[] = [];
  const templates: TemplatePart[][] = [];
  const nulls: boolean[] = [];
  for (const one of Array.isArray(value) ? value : [value]) {
    if (typeof one !== 'string' && typeof one !== 'number' && typeof one !== 'boolean') {
      throw new PolicyShapeError(`a value of ${operatorText} ${keyText} is no text, number or boolean`);
    }
    const text = String(one);
    if (written.operator.name === 'Null') nulls.push(text.toLowerCase() === 'true');
    const parts = withVariables && written.operator.variables ? parseTemplate(text) : undefined;
    if (parts && isTemplate(parts)) templates.push(parts);
    else matchers.push(written.operator.matcher([{ pattern: text }]));
  }
  return { operatorText, keyText, key: keyText.toLowerCase(), written, matchers, templates, nulls };
}

/** Is the condition met? Keys that the request lacks, the variables' too, are added to `absent`. */
export function conditionHolds(condition: Condition, context: RequestContext, absent: Set<string>): boolean {
  const { written } = condition;
  const { negated } = written.operator;
  const values = context.values(condition.key);
  if (values === undefined) absent.add(condition.keyText);
  if (written.operator.name === 'Null') return condition.nulls.includes(values === undefined);
  if (values === undefined) {
    if (written.ifExists) return true;
    // "ForAllValues … returns true if there are no keys in the request", "ForAnyValue … returns false".
    if (written.set) return written.set === 'all';
    return negated;
  }
  const matchers = condition.templates.length > 0 ? fill(condition, context, absent) : condition.matchers;
  const matches = (value: string) => {
    for (const matcher of matchers) if (matcher(value)) return true;
    return false;
  };
  if (written.set) {
    // "If the key values resolve to an empty data set (for example, an empty string) … ForAllValues returns true, and
    // … ForAnyValue returns false."
    if (values.every((value) => value === '')) return written.set === 'all';
    return written.set === 'all'
      ? values.every((value) => matches(value) !== negated)
      : values.some((value) => matches(value) !== negated);
  }
  // "Multivalued context keys require a condition set operator": without one the condition is never met.
  return context.single(condition.key) && matches(values[0]!) !== negated;
}

/** "The value is effectively null": an unresolved variable equals nothing, so its value simply drops out. */
function fill(condition: Condition, context: RequestContext, absent: Set<string>): Matcher[] {
  const matchers = [...condition.matchers];
  for (const template of condition.templates) {
    const { parts, missing } = fillTemplate(template, context.lookup);
    for (const key of missing) absent.add(key);
    if (parts) matchers.push(condition.written.operator.matcher(parts));
  }
  return matchers;
}
