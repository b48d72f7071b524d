import type { NamedPolicy, Statement } from '../../policy/types.ts';
import { type AclGrant, type BucketRecord, bucketArn, canonicalId, type ObjectRecord, objectArn } from './tables.ts';

/**
 * What each permission of an ACL allows.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html ("Mapping of ACL permissions and access policy permissions")
 */
const onBucket: Record<Exclude<AclGrant['permission'], 'FULL_CONTROL'>, string[]> = {
  READ: ['s3:ListBucket', 's3:ListBucketVersions', 's3:ListBucketMultipartUploads'],
  WRITE: ['s3:PutObject', 's3:DeleteObject'],
  READ_ACP: ['s3:GetBucketAcl'],
  WRITE_ACP: ['s3:PutBucketAcl'],
};
const onObject: typeof onBucket = {
  READ: ['s3:GetObject', 's3:GetObjectVersion'],
  WRITE: [],
  READ_ACP: ['s3:GetObjectAcl', 's3:GetObjectVersionAcl'],
  WRITE_ACP: ['s3:PutObjectAcl', 's3:PutObjectVersionAcl'],
};

export const isPublicGrant = ({ to }: AclGrant): boolean => to === 'AllUsers' || to === 'AuthenticatedUsers';

/** ACLs as policies, so that one engine decides. None while ACLs are disabled (the default). */
export function aclPolicies(bucket: BucketRecord, object: ObjectRecord | undefined, accounts: string[]): NamedPolicy[] {
  if (bucket.ownership === undefined || bucket.ownership === 'BucketOwnerEnforced') return [];
  const ignorePublic = bucket.publicAccessBlock?.ignorePublicAcls === true;
  const counts = (grant: AclGrant): boolean => !(ignorePublic && isPublicGrant(grant));
  const of = (
    acl: AclGrant[] | undefined,
    rights: typeof onBucket,
    resource: string[],
    name: string,
  ): NamedPolicy[] => {
    const statements = (acl ?? []).filter(counts).flatMap((grant) => statementsOf(grant, rights, resource, accounts));
    return statements.length ? [{ name, document: { Version: '2012-10-17', Statement: statements } }] : [];
  };
  const bucketResources = [bucketArn(bucket.name), `${bucketArn(bucket.name)}/*`];
  return [
    ...of(bucket.acl, onBucket, bucketResources, `ACL of bucket ${bucket.name}`),
    ...(object ? of(object.acl, onObject, [objectArn(bucket.name, object.key)], `ACL of object ${object.key}`) : []),
  ];
}

function statementsOf(grant: AclGrant, rights: typeof onBucket, resource: string[], accounts: string[]): Statement[] {
  const action = grant.permission === 'FULL_CONTROL' ? Object.values(rights).flat() : rights[grant.permission];
  if (action.length === 0) return [];
  const base = { Sid: grant.permission, Effect: 'Allow' as const, Action: action, Resource: resource };
  if (grant.to === 'AllUsers') return [{ ...base, Principal: '*' }];
  // Every signed request, of whatever account.
  if (grant.to === 'AuthenticatedUsers')
    return [{ ...base, Principal: '*', Condition: { Null: { 'aws:PrincipalAccount': 'false' } } }];
  if (typeof grant.to === 'string') return [];
  const { canonicalId: wanted } = grant.to;
  const account = accounts.find((id) => canonicalId(id) === wanted);
  return account ? [{ ...base, Principal: { AWS: `arn:aws:iam::${account}:root` } }] : [];
}
