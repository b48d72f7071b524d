import { AwsError } from '../../errors.ts';

/** Source: https://docs.aws.amazon.com/access-analyzer/latest/APIReference/CommonErrors.html and each operation's page. */
export const invalid = (message: string, reason = 'fieldValidationFailed'): AwsError =>
  new AwsError('ValidationException', message, 400, { reason });

export const notFound = (message: string, resourceId: string, resourceType: string): AwsError =>
  new AwsError('ResourceNotFoundException', message, 404, { resourceId, resourceType });

export const conflict = (message: string, resourceId: string, resourceType: string): AwsError =>
  new AwsError('ConflictException', message, 409, { resourceId, resourceType });

export const quotaExceeded = (message: string, resourceId: string, resourceType: string): AwsError =>
  new AwsError('ServiceQuotaExceededException', message, 402, { resourceId, resourceType });

export const invalidToken = { code: 'ValidationException', message: 'Invalid nextToken.' };
