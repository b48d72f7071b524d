import { AwsError } from '../../errors.ts';

/** EventBridge's errors, in its words. Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Operations.html */

export const invalid = (message: string): AwsError => new AwsError('ValidationException', message);

/** `1 validation error detected: …`, as AWS says it of members that break the model's constraints. */
export const constraint = (member: string, value: string, rule: string): AwsError =>
  invalid(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must ${rule}`,
  );

export const notFound = (what: string): AwsError =>
  new AwsError('ResourceNotFoundException', `${what} does not exist.`);

export const exists = (what: string): AwsError =>
  new AwsError('ResourceAlreadyExistsException', `${what} already exists.`);

export const tooMany = (): AwsError =>
  new AwsError('LimitExceededException', 'The requested resource exceeds the maximum number allowed.');

export const ruleNotFound = (rule: string, bus: string): AwsError =>
  new AwsError('ResourceNotFoundException', `Rule ${rule} does not exist on EventBus ${bus}.`);
