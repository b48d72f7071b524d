import { NotEmulated } from '../../errors.ts';
import { invalidParameter } from './errors.ts';

/** Checks that an endpoint fits its protocol. @throws InvalidParameterException */
export function checkEndpoint(protocol: string, endpoint: string): void {
  if (endpoint.length > 2048) throw invalidParameter('Endpoint');
  switch (protocol) {
    case 'lambda':
      if (!/^arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[\w-]+(:[\w$-]+)?$/.test(endpoint))
        throw invalidParameter('Lambda endpoint ARN');
      return;
    case 'sqs':
      if (!/^arn:aws:sqs:[a-z0-9-]+:\d{12}:[\w-]+(\.fifo)?$/.test(endpoint)) throw invalidParameter('SQS endpoint ARN');
      return;
    case 'http':
    case 'https':
      if (!endpoint.startsWith(`${protocol}://`)) throw invalidParameter('Endpoint must match the specified protocol');
      return;
    case 'email':
    case 'email-json':
      if (!/^[^\s@]+@[^\s@]+$/.test(endpoint)) throw invalidParameter('Email address');
      return;
    case 'sms':
      if (!/^\+?[0-9()\s.-]{4,20}$/.test(endpoint)) throw invalidParameter(`Invalid SMS endpoint: ${endpoint}`);
      return;
    case 'application':
    case 'firehose':
      throw new NotEmulated(`sns: subscriptions of protocol ${protocol}`);
    default:
      throw invalidParameter(`Amazon SNS does not support this protocol string: ${protocol}`);
  }
}

/** The account in the ARN of a queue or function; '' for other endpoints. */
export function ownerOfEndpoint(endpoint: string): string {
  return endpoint.startsWith('arn:') ? (endpoint.split(':')[4] ?? '') : '';
}
