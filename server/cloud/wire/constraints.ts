import type { NormalizedSchema } from '@smithy/core/schema';
import data from './constraints.json' with { type: 'json' };
import type { WireService } from './services.ts';

/** What AWS's model says of a member beyond its type: the SDK's schemas leave it out. */
export interface Constraint {
  /** A name in the service's `enumerations`. */
  enumeration?: string;
  /** Of a number: least and most. */
  range?: [number | null, number | null];
  /** Of a text, bytes, a list or a map: least and most. */
  length?: [number | null, number | null];
  /** Of each item of a list, each value of a map. */
  item?: Constraint;
}

/** `constraints.json`, which `npm run constraints` writes. */
export interface ConstraintFile {
  source: string;
  services: Record<
    string,
    {
      /** Those whose input was looked at. */
      operations: string[];
      enumerations: Record<string, string[]>;
      /** By structure and member. */
      structures: Record<string, Record<string, Constraint>>;
    }
  >;
}

const { services } = data as unknown as ConstraintFile;
const byService = new Map(
  Object.entries(services).map(([id, { operations, enumerations, structures }]) => [
    id,
    {
      operations: new Set(operations),
      enumerations: new Map(Object.entries(enumerations)),
      structures: new Map(
        Object.entries(structures).map(([name, members]) => [name, new Map(Object.entries(members))]),
      ),
    },
  ]),
);

/** Whether an operation's input was looked at when the list was written; undefined: nothing is known of the service. */
export function isModelled(service: WireService, operation: string): boolean | undefined {
  return byService.get(service.id)?.operations.has(operation);
}

/** The constraints of a structure's members. */
export function constraintsOf(service: WireService, structure: NormalizedSchema): ReadonlyMap<string, Constraint> {
  return byService.get(service.id)?.structures.get(structure.getName() ?? '') ?? none;
}
const none: ReadonlyMap<string, Constraint> = new Map();

/** The values of an enumeration. */
export function valuesOf(service: WireService, enumeration: string): readonly string[] {
  return byService.get(service.id)?.enumerations.get(enumeration) ?? [];
}

/** Which rules a value breaks, as AWS writes them: `Member must have value greater than or equal to 1`. */
export function broken(service: WireService, constraint: Constraint, value: unknown): string[] {
  const { enumeration, range, length, item } = constraint;
  if (enumeration !== undefined && typeof value === 'string') {
    const values = valuesOf(service, enumeration);
    if (!values.includes(value)) return [`Member must satisfy enum value set: [${values.join(', ')}]`];
  }
  if (range && (typeof value === 'number' || typeof value === 'bigint')) return outside('value', range, Number(value));
  const size = length && sizeOf(value);
  const wrong = size === undefined ? [] : outside('length', length!, size);
  if (wrong.length > 0 || !item || !Array.isArray(value)) return wrong;
  // Structures are looked at where they are visited.
  const inner = new Set(value.flatMap((each) => (each === null ? [] : broken(service, item, each))));
  return inner.size > 0 ? [`Member must satisfy constraint: [${[...inner].join(', ')}]`] : [];
}

function outside(what: string, [least, most]: [number | null, number | null], size: number): string[] {
  if (least !== null && size < least) return [`Member must have ${what} greater than or equal to ${least}`];
  if (most !== null && size > most) return [`Member must have ${what} less than or equal to ${most}`];
  return [];
}

function sizeOf(value: unknown): number | undefined {
  if (typeof value === 'string' || Array.isArray(value) || value instanceof Uint8Array) return value.length;
  return typeof value === 'object' && value !== null ? Object.keys(value).length : undefined;
}
