import * as S3 from '@aws-sdk/client-s3';
import {
  type AclGrant,
  type BucketEncryption,
  type BucketRecord,
  buckets,
  type NotificationRule,
  type Ownership,
} from '../../../services/s3/tables.ts';
import { tagsFrom } from '../../../tags.ts';
import { soundPolicy } from '../../policy-text.ts';
import type { Mirror, Source } from '../../types.ts';
import { readSettings } from './settings.ts';

/** The account's buckets as the endpoint lists them. */
export async function listBuckets(source: Source): Promise<S3.Bucket[]> {
  const s3 = source.client(S3.S3Client);
  const all = await source.pages(
    'the buckets',
    (ContinuationToken) => s3.send(new S3.ListBucketsCommand({ ContinuationToken })),
    ({ Buckets, ContinuationToken }) => ({ items: Buckets, next: ContinuationToken }),
  );
  return all;
}

/**
 * A bucket's configuration. What AWS gives to every new bucket and some endpoint does not (the public access block,
 * ownership) is as the mirror has it, since every change comes through the mirror.
 */
export async function captureBucket(
  source: Source,
  mirror: Mirror,
  bucket: S3.Bucket,
): Promise<BucketRecord | undefined> {
  const s3 = source.client(S3.S3Client);
  const name = bucket.Name!;
  const Bucket = name;
  const was = mirror.was.get(buckets, source.scope, name);
  const read = <T>(what: string, absent: string, ask: () => Promise<T>): Promise<T | undefined> =>
    source.read(`the ${what} of bucket ${name}`, ask, [absent, 'NoSuchBucket']);
  const region = was?.region ?? (await regionOf(read, s3, Bucket));
  if (region === undefined) return undefined;
  const [policy, block, controls, acl, encryption, versioning, tagging, notification, settings] = await Promise.all([
    read('policy', 'NoSuchBucketPolicy', () => s3.send(new S3.GetBucketPolicyCommand({ Bucket }))),
    read('public access block', 'NoSuchPublicAccessBlockConfiguration', () =>
      s3.send(new S3.GetPublicAccessBlockCommand({ Bucket })),
    ),
    read('ownership controls', 'OwnershipControlsNotFoundError', () =>
      s3.send(new S3.GetBucketOwnershipControlsCommand({ Bucket })),
    ),
    read('ACL', 'NoSuchBucket', () => s3.send(new S3.GetBucketAclCommand({ Bucket }))),
    read('encryption', 'ServerSideEncryptionConfigurationNotFoundError', () =>
      s3.send(new S3.GetBucketEncryptionCommand({ Bucket })),
    ),
    read('versioning', 'NoSuchBucket', () => s3.send(new S3.GetBucketVersioningCommand({ Bucket }))),
    read('tags', 'NoSuchTagSet', () => s3.send(new S3.GetBucketTaggingCommand({ Bucket }))),
    read('notifications', 'NoSuchBucket', () => s3.send(new S3.GetBucketNotificationConfigurationCommand({ Bucket }))),
    // No policy question is about these, and every change of them comes through the mirror.
    was ? (was.settings ?? {}) : readSettings(source, name),
  ]);
  const sound = await soundPolicy(source, `the policy of bucket ${name}`, policy?.Policy, 'resource');
  const ownership = (controls?.OwnershipControls?.Rules?.[0]?.ObjectOwnership as Ownership) ?? was?.ownership;
  const grants = ownership === 'BucketOwnerEnforced' ? was?.acl : aclFrom(acl, was?.acl);
  const publicAccessBlock = blockFrom(block?.PublicAccessBlockConfiguration) ?? was?.publicAccessBlock;
  const tags = tagsFrom(tagging?.TagSet);
  const notifications = notificationsFrom(notification);
  const record: BucketRecord = {
    name,
    account: source.scope.account,
    region,
    created: bucket.CreationDate?.getTime() ?? 0,
    ...(ownership ? { ownership } : {}),
    ...(grants ? { acl: grants } : {}),
    ...(publicAccessBlock ? { publicAccessBlock } : {}),
    encryption: encryptionFrom(encryption, was?.encryption),
    ...(Object.keys(tags).length ? { tags } : {}),
    ...(sound ? { policy: JSON.stringify(sound.document) } : {}),
    ...(versioning?.Status ? { versioning: versioning.Status } : {}),
    ...(notifications ? { notifications } : {}),
    ...(Object.keys(settings).length ? { settings } : {}),
  };
  mirror.put(buckets, source.scope, name, record);
  return record;
}

