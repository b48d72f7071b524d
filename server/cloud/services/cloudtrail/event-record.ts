import type { Resource } from '@aws-sdk/client-cloudtrail';
import type { CallRecord } from '../../call-log.ts';
import { isManagementEvent, regionOf } from './history.ts';

/** A call in the words of CloudTrail's records. */

/**
 * Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
export function eventRecord(record: CallRecord): Record<string, unknown> {
  const { invokedBy } = record.userIdentity;
  return {
    eventVersion: '1.11',
    userIdentity: userIdentity(record),
    eventTime: `${record.eventTime.slice(0, 19)}Z`,
    eventSource: record.eventSource,
    // Both versions of the list are one event.
    eventName: record.eventName === 'ListObjectsV2' ? 'ListObjects' : record.eventName,
    awsRegion: regionOf(record),
    sourceIPAddress: invokedBy ?? record.sourceIPAddress,
    userAgent: invokedBy ?? record.userAgent,
    ...(record.errorCode ? { errorCode: errorCode(record), errorMessage: record.errorMessage } : {}),
    requestParameters: parametersOf(record),
    responseElements: camel(record.responseElements) ?? null,
    requestID: record.requestID,
    eventID: record.eventID,
    readOnly: record.readOnly,
    eventType: record.userIdentity.type === 'AWSService' ? 'AwsServiceEvent' : 'AwsApiCall',
    managementEvent: isManagementEvent(record),
    recipientAccountId: record.recipientAccountId,
    eventCategory: isManagementEvent(record) ? 'Management' : 'Data',
  };
}

/** CloudTrail has one word for most refusals. */
function errorCode({ errorCode: code = '', eventSource }: CallRecord): string {
  if (eventSource === 'ec2.amazonaws.com') return `Client.${code}`;
  return code === 'AccessDeniedException' || code === 'AuthorizationError' ? 'AccessDenied' : code;
}

/** Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html */
function userIdentity({ userIdentity: identity }: CallRecord): Record<string, unknown> {
  const { type, arn, accountId, accessKeyId, principalId, roleArn, issued, onBehalfOf, invokedBy } = identity;
  if (type === 'AWSService') return { type, invokedBy };
  if (type === 'AWSAccount') return { type, principalId: '', accountId: 'ANONYMOUS_PRINCIPAL' };
  const roleName = arn.split('/')[1];
  return {
    type,
    principalId: principalId ?? accountId,
    arn,
    accountId,
    ...(accessKeyId ? { accessKeyId } : {}),
    ...(type === 'IAMUser' ? { userName: arn.slice(arn.lastIndexOf('/') + 1) } : {}),
    ...(type === 'AssumedRole'
      ? {
          sessionContext: {
            sessionIssuer: {
              type: 'Role',
              principalId: principalId?.split(':')[0],
              arn: roleArn ?? `arn:aws:iam::${accountId}:role/${roleName}`,
              accountId,
              userName: roleName,
            },
            attributes: { ...(issued ? { creationDate: `${issued.slice(0, 19)}Z` } : {}), mfaAuthenticated: 'false' },
          },
        }
      : {}),
    ...(onBehalfOf ? { onBehalfOf } : {}),
    ...(invokedBy ? { invokedBy } : {}),
  };
}

/** S3 calls its parameters otherwise than its API does. */
function parametersOf({ eventSource, requestParameters }: CallRecord): unknown {
  const parameters = camel(requestParameters);
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters)) return parameters ?? null;
  if (Object.keys(parameters).length === 0) return null;
  if (eventSource !== 's3.amazonaws.com') return parameters;
  const { bucket, ...rest } = parameters as Record<string, unknown>;
  return bucket === undefined ? rest : { bucketName: bucket, Host: `${String(bucket)}.s3.amazonaws.com`, ...rest };
}

/** Members begin small; what was hidden is left out. */
function camel(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camel);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== '***')
      .map(([name, member]) => [name.charAt(0).toLowerCase() + name.slice(1), camel(member)]),
  );
}

/** Whose name the list shows: the user's, or the session's. */
export function userNameOf({ userIdentity: { type, arn } }: CallRecord): string | undefined {
  if (type === 'Root') return 'root';
  return type === 'AWSService' || type === 'AWSAccount' ? undefined : arn.slice(arn.lastIndexOf('/') + 1);
}

const resourceTypes: Record<string, string> = {
  functionName: 'AWS::Lambda::Function',
  roleName: 'AWS::IAM::Role',
  roleArn: 'AWS::IAM::Role',
  userName: 'AWS::IAM::User',
  policyArn: 'AWS::IAM::Policy',
  groupName: 'AWS::IAM::Group',
  accessKeyId: 'AWS::IAM::AccessKey',
  bucketName: 'AWS::S3::Bucket',
  keyId: 'AWS::KMS::Key',
  secretId: 'AWS::SecretsManager::Secret',
  topicArn: 'AWS::SNS::Topic',
  queueUrl: 'AWS::SQS::Queue',
  tableName: 'AWS::DynamoDB::Table',
  logGroupName: 'AWS::Logs::LogGroup',
};

/** The resources that the parameters name. */
export function resourcesOf(record: CallRecord): Resource[] {
  const parameters = parametersOf(record);
  if (typeof parameters !== 'object' || parameters === null) return [];
  return Object.entries(parameters).flatMap(([name, value]) =>
    Object.hasOwn(resourceTypes, name) && typeof value === 'string'
      ? [{ ResourceType: resourceTypes[name]!, ResourceName: value }]
      : [],
  );
}
