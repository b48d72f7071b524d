import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateRoleCommand, GetRolePolicyCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateSecretCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  CreateQueueCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import BetterSqlite3 from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ServerProcess, startServer } from './server-process.ts';

let folder: string;
let server: ServerProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lambda-range-durability-'));
});
afterEach(async () => {
  await server?.kill('SIGKILL');
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

interface Started {
  attempt: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string };
  outputs: Record<string, string>;
}

function clients(endpoint: string, { region, credentials }: Started) {
  const config = { region, endpoint, credentials, maxAttempts: 1 };
  return {
    s3: new S3Client({ ...config, forcePathStyle: true }),
    ssm: new SSMClient(config),
    sqs: new SQSClient(config),
    iam: new IAMClient(config),
    secrets: new SecretsManagerClient(config),
  };
}
type Clients = ReturnType<typeof clients>;

/** One kind of write: how it is made, and how it is found again. `name` says which write it is. */
interface Kind {
  write(to: Clients, name: string, text: string): Promise<unknown>;
  /** What is there of it; throws when nothing is. */
  read(from: Clients, name: string): Promise<string | undefined>;
}

const document = (text: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Sid: text, Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }],
  });

const kinds: Record<string, Kind> = {
  PutObject: {
    write: ({ s3 }, Key, Body) => s3.send(new PutObjectCommand({ Bucket: 'durable', Key, Body: Body.repeat(1000) })),
    read: async ({ s3 }, Key) => {
      const text = await (await s3.send(new GetObjectCommand({ Bucket: 'durable', Key }))).Body!.transformToString();
      return text.length % 1000 === 0 ? text.slice(0, text.length / 1000) : `half: ${text.length}`;
    },
  },
  PutParameter: {
    write: ({ ssm }, name, Value) =>
      ssm.send(new PutParameterCommand({ Name: `/${name}`, Type: 'SecureString', Value })),
    read: async ({ ssm }, name) =>
      (await ssm.send(new GetParameterCommand({ Name: `/${name}`, WithDecryption: true }))).Parameter?.Value,
  },
  CreateQueue: {
    write: ({ sqs }, QueueName, text) => sqs.send(new CreateQueueCommand({ QueueName, tags: { text } })),
    read: async ({ sqs }, QueueName) => {
      const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
      const { ListQueueTagsCommand } = await import('@aws-sdk/client-sqs');
      return (await sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags?.text;
    },
  },
  PutRolePolicy: {
    write: ({ iam }, PolicyName, text) =>
      iam.send(new PutRolePolicyCommand({ RoleName: 'durable', PolicyName, PolicyDocument: document(text) })),
    read: async ({ iam }, PolicyName) => {
      const { PolicyDocument } = await iam.send(new GetRolePolicyCommand({ RoleName: 'durable', PolicyName }));
      return JSON.parse(decodeURIComponent(PolicyDocument!)).Statement[0].Sid;
    },
  },
  CreateSecret: {
    write: ({ secrets }, Name, SecretString) => secrets.send(new CreateSecretCommand({ Name, SecretString })),
    read: async ({ secrets }, SecretId) => (await secrets.send(new GetSecretValueCommand({ SecretId }))).SecretString,
  },
};

describe('kill -9', () => {
  it('during 200 writes loses none that was acknowledged, and leaves none half made', async () => {
    server = await startServer(folder);
    const started = await server.api<Started>('POST', '/attempts', { lab: 'thumbnailer-owns-s3' });
    let to = clients(server.awsUrl, started);
    await to.s3.send(new CreateBucketCommand({ Bucket: 'durable' }));
    await to.iam.send(
      new CreateRoleCommand({
        RoleName: 'durable',
        AssumeRolePolicyDocument:
          '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}',
      }),
    );
    const { QueueUrl } = await to.sqs.send(new CreateQueueCommand({ QueueName: 'inbox' }));

    const acknowledged: { kind: string; name: string; text: string }[] = [];
    const tried: { kind: string; name: string; text: string }[] = [];
    const sent: string[] = [];
    let next = 0;
    let killing: Promise<void> | undefined;
    // Eight clients write; at the 200th acknowledgement the process dies with others in flight.
    const work = async (): Promise<void> => {
      while (next < 400 && !killing) {
        const number = next++;
        const text = randomBytes(8).toString('hex');
        const entry = { kind: Object.keys(kinds)[number % 5]!, name: `w${number}`, text };
        tried.push(entry);
        try {
          await kinds[entry.kind]!.write(to, entry.name, text);
          acknowledged.push(entry);
          if (number % 4 === 0) {
            await to.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: text }));
            sent.push(text);
          }
        } catch (error) {
          if (!killing) throw error;
        }
        if (acknowledged.length >= 200) killing ??= server!.kill('SIGKILL');
      }
    };
    await Promise.all(Array.from({ length: 8 }, work));
    await killing;
    expect(acknowledged.length).toBeGreaterThanOrEqual(200);

    server = await startServer(folder);
    // The credentials are the same after the restart; only the port is another.
    to = clients(server.awsUrl, started);
    const lost: string[] = [];
    for (const { kind, name, text } of acknowledged) {
      const found = await kinds[kind]!.read(to, name).catch((error: Error) => error.name);
      if (found !== text) lost.push(`${kind} ${name}: ${found}`);
    }
    expect(lost).toEqual([]);
    const known = new Set(acknowledged.map(({ name }) => name));
    const half: string[] = [];
    for (const { kind, name, text } of tried.filter((entry) => !known.has(entry.name))) {
      const found = await kinds[kind]!.read(to, name).catch(() => undefined);
      if (found !== undefined && found !== text) half.push(`${kind} ${name}: ${found}`);
    }
    expect(half).toEqual([]);
    const { KeyCount } = await to.s3.send(new ListObjectsV2Command({ Bucket: 'durable' }));
    expect(KeyCount).toBeGreaterThanOrEqual(acknowledged.filter(({ kind }) => kind === 'PutObject').length);
    const received = new Set<string>();
    for (let round = 0; round < 60 && !sent.every((text) => received.has(text)); round++) {
      const queue = await to.sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: QueueUrl!.replace(/^http:\/\/[^/]+/, server.awsUrl),
          MaxNumberOfMessages: 10,
        }),
      );
      for (const { Body } of queue.Messages ?? []) received.add(Body!);
    }
    expect(sent.filter((text) => !received.has(text))).toEqual([]);
    expect(sent.length).toBeGreaterThan(10);
    const file = new BetterSqlite3(join(folder, 'range.sqlite'), { readonly: true });
    expect(file.pragma('integrity_check', { simple: true })).toBe('ok');
    file.close();
  }, 120_000);

  it('in the middle of a lab’s start leaves no half attempt; the lab starts anew', async () => {
    server = await startServer(folder);
    const file = new BetterSqlite3(join(folder, 'range.sqlite'), { readonly: true });
    const rows = file.prepare('select id, ready_at from attempts');
    const answer = server.api<Started>('POST', '/attempts', { lab: 'thumbnailer-owns-s3' }).catch(() => undefined);
    // Wait for the attempt's row, which is written before its account is.
    let row = rows.get() as { id: string; ready_at: number | null } | undefined;
    while (!row) {
      await new Promise((resolve) => setImmediate(resolve));
      row = rows.get() as typeof row;
    }
    const dying = server.kill('SIGKILL');
    const early = row.ready_at === null;
    await dying;
    await answer;
    file.close();
    expect(early).toBe(true);

    server = await startServer(folder);
    const again = new BetterSqlite3(join(folder, 'range.sqlite'), { readonly: true });
    const count = (sql: string): number => (again.prepare(sql).get() as { n: number }).n;
    expect(count('select count(*) n from attempts where ready_at is null')).toBe(0);
    expect(count('select count(*) n from records where attempt not in (select id from attempts)')).toBe(0);
    const started = await server.api<Started>('POST', '/attempts', { lab: 'thumbnailer-owns-s3' });
    expect(Object.keys(started.outputs).length).toBeGreaterThan(0);
    expect(count('select count(*) n from attempts')).toBe(1);
    again.close();
  }, 60_000);
});

it('a store that another version wrote is refused, and left as it is', async () => {
  server = await startServer(folder);
  await server.kill('SIGTERM');
  const file = new BetterSqlite3(join(folder, 'range.sqlite'));
  file.prepare("insert into migrations (name, applied_at) values ('9999_of_the_future.sql', 1)").run();
  file.close();
  await expect(startServer(folder)).rejects.toThrow(/ended with 1[\s\S]*9999_of_the_future\.sql/);
  const after = new BetterSqlite3(join(folder, 'range.sqlite'), { readonly: true });
  expect(after.prepare('select count(*) n from migrations').get()).toMatchObject({ n: expect.any(Number) });
  expect(after.prepare("select name from migrations where name like '9999%'").get()).toBeDefined();
  after.close();
  server = undefined;
}, 60_000);
