import { IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  CreateFunctionUrlConfigCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import { GetObjectCommand, ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AccountsRange, passwordOf, startAccountsRange } from '../people/kit.ts';
import { call, freePort, hasNginx, type Nginx, names, startNginx } from './proxy.ts';

const missing = hasNginx() ? undefined : 'nginx is not installed';

describe.skipIf(missing)(`behind nginx with docs/nginx.conf${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let range: AccountsRange;
  let proxy: Nginx;
  let pages: string;
  let aws: string;
  let cookie: string;
  let attempt: string;
  let ada: string;

  beforeAll(async () => {
    const [pagesTls, awsTls] = await Promise.all([freePort(), freePort()]);
    pages = `https://${names.pages}:${pagesTls}`;
    aws = `https://${names.aws}:${awsTls}`;
    range = await startAccountsRange({ publicUrl: pages, awsPublicUrl: aws, trustProxy: 1 });
    proxy = await startNginx({
      pagesTls,
      awsTls,
      pages: Number(new URL(range.url).port),
      aws: Number(new URL(range.awsLocalUrl).port),
    });
    ada = await range.person('ada@example.org');
    attempt = (await range.training.start(ada, 'thumbnailer-owns-s3')).id;
  });

  afterAll(async () => {
    await proxy?.close();
    await range?.close();
  });

  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const client = <C>(Client: new (of: object) => C, of: object = {}): C =>
    new Client({
      endpoint: aws,
      region: 'us-east-1',
      credentials: range.training.credentials(ada, attempt),
      requestHandler: { httpsAgent: proxy.agent },
      maxAttempts: 1,
      ...of,
    });

  it('signs in with a cookie that this host alone gets, over TLS alone', async () => {
    const body = new URLSearchParams({ email: 'ada@example.org', password: passwordOf('ada@example.org') });
    const done = await call(
      proxy,
      `${pages}/sign-in`,
      { method: 'POST', headers: { ...form, origin: pages } },
      String(body),
    );
    expect(done.status).toBe(303);
    const [set] = done.headers['set-cookie'] as string[];
    expect(set).toMatch(/^__Host-range_session=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
    cookie = set!.split(';')[0]!;
    const home = await call(proxy, `${pages}/`, { headers: { cookie } });
    expect(home.status).toBe(200);
    expect(home.headers['strict-transport-security']).toBe('max-age=31536000');
  });

  it('refuses pages of other origins and other hosts', async () => {
    const post = (headers: Record<string, string>) =>
      call(proxy, `${pages}/sign-out`, { method: 'POST', headers: { ...form, ...headers } });
    expect((await post({ origin: 'https://evil.example' })).status).toBe(403);
    expect((await post({ origin: `https://${names.aws}` })).status).toBe(403);
    expect((await post({ origin: pages })).status).toBe(303);
    const foreign = await call(proxy, `${pages}/sign-in`, {
      servername: names.pages,
      headers: { host: 'evil.example' },
    });
    expect(foreign.status).toBe(421);
    // What a client claims to have been forwarded is nobody's word.
    const claimed = await call(proxy, `${pages}/sign-in`, {
      headers: { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' },
    });
    expect(claimed.status).toBe(200);
    expect(claimed.text).not.toContain('evil.example');
  });

  it('counts tries to sign in by the client’s address, which the client cannot choose', async () => {
    const guess = (n: number) =>
      call(
        proxy,
        `${pages}/sign-in`,
        { method: 'POST', headers: { ...form, origin: pages, 'x-forwarded-for': `203.0.113.${n}` } },
        String(new URLSearchParams({ email: 'nobody@example.org', password: 'wrong' })),
      );
    const statuses: number[] = [];
    for (let n = 0; n < 8; n++) statuses.push((await guess(n)).status);
    expect(statuses[0]).toBe(401);
    expect(statuses.at(-1)).toBe(429);
  });

  it('holds the signature of a call, whatever the key of the object', async () => {
    const s3 = client(S3Client, { forcePathStyle: true });
    const bucket = (await s3.send(new ListBucketsCommand({}))).Buckets![0]!.Name!;
    for (const Key of ['a//b', 'ä +%2F(1).txt', '../up', 'x?y=z'])
      try {
        await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'hello', Metadata: { under_score: '1' } }));
        const got = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
        expect([await got.Body!.transformToString(), got.Metadata]).toEqual(['hello', { under_score: '1' }]);
      } catch (error) {
        throw new Error(`${Key}: ${error}`);
      }
    const record = range.training.cloud(ada, attempt)!.calls.list().at(-1)!;
    expect(record.sourceIPAddress).toBe('127.0.0.1');
  });

  it('refuses a wrong signature', async () => {
    const credentials = { ...range.training.credentials(ada, attempt), secretAccessKey: 'x'.repeat(40) };
    await expect(
      client(S3Client, { forcePathStyle: true, credentials }).send(new ListBucketsCommand({})),
    ).rejects.toThrow(/signature/i);
  });

  it('tells the public address: of the endpoint, of queues', async () => {
    expect(range.training.view(ada, attempt).endpoint).toBe(aws);
    const { QueueUrl } = await client(SQSClient).send(new CreateQueueCommand({ QueueName: 'news' }));
    expect(QueueUrl).toMatch(new RegExp(`^${aws}/\\d{12}/news$`));
  });

  it('streams what happens as it happens', async () => {
    const waiting = call(
      proxy,
      `${pages}/attempts/${attempt}/events`,
      { headers: { cookie, accept: 'text/event-stream' } },
      '',
      'event: call',
    );
    const ticking = setInterval(() => void client(SQSClient).send(new CreateQueueCommand({ QueueName: 'more' })), 200);
    const stream = await waiting.finally(() => clearInterval(ticking));
    expect(stream.headers['content-type']).toContain('text/event-stream');
    expect(stream.text).toContain('CreateQueue');
  });

  it('reaches a function by path and by name', async () => {
    const lambda = client(LambdaClient);
    const iam = client(IAMClient);
    const role = (await iam.send(new ListRolesCommand({}))).Roles!.find(({ AssumeRolePolicyDocument }) =>
      AssumeRolePolicyDocument!.includes('lambda.amazonaws.com'),
    )!.Arn!;
    const code = `exports.handler = async (event) => ({ statusCode: 200, body: event.rawPath + ' ' + event.requestContext.domainName });`;
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName: 'hello',
        Role: role,
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Code: { ZipFile: zipSync({ 'index.js': strToU8(code) }) },
      }),
    );
    const { FunctionUrl } = await lambda.send(
      new CreateFunctionUrlConfigCommand({ FunctionName: 'hello', AuthType: 'NONE' }),
    );
    for (const [sid, of] of [
      ['url', { Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'NONE' }],
      ['call', { Action: 'lambda:InvokeFunction', InvokedViaFunctionUrl: true }],
    ] as const)
      await lambda.send(new AddPermissionCommand({ FunctionName: 'hello', StatementId: sid, Principal: '*', ...of }));
    const id = /^https:\/\/([a-z0-9]+)\.lambda-url\.us-east-1\.aws\.range\.example\.org:\d+\/$/.exec(FunctionUrl!)![1];
    const byName = await call(proxy, `${FunctionUrl}a/b`);
    expect([byName.status, byName.text]).toEqual([200, `/a/b ${id}.lambda-url.us-east-1.on.aws`]);
    const byPath = await call(proxy, `${aws}/_range/lambda-url/${id}/a/b`);
    expect([byPath.status, byPath.text]).toEqual([200, byName.text]);
  });
});
