import { type CompiledPattern, compilePattern, isObject } from '../../event-pattern/pattern.ts';
import { PatternFault } from '../../event-pattern/rules.ts';
import { invalidParameter } from './errors.ts';

export type FilterScope = 'MessageAttributes' | 'MessageBody';

/** A message attribute as Publish takes it; binary values in base64. */
export interface Attribute {
  Type: string;
  Value: string;
}

/** Does this message pass? */
export type MessageFilter = (message: string, attributes: Readonly<Record<string, Attribute>>) => boolean;

const fault = (what: string) => invalidParameter(`FilterPolicy: ${what}`);

/**
 * Compiles a filter policy: event patterns with limits of SNS's own.
 * Source: https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
 * @throws InvalidParameterException as SetSubscriptionAttributes would
 */
export function compileFilterPolicy(text: string, scope: FilterScope): MessageFilter {
  if (Buffer.byteLength(text) > 262_144) throw fault('Filter policy is too large');
  let policy: unknown;
  try {
    policy = JSON.parse(text);
  } catch {
    throw fault('failed to parse JSON.');
  }
  if (!isObject(policy)) throw fault('Filter policy must be a JSON object');
  const filter = compile(policy);
  if (filter.nested && scope === 'MessageAttributes')
    throw fault('Filter policy scope MessageAttributes does not support nested filter policy');
  if (filter.keys > 5) throw fault('Filter policy can not have more than 5 keys');
  if (filter.combinations > 150) throw fault('Filter policy is too complex');
  if (scope === 'MessageBody')
    return (message) => {
      let body: unknown;
      try {
        body = JSON.parse(message);
      } catch {
        return false;
      }
      return isObject(body) && filter.matches(body);
    };
  return (_message, attributes) => filter.matches(valuesOf(attributes));
}

function compile(policy: Record<string, unknown>): CompiledPattern {
  try {
    return compilePattern(policy, { largest: 1e9 });
  } catch (error) {
    throw error instanceof PatternFault ? fault(error.message) : error;
  }
}

function valuesOf(attributes: Readonly<Record<string, Attribute>>): Record<string, unknown> {
  const out: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [name, { Type, Value }] of Object.entries(attributes)) {
    if (Type === 'Number' || Type.startsWith('Number.')) out[name] = Number(Value);
    else if (Type === 'String.Array') {
      try {
        out[name] = JSON.parse(Value);
      } catch {
        out[name] = Value;
      }
    } else if (!Type.startsWith('Binary')) out[name] = Value;
  }
  return out;
}
