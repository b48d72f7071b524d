import type {
  GetBucketAclCommandInput,
  GetBucketAclCommandOutput,
  GetObjectAclCommandInput,
  GetObjectAclCommandOutput,
  Grant,
  PutBucketAclCommandInput,
  PutBucketAclCommandOutput,
  PutObjectAclCommandInput,
  PutObjectAclCommandOutput,
} from '@aws-sdk/client-s3';
import { operation } from '../../context.ts';
import { bucketAccess, getBucket, objectAccess, presentKeys } from './access.ts';
import { isPublicGrant } from './acl-rights.ts';
import { accessDenied, aclNotSupported, invalidArgument, invalidRequest, malformedXml } from './errors.ts';
import { notify } from './events.ts';
import { findVersion, getVersion, readAccess, replaceVersion } from './object-store.ts';
import { type AclGrant, type BucketRecord, canonicalId, saveBucket } from './tables.ts';

/** The members of requests that set an ACL. */
export interface AclInput {
  ACL?: string | undefined;
  GrantFullControl?: string | undefined;
  GrantRead?: string | undefined;
  GrantReadACP?: string | undefined;
  GrantWrite?: string | undefined;
  GrantWriteACP?: string | undefined;
  AccessControlPolicy?: { Grants?: Grant[] | undefined } | undefined;
}

const full: AclGrant = { to: 'owner', permission: 'FULL_CONTROL' };
const groups = 'http://acs.amazonaws.com/groups/';
const groupUris: Record<string, 'AllUsers' | 'AuthenticatedUsers' | 'LogDelivery'> = {
  [`${groups}global/AllUsers`]: 'AllUsers',
  [`${groups}global/AuthenticatedUsers`]: 'AuthenticatedUsers',
  [`${groups}s3/LogDelivery`]: 'LogDelivery',
};

/** Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl */
export function cannedAcl(name: string | undefined): AclGrant[] | undefined {
  switch (name) {
    case undefined:
      return undefined;
    case 'private':
    case 'bucket-owner-full-control':
    case 'bucket-owner-read':
    case 'aws-exec-read':
      return [full];
    case 'public-read':
      return [full, { to: 'AllUsers', permission: 'READ' }];
    case 'public-read-write':
      return [full, { to: 'AllUsers', permission: 'READ' }, { to: 'AllUsers', permission: 'WRITE' }];
    case 'authenticated-read':
      return [full, { to: 'AuthenticatedUsers', permission: 'READ' }];
    case 'log-delivery-write':
      return [full, { to: 'LogDelivery', permission: 'WRITE' }, { to: 'LogDelivery', permission: 'READ_ACP' }];
    default:
      throw invalidArgument('', 'x-amz-acl', name);
  }
}

/** Condition keys of a request that sets an ACL. */
export const aclContext = (input: AclInput): ReturnType<typeof presentKeys> =>
  presentKeys({
    's3:x-amz-acl': input.ACL,
    's3:x-amz-grant-full-control': input.GrantFullControl,
    's3:x-amz-grant-read': input.GrantRead,
    's3:x-amz-grant-read-acp': input.GrantReadACP,
    's3:x-amz-grant-write': input.GrantWrite,
    's3:x-amz-grant-write-acp': input.GrantWriteACP,
  });

export const setsAcl = (input: AclInput): boolean => Object.keys(aclContext(input)).length > 0;

/** The ACL that a request sets; undefined when it sets none. @throws AwsError by the bucket's ownership and public access block */
export function requestedAcl(bucket: BucketRecord, input: AclInput): AclGrant[] | undefined {
  const given = input.AccessControlPolicy?.Grants;
  if (!setsAcl(input) && !given) return undefined;
  const grants = given ? given.map(readGrant) : (cannedAcl(input.ACL) ?? headerGrants(input));
  if (bucket.ownership === undefined || bucket.ownership === 'BucketOwnerEnforced') {
    const harmless = grants.every(
      ({ to }) => to === 'owner' || (typeof to === 'object' && to.canonicalId === canonicalId(bucket.account)),
    );
    if (!harmless || (input.ACL !== undefined && input.ACL !== 'bucket-owner-full-control')) throw aclNotSupported();
    return undefined;
  }
  if (bucket.publicAccessBlock?.blockPublicAcls && grants.some(isPublicGrant)) throw accessDenied();
  return grants;
}

