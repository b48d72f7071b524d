import { NotEmulated } from '../../errors.ts';
import { badRequest } from './shared.ts';

/**
 * Mapping templates as far as they only fill in values. Directives of the Velocity language (`#set`, `#foreach`) and its
 * methods are not run: templates that have them are refused when they are put.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
 */

/** What a template may ask for. */
export interface TemplateValues {
  /** `$context.requestId`, by the name behind `context.` */
  context(name: string): string | undefined;
  stageVariable(name: string): string | undefined;
  /** `$input.params('name')` */
  parameter(name: string): string | undefined;
  /** `$input.body`, and what `$input.json('$.a')` looks in. */
  body: string;
}

const variable =
  /\$(?:\{(context|stageVariables)\.([A-Za-z0-9_.]{1,128})\}|(context|stageVariables)\.([A-Za-z0-9_]{1,64}(?:\.[A-Za-z0-9_]{1,64}){0,4})|input\.(body)|input\.json\(\s{0,4}(['"])\$([A-Za-z0-9_.]{0,256})\6\s{0,4}\)|input\.params\(\s{0,4}(['"])([A-Za-z0-9_.-]{1,256})\8\s{0,4}\))/g;

/** @throws NotEmulated for templates that do more than fill in values */
export function checkTemplate(template: string): void {
  if (template.length > 300 * 1024) throw badRequest('Invalid mapping template specified: it is larger than 300 KB');
  if (/#(?:set|if|else|elseif|end|foreach|macro|define|parse|include|stop|break|evaluate|#|\*)/.test(template))
    throw new NotEmulated(
      'mapping templates with directives (#set, #if, #foreach); $context, $stageVariables and $input are filled in',
    );
  if (/\$[A-Za-z{!]/.test(template.replace(variable, '')))
    throw new NotEmulated(
      "mapping templates with other references than $context, $stageVariables, $input.body, $input.json('$.a.b') and $input.params('name')",
    );
}

/** Bytes that a filled-in template may have: API Gateway's payloads end there. */
const mostFilled = 10 * 1024 * 1024;

/** Fills in a template; what is absent becomes an empty text, as in AWS. */
export function render(template: string, values: TemplateValues): string {
  let size = 0;
  let json: { value: unknown } | undefined;
  const filled = (match: string[]): string => {
    const [, braced, bracedName, plain, plainName, body, , path, , parameter] = match;
    const kind = braced ?? plain;
    if (kind === 'context') return values.context((bracedName ?? plainName)!) ?? '';
    if (kind === 'stageVariables') return values.stageVariable((bracedName ?? plainName)!) ?? '';
    if (body !== undefined) return values.body;
    if (parameter !== undefined) return values.parameter(parameter) ?? '';
    json ??= { value: parsed(values.body) };
    return JSON.stringify(jsonAt(json.value, path ?? '')) ?? '""';
  };
  return template.replace(variable, (...match) => {
    if (size > mostFilled) return '';
    const text = filled(match as string[]);
    size += text.length;
    return text;
  });
}

/** A JSON text as a value; undefined where it is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text === '' ? '{}' : text);
  } catch {
    return undefined;
  }
}

/** The part of a JSON value that a path such as `.order.id` leads to; undefined where there is none. */
export function jsonAt(value: unknown, path: string): unknown {
  let part = value;
  for (const name of path.split('.').filter(Boolean)) {
    if (typeof part !== 'object' || part === null || !Object.hasOwn(part, name)) return undefined;
    part = (part as Record<string, unknown>)[name];
  }
  return part;
}
