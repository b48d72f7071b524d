import { AwsError } from '../../errors.ts';

/** `Invalid parameter: …`, the form of most of SNS's refusals. */
export const invalidParameter = (what: string): AwsError =>
  new AwsError('InvalidParameterException', `Invalid parameter: ${what}`);

export const topicNotFound = (): AwsError => new AwsError('NotFoundException', 'Topic does not exist', 404);

export const subscriptionNotFound = (): AwsError =>
  new AwsError('NotFoundException', 'Subscription does not exist', 404);
