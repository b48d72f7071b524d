import { CloudTrailClient, CreateTrailCommand } from '@aws-sdk/client-cloudtrail';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateBucketCommand, PutBucketPolicyCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import {
  allow,
  alphanumeric,
  attackFails,
  createExecutionRole,
  createFunction,
  createUser,
  defineLab,
  policy,
  putRolePolicy,
  putTableRows,
  trust,
  type World,
} from '../../server/kit.ts';
import { repeatTheTheft } from './attack.ts';
import {
  type Buckets,
  billingQueues,
  functionName,
  otherQueues,
  parameters,
  queueUrl,
  readerRole,
  roleName,
  secret,
  tables,
  trail,
} from './billing.ts';
import { aDayIsBilled, aMonthIsClosed } from './checks/jobs.ts';
import { onlyItsCalls, onlyItsResources } from './checks/powers.ts';
import { writeThePast } from './past.ts';

export default defineLab({
  accounts: ['attacker'],
  needs: ['containment'],

  async deploy(world) {
    const { admin, id } = world.account();
    const buckets = await makeBuckets(world);
    await makeTables(world);
    for (const QueueName of [...billingQueues, ...otherQueues])
      await admin.client(SQSClient).send(new CreateQueueCommand({ QueueName }));
    for (const [Name, Value] of Object.entries(parameters))
      await admin.client(SSMClient).send(new PutParameterCommand({ Name, Value, Type: 'String' }));
    await admin
      .client(SecretsManagerClient)
      .send(new CreateSecretCommand({ Name: secret, SecretString: alphanumeric(world.random, 24) }));
    const role = await createExecutionRole(admin, roleName);
    const services = ['s3', 'dynamodb', 'sqs', 'ssm', 'secretsmanager', 'lambda'];
    const everything = services.map((service) => `${service}:*`);
    await putRolePolicy(admin, roleName, 'dev', allow(everything, '*'));
    const arn = await createFunction(admin, functionName, role, world.zip('function'), {
      READINGS: buckets.readings,
      STATEMENTS: buckets.statements,
      BILLS_QUEUE: queueUrl(world.region, id, 'bills-out'),
      REJECTED_QUEUE: queueUrl(world.region, id, 'rejected'),
    });
    await createUser(admin, 'scheduler', 'runs', allow('lambda:InvokeFunction', arn));
    await makeTrail(world, buckets.audit);
    await writeThePast(world, buckets);
    world.output('function', functionName);
    world.output('role', roleName);
    world.output('bucket of readings', buckets.readings);
    world.output('bucket of statements', buckets.statements);
    world.output('bucket of payroll', buckets.payroll);
    world.output("bucket of readings' backups", buckets.backup);
    world.output('bucket of the trail', buckets.audit);
    world.output('trail', trail);
    world.output('role for Access Analyzer', readerRole);
  },

  exploit: repeatTheTheft,

  checks: {
    'a-day-is-billed': {
      kind: 'function',
      title: 'A day is billed, and bad readings are set aside',
      points: 0,
      run: aDayIsBilled,
    },

    'a-month-is-closed': { kind: 'function', title: 'A month is closed', points: 0, run: aMonthIsClosed },

    'the-theft-is-refused': {
      kind: 'exploit',
      title: "Each of the thief's calls is refused",
      points: 40,
      run: attackFails(repeatTheTheft),
    },

    'nothing-of-others': {
      kind: 'policy',
      title: 'Nothing but what billing uses is in reach',
      points: 30,
      run: onlyItsResources,
    },

    'nothing-but-its-calls': {
      kind: 'policy',
      title: 'On what billing uses, nothing but its calls is allowed',
      points: 30,
      run: onlyItsCalls,
    },
  },

  map: {
    nodes: [
      { id: 'session', label: 'A stolen session of bill-meters', kind: 'entry' },
      { id: 'role', label: 'bill-meters-role', kind: 'principal' },
      { id: 'others', label: 'Payroll, customers, the ledger', kind: 'impact' },
      { id: 'bills', label: 'Bills that vanish', kind: 'impact' },
    ],
    edges: [
      { from: 'session', to: 'role', call: 'credentials of the environment', cutBy: [] },
      {
        from: 'role',
        to: 'others',
        call: 's3:GetObject, dynamodb:Scan, secretsmanager:GetSecretValue',
        cutBy: ['the-theft-is-refused', 'nothing-of-others'],
      },
      {
        from: 'role',
        to: 'bills',
        call: 's3:PutObject, dynamodb:DeleteItem',
        cutBy: ['the-theft-is-refused', 'nothing-but-its-calls'],
      },
    ],
  },
});

