import { AwsError } from '../../errors.ts';
import type { Item } from './values.ts';

/** DynamoDB's errors: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html */
export const validation = (message: string): AwsError => new AwsError('ValidationException', message);
export const notFound = (message = 'Requested resource not found'): AwsError =>
  new AwsError('ResourceNotFoundException', message);
export const inUse = (message: string): AwsError => new AwsError('ResourceInUseException', message);
export const limitExceeded = (message: string): AwsError => new AwsError('LimitExceededException', message);

/** One fault that the request validation in front of DynamoDB found. */
export const constraint = (value: unknown, member: string, rule: string): AwsError =>
  validation(
    `1 validation error detected: Value '${String(value).slice(0, 300)}' at '${member}' failed to satisfy constraint: ${rule}`,
  );

export const invalidValues = (message: string): AwsError =>
  validation(`One or more parameter values were invalid: ${message}`);

export const conditionFailed = (item?: Item): AwsError =>
  new AwsError(
    'ConditionalCheckFailedException',
    'The conditional request failed',
    400,
    item ? { Item: item } : undefined,
  );
