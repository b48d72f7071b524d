import { NotEmulated } from '../../errors.ts';
import { compilePattern, PatternError } from '../ssm/pattern.ts';
import { badRequest, own } from './shared.ts';

/** JSON Schema (draft 4) as far as request bodies are validated by it here; a model with other keywords is refused. */

type Schema = Record<string, unknown>;

const refused = ['patternProperties', 'dependencies', 'propertyNames', 'contains', 'if', 'then', 'else', 'const'];
const mostDepth = 40;
/** Steps that one body may cost: schemas may refer to one another in many ways. */
const mostSteps = 50_000;

const invalid = (): Error =>
  badRequest('Invalid model specified: Validation Result: warnings : [], errors : [Invalid model schema specified]');

/** Refuses texts that are no schema, and schemas that are not emulated. */
export function checkSchema(text: string): void {
  if (text.length > 400 * 1024) throw invalid();
  let schema: unknown;
  try {
    schema = JSON.parse(text);
  } catch {
    throw invalid();
  }
  if (!isObject(schema)) throw invalid();
  walk(schema, 0);
}

function walk(schema: Schema, depth: number): void {
  if (depth > mostDepth) throw invalid();
  for (const name of refused) if (Object.hasOwn(schema, name)) throw new NotEmulated(`models with the keyword ${name}`);
  if (typeof schema.pattern === 'string') {
    try {
      compilePattern(schema.pattern);
    } catch (error) {
      if (error instanceof PatternError) throw invalid();
      throw error;
    }
  }
  for (const part of partsOf(schema)) walk(part, depth + 1);
}

/** The schemas inside of a schema. */
function partsOf(schema: Schema): Schema[] {
  const maps = [schema.properties, schema.definitions].filter(isObject).flatMap((map) => Object.values(map));
  const lists = [schema.allOf, schema.anyOf, schema.oneOf, schema.items].flatMap((list) =>
    Array.isArray(list) ? list : [list],
  );
  return [...maps, ...lists, schema.not, schema.additionalProperties].filter(isObject);
}

const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Does a JSON value fit a schema? `modelNamed` finds other models that it refers to. */
export function fitsSchema(text: string, value: unknown, modelNamed: (name: string) => string | undefined): boolean {
  const root = JSON.parse(text) as Schema;
  return new Validation(root, modelNamed).fits(root, value, 0);
}

class Validation {
  private steps = 0;
  private readonly root: Schema;
  private readonly modelNamed: (name: string) => string | undefined;

  constructor(root: Schema, modelNamed: (name: string) => string | undefined) {
    this.root = root;
    this.modelNamed = modelNamed;
  }

  fits(schema: Schema, value: unknown, depth: number): boolean {
    if (++this.steps > mostSteps || depth > mostDepth) return false;
    if (typeof schema.$ref === 'string') {
      const other = this.referred(schema.$ref);
      return other !== undefined && this.fits(other, value, depth + 1);
    }
    const list = (name: string): Schema[] =>
      Array.isArray(schema[name]) ? (schema[name] as unknown[]).filter(isObject) : [];
    const holds = (part: Schema): boolean => this.fits(part, value, depth + 1);
    return (
      fitsType(schema.type, value) &&
      (!Array.isArray(schema.enum) || schema.enum.some((each) => JSON.stringify(each) === JSON.stringify(value))) &&
      list('allOf').every(holds) &&
      (!Array.isArray(schema.anyOf) || list('anyOf').some(holds)) &&
      (!Array.isArray(schema.oneOf) || list('oneOf').filter(holds).length === 1) &&
      (!isObject(schema.not) || !holds(schema.not)) &&
      (typeof value !== 'string' || fitsText(schema, value)) &&
      (typeof value !== 'number' || fitsNumber(schema, value)) &&
      (!Array.isArray(value) || this.fitsList(schema, value, depth)) &&
      (!isObject(value) || this.fitsObject(schema, value, depth))
    );
  }

  private fitsList(schema: Schema, value: unknown[], depth: number): boolean {
    const { items } = schema;
    if (!between(value.length, schema.minItems, schema.maxItems)) return false;
    if (schema.uniqueItems === true && new Set(value.map((item) => JSON.stringify(item))).size !== value.length)
      return false;
    return value.every((item, i) => {
      const part = Array.isArray(items) ? items[i] : items;
      return !isObject(part) || this.fits(part, item, depth + 1);
    });
  }

  private fitsObject(schema: Schema, value: Schema, depth: number): boolean {
    const names = Object.keys(value);
    const properties = isObject(schema.properties) ? schema.properties : {};
    if (Array.isArray(schema.required) && !schema.required.every((name) => Object.hasOwn(value, String(name))))
      return false;
    if (!between(names.length, schema.minProperties, schema.maxProperties)) return false;
    return names.every((name) => {
      const part = own(properties, name);
      if (isObject(part)) return this.fits(part, value[name], depth + 1);
      if (schema.additionalProperties === false) return false;
      return !isObject(schema.additionalProperties) || this.fits(schema.additionalProperties, value[name], depth + 1);
    });
  }

  /** `#/definitions/pet`, or another model by its address. */
  private referred(reference: string): Schema | undefined {
    if (reference.startsWith('#/')) {
      let part: unknown = this.root;
      for (const name of reference.slice(2).split('/')) part = isObject(part) ? own(part, name) : undefined;
      return isObject(part) ? part : undefined;
    }
    const name = /^https:\/\/apigateway\.amazonaws\.com\/restapis\/[^/]{1,64}\/models\/([a-zA-Z0-9]{1,255})$/.exec(
      reference,
    )?.[1];
    const text = name === undefined ? undefined : this.modelNamed(name);
    return text === undefined ? undefined : (JSON.parse(text) as Schema);
  }
}

function fitsType(type: unknown, value: unknown): boolean {
  if (type === undefined) return true;
  return [type].flat().some((each) => {
    switch (each) {
      case 'object':
        return isObject(value);
      case 'array':
        return Array.isArray(value);
      case 'null':
        return value === null;
      case 'integer':
        return Number.isInteger(value);
      default:
        return typeof value === each;
    }
  });
}

const between = (size: number, least: unknown, most: unknown): boolean =>
  (typeof least !== 'number' || size >= least) && (typeof most !== 'number' || size <= most);

const fitsText = (schema: Schema, value: string): boolean =>
  between([...value].length, schema.minLength, schema.maxLength) &&
  (typeof schema.pattern !== 'string' || (value.length <= 8192 && compilePattern(schema.pattern)(value)));

const fitsNumber = (schema: Schema, value: number): boolean =>
  between(value, schema.minimum, schema.maximum) &&
  !(schema.exclusiveMinimum === true && value === schema.minimum) &&
  !(schema.exclusiveMaximum === true && value === schema.maximum) &&
  (typeof schema.multipleOf !== 'number' || schema.multipleOf <= 0 || Number.isInteger(value / schema.multipleOf));