function headerGrants(input: AclInput): AclGrant[] {
  const headers: [string | undefined, AclGrant['permission']][] = [
    [input.GrantFullControl, 'FULL_CONTROL'],
    [input.GrantRead, 'READ'],
    [input.GrantWrite, 'WRITE'],
    [input.GrantReadACP, 'READ_ACP'],
    [input.GrantWriteACP, 'WRITE_ACP'],
  ];
  return headers.flatMap(([text, permission]) =>
    (text ?? '')
      .split(',')
      .filter((part) => part.trim() !== '')
      .map((part) => {
        const [kind = '', value = ''] = part.trim().split('=') as [string, string?];
        return { to: grantee(kind.trim(), value.trim().replaceAll('"', '')), permission };
      }),
  );
}

function readGrant({ Grantee, Permission }: Grant): AclGrant {
  if (!Grantee || !Permission || !['FULL_CONTROL', 'READ', 'WRITE', 'READ_ACP', 'WRITE_ACP'].includes(Permission))
    throw malformedXml();
  return { to: Grantee.URI ? grantee('uri', Grantee.URI) : grantee('id', Grantee.ID ?? ''), permission: Permission };
}

function grantee(kind: string, value: string): AclGrant['to'] {
  if (kind === 'uri') {
    const group = groupUris[value];
    if (!group) throw invalidArgument('Invalid group uri', 'uri', value);
    return group;
  }
  if (kind === 'emailAddress')
    throw invalidRequest('The e-mail address you provided does not match any account on record.');
  if (!/^[0-9a-f]{64}$/.test(value)) throw invalidArgument('Invalid id', 'CanonicalUser/ID', value);
  return { canonicalId: value };
}

function aclOutput(bucket: BucketRecord, acl: AclGrant[] | undefined): { Owner: { ID: string }; Grants: Grant[] } {
  const owner = canonicalId(bucket.account);
  return {
    Owner: { ID: owner },
    Grants: (acl ?? [full]).map(({ to, permission }) => ({
      Grantee:
        to === 'owner' || typeof to === 'object'
          ? { Type: 'CanonicalUser', ID: to === 'owner' ? owner : to.canonicalId }
          : { Type: 'Group', URI: Object.keys(groupUris).find((uri) => groupUris[uri] === to)! },
      Permission: permission,
    })),
  };
}

export const GetBucketAcl = operation<GetBucketAclCommandInput, GetBucketAclCommandOutput>({
  access: (ctx, input) => bucketAccess(ctx, input, 'GetBucketAcl'),
  run(ctx, input) {
    const bucket = getBucket(ctx, input);
    return aclOutput(bucket, bucket.ownership === 'BucketOwnerEnforced' ? undefined : bucket.acl);
  },
});

export const PutBucketAcl = operation<PutBucketAclCommandInput, PutBucketAclCommandOutput>({
  access: (ctx, input) => bucketAccess(ctx, input, 'PutBucketAcl', aclContext(input)),
  run(ctx, input) {
    const bucket = getBucket(ctx, input);
    const acl = asked(bucket, input);
    if (acl) saveBucket(ctx.state, { ...bucket, acl });
    return {};
  },
});

export const GetObjectAcl = operation<GetObjectAclCommandInput, GetObjectAclCommandOutput>({
  access: (ctx, input) =>
    readAccess(ctx, getBucket(ctx, input), input.Key!, input.VersionId, {
      current: 'GetObjectAcl',
      version: 'GetObjectVersionAcl',
    }),
  run(ctx, input) {
    const bucket = getBucket(ctx, input);
    const object = getVersion(ctx, bucket, input.Key!, input.VersionId);
    return aclOutput(bucket, bucket.ownership === 'BucketOwnerEnforced' ? undefined : object.acl);
  },
});

export const PutObjectAcl = operation<PutObjectAclCommandInput, PutObjectAclCommandOutput>({
  access(ctx, input) {
    const bucket = getBucket(ctx, input);
    const existing = findVersion(ctx.state, bucket, input.Key!, input.VersionId);
    const action = input.VersionId === undefined ? 'PutObjectAcl' : 'PutObjectVersionAcl';
    return objectAccess(ctx, bucket, input.Key!, action, { existing, context: aclContext(input) });
  },
  run(ctx, input) {
    const bucket = getBucket(ctx, input);
    const object = getVersion(ctx, bucket, input.Key!, input.VersionId);
    const acl = asked(bucket, input);
    if (acl) {
      replaceVersion(ctx, bucket, { ...object, acl });
      notify(ctx, bucket, 'ObjectAcl:Put', object);
    }
    return {};
  },
});

function asked(bucket: BucketRecord, input: AclInput): AclGrant[] | undefined {
  if (!setsAcl(input) && !input.AccessControlPolicy) throw invalidRequest('Your request was missing a required header');
  return requestedAcl(
    bucket,
    input.AccessControlPolicy
      ? { ...input, AccessControlPolicy: { Grants: input.AccessControlPolicy.Grants ?? [] } }
      : input,
  );
}
