import { AwsError } from '../../errors.ts';

export const queueDoesNotExist = (): AwsError =>
  new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');

export const invalidValue = (message: string): AwsError => new AwsError('InvalidParameterValue', message);

/** `Value 11 for parameter MaxNumberOfMessages is invalid. Reason: …` */
export const invalidBecause = (parameter: string, value: unknown, reason: string): AwsError =>
  invalidValue(`Value ${String(value)} for parameter ${parameter} is invalid. Reason: ${reason}`);

export const missing = (parameter: string): AwsError =>
  new AwsError('MissingParameter', `The request must contain the parameter ${parameter}.`);
