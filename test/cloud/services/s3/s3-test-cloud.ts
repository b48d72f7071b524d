import { S3Client } from '@aws-sdk/client-s3';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { roleSession } from '../../../../server/cloud/gateway/callers.ts';
import { client, createTestCloud, OWN, root, rootKeys } from '../../test-cloud.ts';

/** A cloud and the official client of an account's root. */
export function s3Cloud(seed = 's3'): { cloud: Cloud; s3: S3Client; as: (account: string) => S3Client } {
  const { cloud } = createTestCloud({ seed });
  const as = (account: string): S3Client => client(S3Client, cloud, rootKeys(cloud, account), { forcePathStyle: true });
  return { cloud, s3: as(OWN), as };
}

/** A client with the session of a new role that has one inline policy. */
export async function roleClient(cloud: Cloud, name: string, statements: object[], account = OWN): Promise<S3Client> {
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  };
  await cloud.call(root(account), 'iam', 'CreateRole', {
    RoleName: name,
    AssumeRolePolicyDocument: JSON.stringify(trust),
  });
  if (statements.length)
    await cloud.call(root(account), 'iam', 'PutRolePolicy', {
      RoleName: name,
      PolicyName: 'access',
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
    });
  return client(S3Client, cloud, roleSession(cloud, account, name, 'session'), { forcePathStyle: true });
}

/** The error that a call answers with. */
export async function failure(
  call: Promise<unknown>,
): Promise<{ name: string; status: number; message: string; error: Record<string, unknown> }> {
  try {
    await call;
  } catch (error) {
    const e = error as Error & { $metadata?: { httpStatusCode?: number } };
    if (!e.$metadata) throw error;
    return { name: e.name, status: e.$metadata.httpStatusCode ?? 0, message: e.message, error: e as never };
  }
  throw new Error('the call succeeded');
}
