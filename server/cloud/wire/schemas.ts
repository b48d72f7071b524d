import { createRequire } from 'node:module';
import { NormalizedSchema } from '@smithy/core/schema';
import { type WireService, wireServices } from './services.ts';

/** An operation as the SDK's schemas describe it. */
export interface OperationSchema {
  name: string;
  input: NormalizedSchema;
  output: NormalizedSchema;
  /** `[method, path with labels and static query, status]` of the REST protocols. */
  http?: [string, string, number];
}

export interface ServiceSchemas {
  operations: ReadonlyMap<string, OperationSchema>;
  /** By AWS's code: the shape of each modelled error. */
  errors: ReadonlyMap<string, NormalizedSchema>;
}

/** The namespace of the class that a client's own errors have; no service sends it. */
const ofTheClient = 'smithy.ts.sdk.synthetic';

const require = createRequire(import.meta.url);
const loaded = new Map<string, ServiceSchemas>();

/**
 * The runtime schemas that an SDK client exports (`GetRole$` …), loaded on the first call of a service: the largest takes
 * over 100 ms. They are undocumented; their versions are pinned and the wire tests hold them.
 */
export function schemasOf(service: WireService): ServiceSchemas {
  const known = loaded.get(service.id);
  if (known) return known;
  const operations = new Map<string, OperationSchema>();
  const errors = new Map<string, NormalizedSchema>();
  for (const [name, schema] of Object.entries(require(service.sdk) as Record<string, unknown>)) {
    if (!name.endsWith('$') || !Array.isArray(schema)) continue;
    if (schema[0] === 9) {
      const [, , operation, traits, input, output] = schema;
      operations.set(operation, {
        name: operation,
        input: NormalizedSchema.of(input),
        output: NormalizedSchema.of(output),
        ...(traits?.http ? { http: traits.http } : {}),
      });
    } else if (schema[0] === -3 && !schema[1].startsWith(ofTheClient))
      errors.set(schema[2], NormalizedSchema.of(schema as never));
  }
  const schemas = { operations, errors };
  loaded.set(service.id, schemas);
  return schemas;
}

/** Loads every service's schemas, one turn of the event loop each: called when the server is up and idle. */
export async function warmSchemas(): Promise<void> {
  for (const service of wireServices) {
    schemasOf(service);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** `[member, schema, required]` of a structure. Required members come first in a schema; how many is its last element. */
export function* membersOf(structure: NormalizedSchema): Generator<[string, NormalizedSchema, boolean]> {
  if (structure.isUnitSchema()) return;
  const raw = structure.getSchema() as unknown as unknown[];
  const required = typeof raw[6] === 'number' ? raw[6] : 0;
  let index = 0;
  for (const [name, schema] of structure.structIterator()) yield [name, schema, index++ < required];
}

/** Smithy's timestamp formats as the schemas number them; 4 is "the protocol's default". */
export function timestampFormat(
  schema: NormalizedSchema,
  fallback: 'date-time' | 'http-date' | 'epoch-seconds',
): string {
  const number = schema.getSchema();
  return number === 5 ? 'date-time' : number === 6 ? 'http-date' : number === 7 ? 'epoch-seconds' : fallback;
}

/** A date as text (or as a number for epoch seconds). */
export function formatTimestamp(value: Date, format: string): string | number {
  if (format === 'epoch-seconds') return value.getTime() / 1000;
  if (format === 'http-date') return value.toUTCString();
  return value.toISOString().replace('.000Z', 'Z');
}
