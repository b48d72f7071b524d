import type { CallRecord } from '../../call-log.ts';
import type { Cloud } from '../../cloud.ts';
import { actionFacts } from '../../policy/catalogue.ts';
import type { PolicyDocument, Statement } from '../../policy/types.ts';
import { historyOf } from '../cloudtrail/history.ts';

/** Prefixes of actions that are not the source's own name. */
const prefixes = new Map([['rdsdata', 'rds-data']]);

/** Calls whose right has another name. Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html */
const renamed = new Map(
  Object.entries({
    's3:ListBuckets': 's3:ListAllMyBuckets',
    's3:GetBucketEncryption': 's3:GetEncryptionConfiguration',
    's3:PutBucketEncryption': 's3:PutEncryptionConfiguration',
    's3:DeleteBucketEncryption': 's3:PutEncryptionConfiguration',
    's3:GetBucketLifecycleConfiguration': 's3:GetLifecycleConfiguration',
    's3:PutBucketLifecycleConfiguration': 's3:PutLifecycleConfiguration',
    's3:GetBucketNotificationConfiguration': 's3:GetBucketNotification',
    's3:PutBucketNotificationConfiguration': 's3:PutBucketNotification',
    's3:GetPublicAccessBlock': 's3:GetBucketPublicAccessBlock',
    's3:PutPublicAccessBlock': 's3:PutBucketPublicAccessBlock',
    's3:DeletePublicAccessBlock': 's3:PutBucketPublicAccessBlock',
    's3:DeleteBucketTagging': 's3:PutBucketTagging',
    'lambda:GetLayerVersionByArn': 'lambda:GetLayerVersion',
  }),
);

/**
 * What a role or user was seen to do, as policies name it: of management events alone, refused calls with the others, and
 * never `iam:PassRole`, which is no call.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-policy-generation.html
 */
export async function observedActions(
  cloud: Cloud,
  account: string,
  principalArn: string,
  from: number,
  to: number,
): Promise<string[]> {
  const seen = new Set<string>();
  for (const record of historyOf(cloud, account, undefined)) {
    const at = Date.parse(record.eventTime);
    if (at >= from && at <= to && isBy(record, principalArn)) seen.add(actionOf(record));
  }
  const known: string[] = [];
  for (const action of seen) {
    const facts = await actionFacts(action);
    if (facts) known.push(facts.action);
  }
  return [...new Set(known)].sort();
}

function isBy({ userIdentity: { arn, roleArn, accountId } }: CallRecord, principalArn: string): boolean {
  if (arn === principalArn || roleArn === principalArn) return true;
  const [, role] = arn.includes(':assumed-role/') ? arn.split('/') : [];
  return roleArn === undefined && role !== undefined && principalArn === `arn:aws:iam::${accountId}:role/${role}`;
}

function actionOf({ eventSource, eventName }: CallRecord): string {
  const source = eventSource.slice(0, eventSource.indexOf('.'));
  const action = `${prefixes.get(source) ?? source}:${eventName.replace(/20\d{6}(?:v2)?$/, '')}`;
  return renamed.get(action) ?? action;
}

/** One statement for each set of resources; with placeholders that have to be filled in, or for everything. */
export async function policyFrom(actions: readonly string[], placeholders: boolean): Promise<PolicyDocument> {
  const groups = new Map<string, string[]>();
  for (const action of actions) {
    const facts = await actionFacts(action);
    const wide = !placeholders || !facts || facts.wildcardOnly || facts.resources.length === 0;
    const arns = wide ? ['*'] : facts.resources.map(({ arn }) => arn.replaceAll('${Partition}', 'aws')).sort();
    const key = JSON.stringify(arns);
    groups.set(key, [...(groups.get(key) ?? []), action]);
  }
  const statements = [...groups].map(([key, Action], i): Statement => {
    const resources = JSON.parse(key) as string[];
    return {
      Sid: `SupportedServiceSid${i}`,
      Effect: 'Allow',
      Action,
      Resource: resources.length === 1 ? resources[0]! : resources,
    };
  });
  return { Version: '2012-10-17', Statement: statements };
}
