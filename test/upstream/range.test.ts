import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { GetObjectCommand, ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, ListQueuesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { loadSubmissions } from '../../server/catalogue/catalogue.ts';
import { applySubmission } from '../../server/catalogue/submit.ts';
import { type ClientClass, createClient } from '../../server/cloud/clients.ts';
import { createRuntime } from '../../server/cloud/runtime/index.ts';
import type { FunctionRuntime } from '../../server/cloud/runtime/types.ts';
import { localLearner, type Range, startRange } from '../../server/range.ts';
import { LooseEndpoint } from './loose-endpoint.ts';

const lab = 'thumbnailer-owns-s3';

describe('attempts in an AWS endpoint behind the gateway', () => {
  let folder: string;
  let runtime: FunctionRuntime;
  let loose: LooseEndpoint;
  let range: Range;

  const start = (): Promise<Range> =>
    startRange(
      {
        port: 0,
        awsPort: 0,
        dataDir: join(folder, 'range'),
        logLevel: 'silent',
        poolSize: 0,
        sandbox: 'auto',
        host: '127.0.0.1',
        backend: { name: 'loose', endpoint: loose.endpoint },
      },
      { upstreamLimitMs: 3_000 },
    );

  const client = <C>(Client: ClientClass<C>, attempt: string, change: { secretAccessKey?: string } = {}): C => {
    const { accessKeyId, secretAccessKey, sessionToken } = range.training.credentials(localLearner, attempt);
    return createClient(Client, {
      region: 'us-east-1',
      endpoint: range.awsLocalUrl,
      credentials: { accessKeyId, secretAccessKey, sessionToken, ...change },
    });
  };

  const attempt = async (): Promise<string> => (await range.training.start(localLearner, lab)).id;
  const accountOf = (id: string): string => range.training.view(localLearner, id).account;
  /** What an account holds and AWS itself did not make: its managed keys stay. */
  const made = (account: string): string[] => loose.holds(account).filter((held) => !/^(?:cloud|kms)\./.test(held));
  const bucketOf = async (id: string): Promise<string> =>
    (await client(S3Client, id).send(new ListBucketsCommand({}))).Buckets![0]!.Name!;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lambda-range-loose-'));
    runtime = await createRuntime({ dataDir: join(folder, 'loose'), poolSize: 0, sandbox: 'auto' });
    loose = await LooseEndpoint.open(runtime);
    range = await start();
  });
  beforeEach(() => {
    loose.mood = 'well';
    loose.turns = undefined;
  });
  afterAll(async () => {
    await range.close();
    await loose.close();
    await runtime.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('what the learner does is there, and the attempt says where it lives', async () => {
    const id = await attempt();
    expect(range.training.view(localLearner, id).backend).toBe('loose');
    const { QueueUrl } = await client(SQSClient, id).send(new CreateQueueCommand({ QueueName: 'mine' }));
    expect(QueueUrl).toBe(`${range.awsLocalUrl}/${accountOf(id)}/mine`);
    expect(loose.holds(accountOf(id))).toContain('sqs.queues mine');
    const page = await (await fetch(`${range.url}/attempts/${id}`)).text();
    expect(page).toContain('loose');
  });

  test('a wrong signature, and what policies forbid, never get there', async () => {
    const id = await attempt();
    loose.calls = [];
    const wrong = client(S3Client, id, { secretAccessKey: 'x'.repeat(40) });
    await expect(wrong.send(new PutObjectCommand({ Bucket: 'any', Key: 'k', Body: 'x' }))).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
    });
    expect(loose.calls.filter(({ what }) => what.startsWith('PUT'))).toEqual([]);
    const RoleName = range.training.cloud(localLearner, id)!.state.all({ name: 'iam.roles', global: true })[0]!.id;
    // Nobody changes the learner's own role: refused by a rehearsal, as the endpoint would not.
    const reserved = client(IAMClient, id).send(
      new PutRolePolicyCommand({
        RoleName,
        PolicyName: 'p',
        PolicyDocument:
          '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}',
      }),
    );
    await expect(reserved).rejects.toMatchObject({ name: 'UnmodifiableEntityException' });
    expect(loose.calls.filter(({ what }) => what.includes('PutRolePolicy'))).toEqual([]);
    const { calls } = range.training.cloud(localLearner, id)!;
    expect(calls.list().at(-1)).toMatchObject({ eventName: 'PutRolePolicy' });
    expect(calls.list().at(-1)!.errorCode).toBeDefined();
  });

  test('changes of one thing at the same time are all known to the next question', async () => {
    const id = await attempt();
    const iam = client(IAMClient, id);
    const PolicyDocument =
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}';
    const names = Array.from({ length: 8 }, (_, index) => `at-once-${index}`);
    await Promise.all(
      names.map((PolicyName) =>
        iam.send(new PutRolePolicyCommand({ RoleName: 'thumbnailer-role', PolicyName, PolicyDocument })),
      ),
    );
    const cloud = range.training.cloud(localLearner, id)!;
    await cloud.fresh();
    const role = cloud.state
      .all({ name: 'iam.roles', global: true })
      .find(({ id: name }) => name === 'thumbnailer-role');
    expect((role!.value as { inline: { name: string }[] }).inline.map(({ name }) => name)).toEqual(
      expect.arrayContaining(names),
    );
    await range.training.reset(localLearner, id);
  });

  test('another attempt of the same endpoint is out of reach, whatever it is named by', async () => {
    range.training.enrol('other', 'Other');
    const other = (await range.training.start('other', lab)).id;
    const theirs = range.training.view('other', other).account;
    const id = await attempt();
    const bucket = loose
      .holds(theirs)
      .find((held) => held.startsWith('s3.buckets '))!
      .slice(11);
    loose.calls = [];
    const s3 = client(S3Client, id);
    await expect(s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'k', Body: 'x' }))).rejects.toMatchObject({
      name: 'NoSuchBucket',
    });
    await expect(s3.send(new GetObjectCommand({ Bucket: bucket, Key: 'k' }))).rejects.toMatchObject({
      name: 'NoSuchBucket',
    });
    const sqs = client(SQSClient, id);
    const url = `${range.awsLocalUrl}/${theirs}/mine`;
    await expect(sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'x' }))).rejects.toThrow();
    const own = accountOf(id);
    expect(loose.calls.filter(({ account, what }) => account === own && what.includes(bucket))).toEqual([]);
    expect(loose.calls.filter(({ what }) => /^PUT|SendMessage/.test(what))).toEqual([]);
    await range.training.end('other', other);
    await range.upstreams.reconcile();
    expect(made(theirs)).toEqual([]);
  });

  test('a right fix is solved, the start is not, and a reset leaves nothing of either', async () => {
    const id = await attempt();
    const before = await range.training.grade(localLearner, id);
    expect(before.report.verdict).toBe('unsolved');
    const reference = (await loadSubmissions(lab)).find(({ name }) => name === 'reference')!;
    await applySubmission(range.training.cloud(localLearner, id)!, range.training.lab(lab), reference);
    const after = await range.training.grade(localLearner, id);
    expect(after.report.checks.filter(({ status }) => status !== 'passed')).toEqual([]);
    expect(after.diff.length).toBeGreaterThan(0);
    await client(SQSClient, id).send(new CreateQueueCommand({ QueueName: 'left-over' }));
    await range.training.reset(localLearner, id);
    expect(loose.holds(accountOf(id))).not.toContain('sqs.queues left-over');
    expect(range.training.diff(localLearner, id)).toEqual([]);
    expect((await range.training.grade(localLearner, id)).report.verdict).toBe('unsolved');
  });

  test.each(['broken', 'nonsense', 'silent', 'gone'] as const)(
    'an endpoint that is %s makes grades void and calls unavailable, and is used again when it is well',
    async (mood) => {
      const id = await attempt();
      const bucket = await bucketOf(id);
      loose.mood = mood;
      const stored = await range.training.grade(localLearner, id);
      expect(stored.report.verdict).toBe('void');
      expect(stored.report.checks[0]!.because).toMatch(/does not answer/);
      const listed = client(SQSClient, id).send(new ListQueuesCommand({}));
      await expect(listed).rejects.toMatchObject({ $metadata: { httpStatusCode: 503 } });
      await expect(range.training.attack(localLearner, id)).rejects.toMatchObject({ status: 503 });
      loose.mood = 'well';
      const again = await range.training.grade(localLearner, id);
      expect(again.report.verdict, again.report.checks[0]!.because).toBe('unsolved');
      await client(S3Client, id).send(new PutObjectCommand({ Bucket: bucket, Key: 'k', Body: 'x' }));
    },
  );

  test('an endpoint that dies while a lab is built leaves no attempt, and nothing behind when it is back', async () => {
    await range.training.end(localLearner, await attempt());
    await range.upstreams.reconcile();
    loose.turns = { after: 12, mood: 'gone' };
    await expect(range.training.start(localLearner, lab)).rejects.toMatchObject({ status: 503 });
    expect(range.training.attempts(localLearner)).toEqual([]);
    loose.mood = 'well';
    await range.upstreams.reconcile();
    expect(loose.cloud.accounts().flatMap(({ id }) => made(id))).toEqual([]);
    expect((await range.training.start(localLearner, lab)).status).toBe('ready');
  });

  test('an endpoint that dies in the middle of a grade makes it void', async () => {
    const id = await attempt();
    loose.turns = { after: 5, mood: 'gone' };
    expect((await range.training.grade(localLearner, id)).report.verdict).toBe('void');
  });

  test('an endpoint that was started anew and kept nothing is told from an empty account; a reset builds the lab again', async () => {
    const id = await attempt();
    await loose.restartEmpty();
    const stored = await range.training.grade(localLearner, id);
    expect(stored.report.verdict).toBe('void');
    expect(stored.report.checks[0]!.because).toMatch(/lost this account.*Reset the lab/);
    await range.training.reset(localLearner, id);
    expect((await range.training.grade(localLearner, id)).report.verdict).toBe('unsolved');
  });

  test('after a restart of the range, changes of an earlier life count, and what was left behind is removed', async () => {
    const id = await attempt();
    const account = accountOf(id);
    range.training.enrol('gone', 'Gone');
    const orphan = await range.training.start('gone', lab);
    await range.close();
    // Both happened while no server ran: an attempt ended, and somebody changed the account.
    const { openStore } = await import('../../server/store/index.ts');
    const store = openStore(join(folder, 'range'));
    store.attempts.end(orphan.id, Date.now());
    store.close();
    const iam = createClient(IAMClient, {
      region: 'us-east-1',
      endpoint: loose.endpoint,
      credentials: { accessKeyId: account, secretAccessKey: 'any' },
    });
    const role = loose
      .holds(account)
      .find((held) => held.startsWith('iam.roles ') && !held.includes('AWSReserved'))!
      .slice(10);
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: role,
        PolicyName: 'late',
        PolicyDocument: '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}',
      }),
    );
    range = await start();
    await range.upstreams.reconcile();
    expect(made(orphan.account)).toEqual([]);
    await client(IAMClient, id).send(new GetRoleCommand({ RoleName: role }));
    const mirrored = range.training.cloud(localLearner, id)!.state.all({ name: 'iam.roles', global: true });
    expect(JSON.stringify(mirrored.find(({ id: name }) => name === role))).toContain('late');
  });
});
