import { AwsError } from '../../errors.ts';

/** Lambda's errors; each carries the member `Type` as AWS sends it. */
const user = { Type: 'User' };

export const invalidParameter = (message: string): AwsError =>
  new AwsError('InvalidParameterValueException', message, 400, user);
export const notFound = (message: string): AwsError => new AwsError('ResourceNotFoundException', message, 404, user);
export const conflict = (message: string): AwsError => new AwsError('ResourceConflictException', message, 409, user);
export const precondition = (message: string): AwsError =>
  new AwsError('PreconditionFailedException', message, 412, user);
export const denied = (message: string): AwsError => new AwsError('AccessDeniedException', message, 403, user);
export const serviceFault = (message: string): AwsError =>
  new AwsError('ServiceException', message, 500, { Type: 'Service' });

/** The wording of the request validation in front of Lambda: one fault, with the value, the member and the rule. */
export function validation(value: unknown, member: string, rule: string): AwsError {
  const shown = String(value).slice(0, 200);
  return new AwsError(
    'ValidationException',
    `1 validation error detected: Value '${shown}' at '${member}' failed to satisfy constraint: ${rule}`,
    400,
  );
}

export const revisionMismatch = (api: string): AwsError =>
  precondition(
    `The Revision Id provided does not match the latest Revision Id. Call the ${api} API to retrieve the latest Revision Id`,
  );
