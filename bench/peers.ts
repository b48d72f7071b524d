import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateRoleCommand, GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { type Endpoint, startMiniStack, startMoto, startOurs } from '../scripts/peers/endpoints.ts';
import { install } from '../scripts/peers/python.ts';
import { zipFiles } from '../server/catalogue/zip.ts';
import { percentile } from './measure.ts';

/** A call that is timed; `before` prepares each, untimed. */
interface Line {
  name: string;
  call(): Promise<unknown>;
  before?(): Promise<unknown>;
  /** One after another only: what is measured is a state that calls at once would share. */
  alone?: boolean;
}

interface Measured {
  p50: number;
  /** Calls a second with eight under way. */
  rate: number | undefined;
  /** Milliseconds of processor time that a call takes of the server: what other programs do does not change it. */
  work: number | undefined;
}

/** Milliseconds of processor time that a process has used; undefined where the system does not tell. */
function processorTime(pid: number): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    // User and system time, in hundredths of a second.
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return undefined;
  }
}

const rounds = 5;

/**
 * The same calls of the same client against this server, MiniStack and moto's server, in turns, so that what else the
 * machine does falls on all of them. Ours verifies signatures and asks the policies at each call; the others do neither.
 * Medians of `rounds` rounds. @returns the table, in Markdown
 */
export async function peers(quick: boolean): Promise<string> {
  const python = install('emulators');
  if ('missing' in python) return `Peers are skipped: ${python.missing}.`;
  const endpoints: Endpoint[] = [];
  try {
    for (const start of [() => startOurs(), () => startMiniStack(python.bin), () => startMoto(python.bin)])
      endpoints.push(await start());
    const lines = await Promise.all(endpoints.map(linesOf));
    const names = [...new Set(lines.flatMap((each) => each.map(({ name }) => name)))];
    const rows: string[] = [];
    for (const name of names) {
      const results: Measured[][] = endpoints.map(() => []);
      for (let round = 0; round < rounds; round++)
        for (const [at] of endpoints.entries()) {
          const line = lines[at]!.find((each) => each.name === name);
          if (line) results[at]!.push(await measure(line, quick ? 30 : 200, endpoints[at]!.pid));
        }
      rows.push(`| ${name} | ${results.map(told).join(' | ')} |`);
      process.stderr.write(`${rows.at(-1)}\n`);
    }
    const titles = endpoints.map(({ name, version }) => `${name} ${version}`.trim());
    return [
      `| p50, one at a time · calls/s, eight at once · processor time a call | ${titles.join(' | ')} |`,
      `|---|${'---|'.repeat(titles.length)}`,
      ...rows,
    ].join('\n');
  } finally {
    for (const endpoint of endpoints) await endpoint.stop();
  }
}

function told(rounds: readonly Measured[]): string {
  if (rounds.length === 0) return '–';
  const median = (of: (each: Measured) => number | undefined): number | undefined => {
    const values = rounds.flatMap((each) => of(each) ?? []);
    return values.length ? percentile(values, 0.5) : undefined;
  };
  const [p50, rate, work] = [median((each) => each.p50)!, median((each) => each.rate), median((each) => each.work)];
  return [
    `${p50.toFixed(1)} ms`,
    ...(rate === undefined ? [] : [`${rate.toFixed(0)}/s`]),
    ...(work === undefined ? [] : [`${work.toFixed(2)} ms`]),
  ].join(' · ');
}

async function measure({ call, before, alone }: Line, calls: number, pid: number): Promise<Measured> {
  const samples: number[] = [];
  const count = alone ? Math.max(3, calls / 20) : calls;
  for (let n = 0; n < count; n++) {
    await before?.();
    const start = performance.now();
    await call();
    samples.push(performance.now() - start);
  }
  const p50 = percentile(samples, 0.5);
  if (alone) return { p50, rate: undefined, work: undefined };
  let left = calls * 2;
  const used = processorTime(pid);
  const start = performance.now();
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      while (left-- > 0) await call();
    }),
  );
  const rate = (calls * 2 * 1000) / (performance.now() - start);
  const work = used === undefined ? undefined : (processorTime(pid)! - used) / (calls * 2);
  return { p50, rate, work };
}