async function regionOf(
  read: <T>(what: string, absent: string, ask: () => Promise<T>) => Promise<T | undefined>,
  s3: S3.S3Client,
  Bucket: string,
): Promise<string | undefined> {
  const location = await read('region', 'NoSuchBucket', () => s3.send(new S3.GetBucketLocationCommand({ Bucket })));
  return location && regionFrom(location.LocationConstraint);
}

const regionFrom = (constraint: string | undefined): string =>
  constraint === 'EU' ? 'eu-west-1' : constraint || 'us-east-1';

function blockFrom(found: S3.PublicAccessBlockConfiguration | undefined): BucketRecord['publicAccessBlock'] {
  return (
    found && {
      blockPublicAcls: found.BlockPublicAcls ?? false,
      ignorePublicAcls: found.IgnorePublicAcls ?? false,
      blockPublicPolicy: found.BlockPublicPolicy ?? false,
      restrictPublicBuckets: found.RestrictPublicBuckets ?? false,
    }
  );
}

/** Whether keys of the customer's own are blocked is newer than the endpoints are. */
function encryptionFrom(
  found: S3.GetBucketEncryptionCommandOutput | undefined,
  was: BucketEncryption | undefined,
): BucketEncryption {
  const rule = found?.ServerSideEncryptionConfiguration?.Rules?.[0];
  const { SSEAlgorithm: algorithm = 'AES256', KMSMasterKeyID: keyId } = rule?.ApplyServerSideEncryptionByDefault ?? {};
  const blocked = rule?.BlockedEncryptionTypes?.EncryptionType?.map(String);
  return {
    algorithm: algorithm as BucketEncryption['algorithm'],
    ...(keyId ? { keyId } : {}),
    ...(rule?.BucketKeyEnabled && algorithm === 'aws:kms' ? { bucketKey: true } : {}),
    blocksCustomerKeys: blocked ? blocked.includes('SSE-C') : (was?.blocksCustomerKeys ?? false),
  };
}

const groups: Record<string, 'AllUsers' | 'AuthenticatedUsers' | 'LogDelivery'> = {
  'http://acs.amazonaws.com/groups/global/AllUsers': 'AllUsers',
  'http://acs.amazonaws.com/groups/global/AuthenticatedUsers': 'AuthenticatedUsers',
  'http://acs.amazonaws.com/groups/s3/LogDelivery': 'LogDelivery',
};

/**
 * Grants as records have them. The owner's alone is what everything has that was given none: whether it was given, the
 * mirror knows.
 */
export function aclFrom(
  found: { Owner?: S3.Owner; Grants?: S3.Grant[] } | undefined,
  was: AclGrant[] | undefined,
): AclGrant[] | undefined {
  const grants = (found?.Grants ?? []).flatMap(({ Grantee, Permission }): AclGrant[] => {
    const group = groups[Grantee?.URI ?? ''];
    if (!Permission || (Grantee?.URI && !group)) return [];
    const to = group ?? (Grantee?.ID === found?.Owner?.ID ? 'owner' : { canonicalId: Grantee?.ID ?? '' });
    return [{ to, permission: Permission }];
  });
  if (grants.length === 0 || isOwnerOnly(grants)) return was && isOwnerOnly(was) ? was : undefined;
  return grants;
}

const isOwnerOnly = (grants: AclGrant[]): boolean =>
  grants.length === 1 && grants[0]!.to === 'owner' && grants[0]!.permission === 'FULL_CONTROL';

function notificationsFrom(
  found: S3.GetBucketNotificationConfigurationCommandOutput | undefined,
): BucketRecord['notifications'] {
  const rule = (
    kind: NotificationRule['kind'],
    arn: string | undefined,
    { Id, Events, Filter }: S3.QueueConfiguration | S3.TopicConfiguration | S3.LambdaFunctionConfiguration,
  ): NotificationRule => {
    const filter = Filter?.Key?.FilterRules?.map(({ Name, Value }) => ({ name: String(Name), value: Value ?? '' }));
    return { id: Id ?? arn!, kind, arn: arn!, events: [...(Events ?? [])], ...(filter?.length ? { filter } : {}) };
  };
  const rules = [
    ...(found?.TopicConfigurations ?? []).map((one) => rule('sns', one.TopicArn, one)),
    ...(found?.QueueConfigurations ?? []).map((one) => rule('sqs', one.QueueArn, one)),
    ...(found?.LambdaFunctionConfigurations ?? []).map((one) => rule('lambda', one.LambdaFunctionArn, one)),
  ];
  const eventBridge = found?.EventBridgeConfiguration !== undefined;
  return rules.length || eventBridge ? { rules, ...(eventBridge ? { eventBridge } : {}) } : undefined;
}
