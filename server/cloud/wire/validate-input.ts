import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from '../errors.ts';
import { broken, type Constraint, constraintsOf } from './constraints.ts';
import { nameOf } from './query.ts';
import { membersOf, type OperationSchema } from './schemas.ts';
import { malformedXml } from './serialization-error.ts';
import type { WireService } from './services.ts';

/** What AWS's front end refuses before any service sees it. Each protocol has its own name for that: see `encodeError`. */
export class InvalidInput extends AwsError {
  constructor(message: string) {
    super('ValidationError', message, 400);
  }
}

/**
 * Refuses an input in which a required member is missing, at any depth, a list or map holds null where it must not, or a
 * value breaks what AWS's model says of it, as AWS's front ends do before any service sees it.
 * @throws InvalidInput
 */
export function validateInput(service: WireService, operation: OperationSchema, input: Record<string, unknown>): void {
  const found: Finding[] = [];
  visit(service, operation.input, input, '', found);
  if (found.length === 0) return;
  const { member, schema, value, rule } = found[0]!;
  if (service.invalid && value !== undefined)
    throw new AwsError(service.invalid.code, service.invalid.message(member, String(value).slice(0, 200), rule), 400);
  if (service.missing) {
    const name = service.protocol === 'ec2' ? nameOf(schema, member, 'ec2') : member;
    throw new InvalidInput(service.missing.message(name));
  }
  if (service.protocol === 'rest-xml') throw malformedXml();
  const list = found
    .slice(0, mostFindings)
    .map(({ shown, rule }) => `Value${shown} failed to satisfy constraint: ${rule}`);
  throw new InvalidInput(`${list.length} validation error${list.length > 1 ? 's' : ''} detected: ${list.join('; ')}`);
}

interface Finding {
  member: string;
  schema: NormalizedSchema;
  /** Undefined where it is one that is missing. */
  value?: unknown;
  /** ` 'x' at 'tags.1.member.key'` */
  shown: string;
  rule: string;
}

/** A batch may lack the same member hundreds of times. */
const mostFindings = 20;

function visit(service: WireService, schema: NormalizedSchema, value: unknown, path: string, found: Finding[]): void {
  if (value === null || typeof value !== 'object' || found.length >= mostFindings) return;
  if (schema.isStructSchema()) {
    const constraints = constraintsOf(service, schema);
    for (const [member, memberSchema, required] of membersOf(schema)) {
      const held = (value as Record<string, unknown>)[member];
      const at = below(path, member);
      if (held !== undefined) {
        const constraint = constraints.get(member);
        if (constraint) check(service, memberSchema, constraint, held, at, found);
        visit(service, memberSchema, held, at, found);
      } else if (required)
        found.push({ member, schema: memberSchema, shown: ` null at '${at}'`, rule: 'Member must not be null' });
    }
    return;
  }
  const isMap = schema.isMapSchema();
  if (!isMap && !schema.isListSchema()) return;
  const item = schema.getValueSchema();
  if (!schema.getMergedTraits().sparse && Object.values(value).includes(null))
    found.push({
      member: path,
      schema,
      shown: ` at '${path}'`,
      rule: 'Member must satisfy constraint: [Member must not be null]',
    });
  for (const [key, held] of Object.entries(value))
    visit(service, item, held, `${path}.${isMap ? key : Number(key) + 1}.member`, found);
}

function check(
  service: WireService,
  schema: NormalizedSchema,
  constraint: Constraint,
  value: unknown,
  at: string,
  found: Finding[],
): void {
  const member = at.slice(at.lastIndexOf('.') + 1);
  for (const rule of broken(service, constraint, value))
    found.push({ member, schema, value, shown: `${shownOf(schema, value)} at '${at}'`, rule });
}

/** AWS repeats the value, but for secrets, bytes and what is no text. */
function shownOf(schema: NormalizedSchema, value: unknown): string {
  if (schema.getMergedTraits().sensitive) return '';
  if (Array.isArray(value))
    return value.every((each) => typeof each === 'string') ? ` '[${value.join(', ').slice(0, 200)}]'` : '';
  return typeof value === 'object' ? '' : ` '${String(value).slice(0, 200)}'`;
}

/** `tags.1.member.key`: AWS writes members with a small letter. */
function below(path: string, member: string): string {
  const name = member.charAt(0).toLowerCase() + member.slice(1);
  return path === '' ? name : `${path}.${name}`;
}
