import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from '../errors.ts';
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
 * Refuses an input in which a required member is missing, at any depth, or a list or map holds null where it must not, as
 * AWS's front ends do before any service sees it.
 * @throws InvalidInput
 */
export function requireMembers(service: WireService, operation: OperationSchema, input: Record<string, unknown>): void {
  const found: Finding[] = [];
  visit(operation.input, input, '', found);
  if (found.length === 0) return;
  if (service.missing) {
    const { member, schema } = found[0]!;
    const name = service.protocol === 'ec2' ? nameOf(schema, member, 'ec2') : member;
    throw new InvalidInput(service.missing.message(name));
  }
  if (service.protocol === 'rest-xml') throw malformedXml();
  const list = found.slice(0, mostFindings).map(({ constraint }) => constraint);
  throw new InvalidInput(`${list.length} validation error${list.length > 1 ? 's' : ''} detected: ${list.join('; ')}`);
}

interface Finding {
  member: string;
  schema: NormalizedSchema;
  constraint: string;
}

/** A batch may lack the same member hundreds of times. */
const mostFindings = 20;

function visit(schema: NormalizedSchema, value: unknown, path: string, found: Finding[]): void {
  if (value === null || typeof value !== 'object' || found.length >= mostFindings) return;
  if (schema.isStructSchema()) {
    for (const [member, memberSchema, required] of membersOf(schema)) {
      const held = (value as Record<string, unknown>)[member];
      if (held !== undefined) visit(memberSchema, held, below(path, member), found);
      else if (required)
        found.push({
          member,
          schema: memberSchema,
          constraint: `Value null at '${below(path, member)}' failed to satisfy constraint: Member must not be null`,
        });
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
      constraint: `Value at '${path}' failed to satisfy constraint: Member must satisfy constraint: [Member must not be null]`,
    });
  for (const [key, held] of Object.entries(value))
    visit(item, held, `${path}.${isMap ? key : Number(key) + 1}.member`, found);
}

/** `tags.1.member.key`: AWS writes members with a small letter. */
function below(path: string, member: string): string {
  const name = member.charAt(0).toLowerCase() + member.slice(1);
  return path === '' ? name : `${path}.${name}`;
}