/** What an endpoint can do of what is measured; what fails there is left out. */
async function linesOf({ env, name }: Endpoint): Promise<Line[]> {
  const config = {
    region: env.AWS_REGION!,
    endpoint: env.AWS_ENDPOINT_URL!,
    credentials: {
      accessKeyId: env.AWS_ACCESS_KEY_ID!,
      secretAccessKey: env.AWS_SECRET_ACCESS_KEY!,
      ...(env.AWS_SESSION_TOKEN ? { sessionToken: env.AWS_SESSION_TOKEN } : {}),
    },
    maxAttempts: 1,
    requestHandler: { httpAgent: new Agent({ keepAlive: true, maxSockets: 16 }) },
  };
  const made = [await basics(config), await table(config), await functions(config)];
  for (const [at, each] of made.entries())
    if ('missing' in each) process.stderr.write(`${name}: part ${at} is left out: ${each.missing}\n`);
  return made.flatMap((each) => ('missing' in each ? [] : each));
}

interface Config {
  region: string;
  endpoint: string;
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  maxAttempts: number;
  requestHandler: { httpAgent: Agent };
}

type Lines = Line[] | { missing: string };

async function basics(config: Config): Promise<Lines> {
  const [sts, iam, sqs] = [new STSClient(config), new IAMClient(config), new SQSClient(config)];
  const s3 = new S3Client({ ...config, forcePathStyle: true });
  await iam.send(new CreateRoleCommand({ RoleName: 'bench', AssumeRolePolicyDocument: trust }));
  await s3.send(new CreateBucketCommand({ Bucket: 'bench-of-peers' }));
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'bench' }));
  const body = Buffer.alloc(1024, 'x');
  let put = 0;
  return [
    { name: 'GetCallerIdentity', call: () => sts.send(new GetCallerIdentityCommand({})) },
    { name: 'GetRole', call: () => iam.send(new GetRoleCommand({ RoleName: 'bench' })) },
    {
      name: 'PutObject, 1 KB',
      // moto fails where two calls put one key at once.
      call: () => s3.send(new PutObjectCommand({ Bucket: 'bench-of-peers', Key: `a${put++ % 64}`, Body: body })),
    },
    { name: 'SendMessage', call: () => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' })) },
  ];
}

async function table(config: Config): Promise<Lines> {
  const dynamodb = new DynamoDBClient(config);
  try {
    await dynamodb.send(
      new CreateTableCommand({
        TableName: 'bench',
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
    await dynamodb.send(new PutItemCommand({ TableName: 'bench', Item: { id: { S: '1' }, text: { S: 'hello' } } }));
  } catch (error) {
    return { missing: (error as Error).message };
  }
  const command = () => new GetItemCommand({ TableName: 'bench', Key: { id: { S: '1' } } });
  return [{ name: 'GetItem', call: () => dynamodb.send(command()) }];
}

async function functions(config: Config): Promise<Lines> {
  const lambda = new LambdaClient(config);
  const { Role } = await new IAMClient(config).send(
    new CreateRoleCommand({ RoleName: 'bench-function', AssumeRolePolicyDocument: trust }),
  );
  const invoke = (): Promise<unknown> => lambda.send(new InvokeCommand({ FunctionName: 'bench' }));
  try {
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName: 'bench',
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Role: Role!.Arn!,
        MemorySize: 256,
        Code: { ZipFile: zipFiles({ 'index.mjs': 'export const handler = async () => ({ ok: true });\n' }) },
      }),
    );
    const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: 'bench' }));
    if (!/^\{"ok": ?true\}$/.test(Buffer.from(Payload ?? []).toString()))
      return { missing: 'Invoke runs no function here' };
  } catch (error) {
    return { missing: (error as Error).message };
  }
  let change = 0;
  return [
    { name: 'Invoke, warm', call: invoke },
    {
      name: 'Invoke, cold',
      alone: true,
      call: invoke,
      async before() {
        const Environment = { Variables: { CHANGE: String(change++) } };
        await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'bench', Environment }));
        await waitUntilFunctionUpdatedV2({ client: lambda, maxWaitTime: 10 }, { FunctionName: 'bench' });
        // The pool refills.
        await new Promise((resolve) => setTimeout(resolve, 700));
      },
    },
  ];
}

const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});
