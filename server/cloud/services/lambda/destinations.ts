import type { Cloud } from '../../cloud.ts';
import type { Access, Hops } from '../../context.ts';
import { AwsError, NotEmulated } from '../../errors.ts';
import type { Scope } from '../../state/table.ts';
import { executionRole } from './role-rights.ts';

/** A place that Lambda sends records to, and the call and right that it takes. */
export interface Destination {
  service: 'sqs' | 'sns' | 'lambda' | 'events' | 's3';
  action: string;
  /** AWS's words for the call in its refusals. */
  call: string;
  resource: string;
  account: string;
  region: string;
  name: string;
}

/** Reads a destination's ARN; undefined for what Lambda cannot send to. */
export function parseDestination(arn: string): Destination | undefined {
  if (arn.length > 350) return undefined;
  const [head, partition, service, region = '', account = '', ...rest] = arn.split(':');
  if (head !== 'arn' || partition !== 'aws' || rest.length === 0) return undefined;
  const made = (action: string, call: string, name: string, resource = arn): Destination => ({
    service: service as Destination['service'],
    action,
    call,
    resource,
    account,
    region,
    name,
  });
  if (service === 'sqs' && rest.length === 1) return made('sqs:SendMessage', 'SendMessage on SQS', rest[0]!);
  if (service === 'sns' && rest.length === 1) return made('sns:Publish', 'Publish on SNS', rest[0]!);
  if (service === 'lambda' && rest[0] === 'function' && rest[1])
    return made('lambda:InvokeFunction', 'Invoke on Lambda', rest[1]);
  if (service === 'events' && rest[0]?.startsWith('event-bus/'))
    return made('events:PutEvents', 'PutEvents on EventBridge', rest[0]);
  if (service === 's3' && rest.length === 1) return made('s3:PutObject', 'PutObject on S3', rest[0]!, `${arn}/*`);
  return undefined;
}

/** The question that the role must pass to send there. */
export const destinationAccess = ({ action, resource, account }: Destination): Access => ({
  action,
  resource,
  ...(account ? { resourceAccount: account } : {}),
});

/**
 * Sends text to a destination with the rights of the execution role. What cannot be sent is lost, as in AWS; the call log
 * shows the refused call. `key` names the object where S3 is the destination.
 */
export async function sendTo(
  cloud: Cloud,
  scope: Scope,
  from: { role: string; functionName: string; hops: Hops },
  arn: string,
  body: string,
  attributes: Record<string, string> = {},
  key?: string,
): Promise<boolean> {
  const destination = parseDestination(arn);
  const role = executionRole(cloud, from.role, from.functionName, {
    ip: 'lambda.amazonaws.com',
    userAgent: 'lambda.amazonaws.com',
    hops: from.hops,
  });
  if (!destination || !role) return false;
  const [operation, input] = request(cloud, destination, arn, body, attributes, key);
  try {
    await cloud.call(role, destination.service, operation, input, { region: destination.region || scope.region });
    return true;
  } catch (error) {
    if (!(error instanceof AwsError || error instanceof NotEmulated)) throw error;
    cloud.log(`a record of ${from.functionName} did not reach ${arn}`, { error: error.message });
    return false;
  }
}

function request(
  cloud: Cloud,
  to: Destination,
  arn: string,
  body: string,
  attributes: Record<string, string>,
  key: string | undefined,
): [string, object] {
  const MessageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      { DataType: name === 'ErrorCode' ? 'Number' : 'String', StringValue: value },
    ]),
  );
  const withAttributes = Object.keys(attributes).length ? { MessageAttributes } : {};
  switch (to.service) {
    case 'sqs':
      return ['SendMessage', { QueueUrl: queueUrl(cloud, to), MessageBody: body, ...withAttributes }];
    case 'sns':
      return ['Publish', { TopicArn: arn, Message: body, ...withAttributes }];
    case 'lambda':
      return ['Invoke', { FunctionName: arn, InvocationType: 'Event', Payload: body }];
    case 'events':
      return [
        'PutEvents',
        {
          Entries: [
            {
              EventBusName: arn,
              Source: 'lambda',
              DetailType: `Lambda Function Invocation Result - ${succeeded(body) ? 'Success' : 'Failure'}`,
              Detail: body,
              Resources: [arn, functionOf(body)],
            },
          ],
        },
      ];
    case 's3': {
      const now = new Date(cloud.clock.now()).toISOString();
      const Key = key ?? `aws/lambda/async/${now.slice(0, 10).replaceAll('-', '/')}/${now}`;
      return ['PutObject', { Bucket: to.name, Key, Body: Buffer.from(body) }];
    }
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-async-destinations */
const contextOf = (record: string) => (JSON.parse(record) as { requestContext?: RecordContext }).requestContext ?? {};
const succeeded = (record: string): boolean => contextOf(record).condition === 'Success';
const functionOf = (record: string): string => contextOf(record).functionArn ?? '';

interface RecordContext {
  condition?: string;
  functionArn?: string;
}

export const queueUrl = (cloud: Cloud, queue: { account: string; name: string }): string =>
  `${cloud.endpoint}/${queue.account}/${queue.name}`;
