import type { Condition } from './conditions.ts';
import { compileConditions } from './conditions.ts';
import type { Glob } from './glob.ts';
import { compileGlob, matchesEverything, matchGlob } from './glob.ts';
import type { PrincipalSet } from './principals.ts';
import { compilePrincipals } from './principals.ts';
import { PolicyShapeError } from './shape-error.ts';
import type { PolicyDocument } from './types.ts';
import type { Lookup, TemplatePart } from './variables.ts';
import { fillTemplate, isTemplate, parseTemplate, templateGlob } from './variables.ts';

/** A list of Resource patterns, those with policy variables apart. */
interface ResourceSet {
  readonly negated: boolean;
  readonly globs: readonly Glob[];
  readonly templates: readonly TemplatePart[][];
}

/** One statement, ready to be matched. */
export interface CompiledStatement {
  /** `Sid`, or `#0` for the first statement without one. */
  readonly label: string;
  readonly deny: boolean;
  readonly actions: { readonly negated: boolean; readonly globs: readonly Glob[] } | undefined;
  /** Absent in trust policies: the statement is about the resource that it is attached to. */
  readonly resources: ResourceSet | undefined;
  readonly principals: { readonly negated: boolean; readonly set: PrincipalSet } | undefined;
  readonly conditions: readonly Condition[];
}

const cache = new WeakMap<object, readonly CompiledStatement[]>();

/** The statements of a document, compiled once per document object. Throws `PolicyShapeError`. */
export function compileDocument(document: PolicyDocument): readonly CompiledStatement[] {
  const known = cache.get(document);
  if (known) return known;
  const statements: unknown = document.Statement;
  const list: unknown[] = Array.isArray(statements) ? statements : [statements];
  const withVariables = document.Version === '2012-10-17';
  const compiled = list.map((statement, index) => compileStatement(statement, index, withVariables));
  cache.set(document, compiled);
  return compiled;
}

function compileStatement(statement: unknown, index: number, withVariables: boolean): CompiledStatement {
  if (typeof statement !== 'object' || statement === null || Array.isArray(statement)) {
    throw new PolicyShapeError(`statement #${index} is no object`);
  }
  const own = (name: string): unknown =>
    Object.hasOwn(statement, name) ? (statement as Record<string, unknown>)[name] : undefined;
  const effect = own('Effect');
  if (effect !== 'Allow' && effect !== 'Deny') throw new PolicyShapeError(`statement #${index} has no Effect`);
  const sid = own('Sid');
  return {
    label: typeof sid === 'string' && sid !== '' ? sid : `#${index}`,
    deny: effect === 'Deny',
    actions: either(own, 'Action', (texts) => texts.map((text) => compileGlob(text.toLowerCase()))),
    resources: compileResources(own, withVariables),
    principals: compilePrincipalElements(own),
    conditions: compileConditions(own('Condition'), withVariables),
  };
}

type Own = (name: string) => unknown;

function either(own: Own, name: string, compile: (texts: string[]) => Glob[]) {
  const positive = own(name);
  const value = positive ?? own(`Not${name}`);
  if (value === undefined) return undefined;
  return { negated: positive === undefined, globs: compile(strings(value, name)) };
}

function strings(value: unknown, name: string): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  for (const one of list) if (typeof one !== 'string') throw new PolicyShapeError(`${name} must hold texts`);
  return list as string[];
}

function compileResources(own: Own, withVariables: boolean): ResourceSet | undefined {
  const positive = own('Resource');
  const value = positive ?? own('NotResource');
  if (value === undefined) return undefined;
  const globs: Glob[] = [];
  const templates: TemplatePart[][] = [];
  for (const text of strings(value, 'Resource')) {
    const complete = completeArn(text);
    const tail = resourcePortion(complete);
    const parts = withVariables ? parseTemplate(complete.slice(tail)) : undefined;
    if (parts && isTemplate(parts)) templates.push([{ pattern: complete.slice(0, tail) }, ...parts]);
    else globs.push(compileGlob(complete));
  }
  return { negated: positive === undefined, globs, templates };
}

/**
 * "If you specify an incomplete ARN …, AWS automatically completes the ARN by adding wildcard characters (*) to all
 * missing fields. For example, arn:aws:sqs is equal to arn:aws:sqs:*:*:*".
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
function completeArn(text: string): string {
  if (!text.startsWith('arn:')) return text;
  let colons = 0;
  for (let at = text.indexOf(':'); at >= 0 && colons < 5; at = text.indexOf(':', at + 1)) colons++;
  return text + ':*'.repeat(5 - colons);
}

/** "You can't use a variable to replace parts of the ARN before the fifth colon": where the part after it starts. */
function resourcePortion(arn: string): number {
  let at = -1;
  for (let i = 0; i < 5 && (i === 0 || at >= 0); i++) at = arn.indexOf(':', at + 1);
  return at + 1;
}

function compilePrincipalElements(own: Own): CompiledStatement['principals'] {
  const positive = own('Principal');
  const value = positive ?? own('NotPrincipal');
  return value === undefined ? undefined : { negated: positive === undefined, set: compilePrincipals(value) };
}

/** Does the statement name the action (in lower case)? */
export function namesAction(statement: CompiledStatement, action: string): boolean {
  const { actions } = statement;
  if (!actions) return false;
  return actions.globs.some((glob) => matchesEverything(glob) || matchGlob(glob, action)) !== actions.negated;
}

/**
 * Does the statement name the resource? A pattern with a variable that has no value "will not match any resource".
 * Keys of such variables are added to `absent`.
 */
export function namesResource(
  statement: CompiledStatement,
  resource: string,
  lookup: Lookup,
  absent: Set<string>,
): boolean {
  const { resources } = statement;
  if (!resources) return true;
  const { globs, templates, negated } = resources;
  for (const glob of globs) if (matchGlob(glob, resource)) return !negated;
  for (const template of templates) {
    const { parts, missing } = fillTemplate(template, lookup);
    for (const key of missing) absent.add(key);
    if (parts && matchGlob(templateGlob(parts), resource)) return !negated;
  }
  return negated;
}
