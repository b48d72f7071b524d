import type { CallRecord } from '../call-log.ts';
import type { CallContext } from '../context.ts';
import { AwsError } from '../errors.ts';
import { uuid } from '../random.ts';
import { wireOf } from '../wire/services.ts';
import { isDataEvent } from './data-events.ts';

/**
 * The call as CloudTrail would describe it. Secrets and bodies are left out of parameters and answer, as AWS leaves them
 * out. `result` is the answer, or the error.
 */
export function describeCall(
  ctx: CallContext,
  service: string,
  name: string,
  input: object,
  result: unknown,
  durationMs: number,
): CallRecord {
  const { principal, source, accessKeyId, person, context } = ctx.caller;
  const failure = result instanceof AwsError ? result : undefined;
  const readOnly = isReadOnly(name);
  const userId = context['aws:userid'];
  const issued = context['aws:TokenIssueTime'];
  const invokedBy = source.via?.at(-1) ?? (principal.type === 'service' ? principal.arn : undefined);
  return {
    eventID: uuid(ctx.cloud.random),
    eventTime: new Date(ctx.now).toISOString(),
    eventSource: wireOf(service).eventSource,
    eventName: eventNameOf(service, name),
    awsRegion: ctx.region,
    recipientAccountId: ctx.account,
    sourceIPAddress: source.ip,
    userAgent: source.userAgent ?? '',
    userIdentity: {
      type: identityTypes[principal.type],
      arn: principal.arn,
      accountId: principal.account,
      ...(accessKeyId ? { accessKeyId } : {}),
      ...(person === undefined ? {} : { onBehalfOf: { userId: person } }),
      ...(invokedBy ? { invokedBy } : {}),
      ...(typeof userId === 'string' ? { principalId: userId } : {}),
      ...(principal.type === 'role' && principal.roleArn ? { roleArn: principal.roleArn } : {}),
      ...(typeof issued === 'string' ? { issued } : {}),
    },
    requestID: ctx.requestId,
    requestParameters: summarise(input, 0),
    ...(failure || !result || isDataEvent(service, name) || (readOnly && service !== 'sts')
      ? {}
      : { responseElements: summarise(result, 0) }),
    readOnly,
    ...(failure ? { errorCode: failure.code, errorMessage: failure.message } : {}),
    durationMs,
  };
}

/** What CloudTrail calls a read; giving out credentials is one. */
const isReadOnly = (name: string): boolean =>
  /^(Get|List|Describe|Head|Lookup|Select|Query|Scan|AssumeRole|BatchGet|Decrypt$|Encrypt$|GenerateDataKey|Receive)/.test(
    name,
  );

/** CloudTrail's name of an operation: `UpdateFunctionCode20150331v2`. */
export const eventNameOf = (service: string, operation: string): string =>
  eventNames.get(`${service}:${operation}`) ?? operation;

const identityTypes: Record<CallContext['caller']['principal']['type'], string> = {
  root: 'Root',
  user: 'IAMUser',
  role: 'AssumedRole',
  federated: 'FederatedUser',
  service: 'AWSService',
  anonymous: 'AWSAccount',
};

/** Lambda's events carry the date of the API in CloudTrail. Source: https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html */
const eventNames = new Map<string, string>(
  (
    [
      [
        '20150331',
        'CreateFunction DeleteFunction ListFunctions PublishVersion ListVersionsByFunction CreateEventSourceMapping DeleteEventSourceMapping UpdateEventSourceMapping GetEventSourceMapping ListEventSourceMappings CreateAlias UpdateAlias DeleteAlias GetAlias ListAliases',
      ],
      [
        '20150331v2',
        'GetFunction GetFunctionConfiguration UpdateFunctionCode UpdateFunctionConfiguration AddPermission RemovePermission GetPolicy',
      ],
      ['20160819', 'GetAccountSettings'],
      ['20170331', 'ListTags'],
      ['20170331v2', 'TagResource UntagResource'],
      ['20171031', 'PutFunctionConcurrency DeleteFunctionConcurrency'],
      [
        '20181031',
        'PublishLayerVersion DeleteLayerVersion GetLayerVersion GetLayerVersionByArn ListLayers ListLayerVersions AddLayerVersionPermission RemoveLayerVersionPermission GetLayerVersionPolicy',
      ],
    ] as const
  ).flatMap(([suffix, names]) => names.split(' ').map((name) => [`lambda:${name}`, `${name}${suffix}`] as const)),
);

const hidden = new Set([
  'Body',
  'Payload',
  'ZipFile',
  'SecretString',
  'SecretBinary',
  'Value',
  'Variables',
  'Plaintext',
  'CiphertextBlob',
  'MasterUserPassword',
  'Message',
  'MessageBody',
  'Entries',
  'PublishBatchRequestEntries',
  'PrivateKey',
  'Password',
  'parameters',
  'sql',
  'logEvents',
  // Of items of DynamoDB only the keys.
  'Item',
  'ExpressionAttributeValues',
  'AttributeUpdates',
  'Expected',
  'SecretAccessKey',
  'ClientRequestToken',
]);

function summarise(value: unknown, depth: number): unknown {
  if (value instanceof Uint8Array) return '***';
  if (typeof value === 'string') return value.length > 512 ? `${value.slice(0, 512)}…` : value;
  if (typeof value !== 'object' || value === null) return value;
  if (depth > 3) return '…';
  if (Array.isArray(value)) return value.slice(0, 10).map((item) => summarise(item, depth + 1));
  const out: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    out[name] = hidden.has(name) ? '***' : summarise(member, depth + 1);
  }
  return out;
}
