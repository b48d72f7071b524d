import { NotEmulated } from '../../errors.ts';
import { badRequest, own } from './shared.ts';

/** An OpenAPI definition (Swagger 2 or OpenAPI 3), as far as it is looked at. Any part may be anything: it is input. */
export type Part = Readonly<Record<string, unknown>>;

export interface Definition {
  root: Part;
  version: 2 | 3;
}

/** AWS's quota of a definition. */
const mostBytes = 6 * 1024 * 1024;

/** @throws AwsError for texts that are no definition, NotEmulated for YAML */
export function readDefinition(body: unknown): Definition {
  const text = definitionText(body);
  if (text.length > mostBytes) throw badRequest('Maximum size of imported API definition is 6 MB');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    if (/^\s*(?:---|swagger|openapi|info)/.test(text)) throw new NotEmulated('API definitions in YAML (JSON is)');
    throw badRequest('Invalid OpenAPI input.');
  }
  const root = partOf(value);
  if (root.swagger === '2.0') return { root, version: 2 };
  if (typeof root.openapi === 'string' && root.openapi.startsWith('3.')) return { root, version: 3 };
  throw badRequest('Invalid OpenAPI input.');
}

/** The bytes of a definition as text. */
export const definitionText = (body: unknown): string => Buffer.from((body as Uint8Array | undefined) ?? '').toString();

/** An object, or an empty one in its place. */
export const partOf = (value: unknown): Part =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Part) : {};

export const partsOf = (value: unknown): Part[] => (Array.isArray(value) ? value.map(partOf) : []);

export const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** A map of texts; numbers and booleans become texts. */
export const textsOf = (value: unknown): Record<string, string> =>
  Object.fromEntries(Object.entries(partOf(value)).map(([name, each]) => [name, String(each)]));

/** The part itself, or what its `$ref` leads to inside of the definition. */
export function resolved({ root }: Definition, part: Part): Part {
  const reference = textOf(part.$ref);
  if (!reference?.startsWith('#/')) return part;
  let found: unknown = root;
  for (const name of reference.slice(2).split('/')) found = own(partOf(found), name.replaceAll('~1', '/'));
  return partOf(found);
}

/** The name of the model that a schema refers to. */
export const modelOf = (schema: unknown): string | undefined =>
  /^#\/(?:definitions|components\/schemas)\/([^/]{1,255})$/.exec(textOf(partOf(schema).$ref) ?? '')?.[1];

/** Its schemas by name. */
export const schemasOf = ({ root, version }: Definition): Part =>
  version === 2 ? partOf(root.definitions) : partOf(partOf(root.components).schemas);

/** Its ways of authorization by name. */
export const securityOf = ({ root, version }: Definition): Part =>
  version === 2 ? partOf(root.securityDefinitions) : partOf(partOf(root.components).securitySchemes);
