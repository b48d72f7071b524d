import type { CallRecord } from '../call-log.ts';
import type { CallContext } from '../context.ts';
import type { AwsError } from '../errors.ts';
import { uuid } from '../random.ts';
import { wireOf } from '../wire/services.ts';

/** The call as CloudTrail would describe it. Secrets and bodies are left out of the parameters, as AWS leaves them out. */
export function describeCall(
  ctx: CallContext,
  service: string,
  name: string,
  input: object,
  failure: AwsError | undefined,
  durationMs: number,
): CallRecord {
  const { principal, source, accessKeyId, person } = ctx.caller;
  return {
    eventID: uuid(ctx.cloud.random),
    eventTime: new Date(ctx.now).toISOString(),
    eventSource: wireOf(service).eventSource,
    eventName: eventNames[`${service}:${name}`] ?? name,
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
      ...(principal.type === 'service' ? { invokedBy: principal.arn } : {}),
    },
    requestID: ctx.requestId,
    requestParameters: summarise(input, 0),
    readOnly: /^(Get|List|Describe|Head|Lookup|Select|Query|Scan)/.test(name),
    ...(failure ? { errorCode: failure.code, errorMessage: failure.message } : {}),
    durationMs,
  };
}

const identityTypes: Record<CallContext['caller']['principal']['type'], string> = {
  root: 'Root',
  user: 'IAMUser',
  role: 'AssumedRole',
  federated: 'FederatedUser',
  service: 'AWSService',
  anonymous: 'AWSAccount',
};

/** Lambda's events carry the date of the API in CloudTrail. Source: https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html */
const eventNames: Record<string, string> = {
  'lambda:CreateFunction': 'CreateFunction20150331',
  'lambda:DeleteFunction': 'DeleteFunction20150331',
  'lambda:GetFunction': 'GetFunction20150331v2',
  'lambda:GetFunctionConfiguration': 'GetFunctionConfiguration20150331v2',
  'lambda:UpdateFunctionCode': 'UpdateFunctionCode20150331v2',
  'lambda:UpdateFunctionConfiguration': 'UpdateFunctionConfiguration20150331v2',
  'lambda:AddPermission': 'AddPermission20150331v2',
  'lambda:RemovePermission': 'RemovePermission20150331v2',
  'lambda:GetPolicy': 'GetPolicy20150331v2',
  'lambda:ListFunctions': 'ListFunctions20150331',
  'lambda:PublishVersion': 'PublishVersion20150331',
  'lambda:CreateEventSourceMapping': 'CreateEventSourceMapping20150331',
  'lambda:DeleteEventSourceMapping': 'DeleteEventSourceMapping20150331',
  'lambda:UpdateEventSourceMapping': 'UpdateEventSourceMapping20150331',
};

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