async function makeBuckets(world: World): Promise<Buckets> {
  const s3 = world.account().admin.client(S3Client);
  const readings = world.name('alderbrook-readings');
  const buckets: Buckets = {
    readings,
    statements: world.name('alderbrook-statements'),
    payroll: world.name('alderbrook-payroll'),
    backup: `${readings}-backup`,
    audit: world.name('alderbrook-audit'),
  };
  for (const Bucket of Object.values(buckets)) await s3.send(new CreateBucketCommand({ Bucket }));
  for (const [Bucket, Key] of [
    [buckets.payroll, '2026/salaries.csv'],
    [buckets.backup, 'daily/2025-12-31/m-10.json'],
    [readings, 'archive/2025.json'],
    [buckets.statements, '2025-12.csv'],
  ] as const)
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'Kept.\n' }));
  return buckets;
}

async function makeTables(world: World): Promise<void> {
  const db = world.account().admin.client(DynamoDBClient);
  for (const [TableName, AttributeName] of Object.entries(tables))
    await db.send(
      new CreateTableCommand({
        TableName,
        AttributeDefinitions: [
          { AttributeName, AttributeType: 'S' },
          ...(TableName === 'bills' ? ([{ AttributeName: 'month', AttributeType: 'S' }] as const) : []),
        ],
        KeySchema: [{ AttributeName, KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
        ...(TableName === 'bills'
          ? {
              GlobalSecondaryIndexes: [
                {
                  IndexName: 'by-month',
                  KeySchema: [{ AttributeName: 'month', KeyType: 'HASH' as const }],
                  Projection: { ProjectionType: 'ALL' as const },
                },
              ],
            }
          : {}),
      }),
    );
  putTableRows(world, 'customers', [{ customer: 'c-1', iban: 'XX00 0000' }]);
}

/** A trail of all events, and the role with which Access Analyzer may read it. */
async function makeTrail(world: World, bucket: string): Promise<void> {
  const { admin, id } = world.account();
  const arn = `arn:aws:s3:::${bucket}`;
  const Principal = { Service: 'cloudtrail.amazonaws.com' };
  await admin.client(S3Client).send(
    new PutBucketPolicyCommand({
      Bucket: bucket,
      Policy: policy(
        allow('s3:GetBucketAcl', arn, { Principal }),
        allow('s3:PutObject', `${arn}/AWSLogs/${id}/*`, { Principal }),
      ),
    }),
  );
  await admin
    .client(CloudTrailClient)
    .send(new CreateTrailCommand({ Name: trail, S3BucketName: bucket, IsMultiRegionTrail: true }));
  await admin.client(IAMClient).send(
    new CreateRoleCommand({
      RoleName: readerRole,
      AssumeRolePolicyDocument: trust({ Service: 'access-analyzer.amazonaws.com' }),
    }),
  );
  await putRolePolicy(
    admin,
    readerRole,
    'trail',
    allow(['cloudtrail:GetTrail', 'iam:GetServiceLastAccessedDetails', 'iam:GenerateServiceLastAccessedDetails'], '*'),
    allow(['s3:GetObject', 's3:ListBucket'], [arn, `${arn}/*`]),
  );
}
