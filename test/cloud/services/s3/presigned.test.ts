import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { describe, expect, it } from 'vitest';
import { handle } from '../../../../server/cloud/gateway/handle.ts';
import { roleClient, s3Cloud } from './s3-test-cloud.ts';

const Bucket = 'photos';

describe('a presigned URL', () => {
  it('does what its signer may do, as its bucket policy conditions see it', async () => {
    const { cloud, s3 } = s3Cloud();
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutObjectCommand({ Bucket, Key: 'a b.txt', Body: 'hello' }));
    const fetchSigned = async (signed: string, method = 'GET', body = '') => {
      const { pathname, search, host } = new URL(signed);
      const request = {
        method,
        url: pathname + search,
        host,
        headers: { host },
        body: Buffer.from(body),
        sourceIp: '198.51.100.7',
      };
      return handle(cloud, request, { ip: '198.51.100.7', secure: true });
    };
    const role = await roleClient(cloud, 'signer', [
      {
        Effect: 'Allow',
        Action: 's3:GetObject',
        Resource: 'arn:aws:s3:::photos/*',
        Condition: {
          StringEquals: { 's3:authType': 'REST-QUERY-STRING' },
          NumericLessThan: { 's3:signatureAge': '600000' },
        },
      },
    ]);
    const get = await fetchSigned(
      await getSignedUrl(role, new GetObjectCommand({ Bucket, Key: 'a b.txt', ResponseContentType: 'text/html' })),
    );
    expect([get.status, get.body.toString(), get.headers['content-type'] ?? get.headers['Content-Type']]).toEqual([
      200,
      'hello',
      'text/html',
    ]);
    const put = await fetchSigned(await getSignedUrl(role, new PutObjectCommand({ Bucket, Key: 'b' })), 'PUT', 'x');
    expect(put.status).toBe(403);
    expect(put.body.toString()).toContain('<Code>AccessDenied</Code>');
    const own = await fetchSigned(
      await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: 'b' })),
      'PUT',
      'from a form',
    );
    expect(own.status).toBe(200);
    expect(await (await s3.send(new GetObjectCommand({ Bucket, Key: 'b' }))).Body!.transformToString()).toBe(
      'from a form',
    );
    await expect(role.send(new GetObjectCommand({ Bucket, Key: 'b' }))).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});
