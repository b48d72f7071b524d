import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { validation } from '../errors.ts';
import { readValue, type Value } from '../values.ts';

/** The `#names` and `:values` of one request; it knows which were used, as AWS refuses those that were not. */
export class Placeholders {
  private readonly names: Map<string, string>;
  private readonly values: Map<string, Value>;
  private readonly unused: { names: Set<string>; values: Set<string> };

  /**
   * @param expressions the request's expressions by parameter; without any, placeholders are refused
   * @throws AwsError ValidationException
   */
  constructor(
    names: Record<string, string> | undefined,
    values: Record<string, AttributeValue> | undefined,
    expressions: Record<string, string | undefined>,
  ) {
    const given = Object.values(expressions).some((text) => text !== undefined);
    if (names && !given) throw validation('ExpressionAttributeNames can only be specified when using expressions');
    if (values && !given)
      throw validation(
        `ExpressionAttributeValues can only be specified when using expressions: ${Object.keys(expressions)
          .filter((name) => name !== 'ProjectionExpression')
          .join(' and ')} ${Object.keys(expressions).length > 1 ? 'are' : 'is'} null`,
      );
    if (names && Object.keys(names).length === 0) throw validation('ExpressionAttributeNames must not be empty');
    if (values && Object.keys(values).length === 0) throw validation('ExpressionAttributeValues must not be empty');
    for (const [name, target] of Object.entries(names ?? {})) {
      if (!/^#[A-Za-z0-9_]+$/.test(name))
        throw validation(`ExpressionAttributeNames contains invalid key: Syntax error; key: "${name.slice(0, 255)}"`);
      if (target === null || target === '' || target.length > 65_535)
        throw validation(
          `ExpressionAttributeNames contains invalid value: Length of the attribute name must be between 1 and 65535; key: ${name}`,
        );
    }
    this.names = new Map(Object.entries(names ?? {}));
    this.values = new Map();
    for (const [name, value] of Object.entries(values ?? {})) {
      if (!/^:[A-Za-z0-9_]+$/.test(name))
        throw validation(`ExpressionAttributeValues contains invalid key: Syntax error; key: "${name.slice(0, 255)}"`);
      try {
        this.values.set(name, readValue(value));
      } catch (error) {
        throw validation(
          `ExpressionAttributeValues contains invalid value: ${(error as Error).message} for key ${name}`,
        );
      }
    }
    this.unused = { names: new Set(this.names.keys()), values: new Set(this.values.keys()) };
  }

  name(placeholder: string): string | undefined {
    this.unused.names.delete(placeholder);
    return this.names.get(placeholder);
  }

  value(placeholder: string): Value | undefined {
    this.unused.values.delete(placeholder);
    return this.values.get(placeholder);
  }

  /** @throws AwsError ValidationException when something was given for nothing */
  finish(): void {
    for (const [what, left] of [
      ['Names', this.unused.names],
      ['Values', this.unused.values],
    ] as const)
      if (left.size)
        throw validation(
          `Value provided in ExpressionAttribute${what} unused in expressions: keys: {${[...left].join(', ')}}`,
        );
  }
}
