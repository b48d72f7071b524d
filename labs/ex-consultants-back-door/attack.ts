import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import {
  GetFunctionCommand,
  GetLayerVersionByArnCommand,
  InvokeCommand,
  LambdaClient,
  ListLayersCommand,
  ListLayerVersionsCommand,
} from '@aws-sdk/client-lambda';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { type Actor, type CheckContext, fail, functionDoors, type Outcome, pass } from '../../server/kit.ts';
import { customer } from './freight.ts';

/** The consultants come back: with an account of their own, they try every role, layer, function, version and alias. */
export async function comeBack(ctx: CheckContext): Promise<Outcome> {
  const consultant = ctx.user('intruder', 'attacker');
  const got = [
    ...(await rolesTaken(ctx, consultant)),
    ...(await layersRead(ctx, consultant)),
    ...(await functionsUsed(ctx, consultant)),
  ];
  return got.length > 0
    ? pass(`the consultants' account ${got.slice(0, 6).join(', ')}`)
    : fail("the consultants' account is refused every role, layer, function, version and alias");
}

async function rolesTaken(ctx: CheckContext, consultant: Actor): Promise<string[]> {
  const { Roles } = await ctx.admin().client(IAMClient).send(new ListRolesCommand({}));
  const got: string[] = [];
  for (const { RoleName, Arn } of Roles ?? []) {
    if (Arn!.includes(':role/aws-reserved/')) continue;
    const taken = await ctx.attempt(() =>
      consultant.client(STSClient).send(new AssumeRoleCommand({ RoleArn: Arn!, RoleSessionName: 'support' })),
    );
    if (!taken.ok) continue;
    const { AccessKeyId, SecretAccessKey, SessionToken } = taken.value.Credentials!;
    const held = ctx.holder(`the consultants, as ${RoleName}`, {
      accessKeyId: AccessKeyId!,
      secretAccessKey: SecretAccessKey!,
      sessionToken: SessionToken!,
    });
    const Key = { customer: { S: customer } };
    const read = await ctx.attempt(() =>
      held.client(DynamoDBClient).send(new GetItemCommand({ TableName: 'contracts', Key })),
    );
    got.push(read.ok && read.value.Item ? `read contracts as ${RoleName}` : `took on the role ${RoleName}`);
  }
  return got;
}

async function layersRead(ctx: CheckContext, consultant: Actor): Promise<string[]> {
  const admin = ctx.admin().client(LambdaClient);
  const { Layers } = await admin.send(new ListLayersCommand({}));
  const got: string[] = [];
  for (const { LayerName } of Layers ?? []) {
    const { LayerVersions } = await admin.send(new ListLayerVersionsCommand({ LayerName: LayerName! }));
    for (const { LayerVersionArn, Version } of LayerVersions ?? []) {
      const read = await ctx.attempt(() =>
        consultant.client(LambdaClient).send(new GetLayerVersionByArnCommand({ Arn: LayerVersionArn! })),
      );
      if (read.ok) got.push(`downloaded ${LayerName}:${Version}`);
    }
  }
  return got;
}

async function functionsUsed(ctx: CheckContext, consultant: Actor): Promise<string[]> {
  const lambda = consultant.client(LambdaClient);
  const got: string[] = [];
  let quoted = false;
  for (const { name, operation, input } of await functionDoors(ctx)) {
    if (operation !== 'Invoke') continue;
    const { FunctionName, Qualifier } = input as { FunctionName: string; Qualifier?: string };
    const named = { FunctionName, ...(Qualifier ? { Qualifier } : {}) };
    const read = await ctx.attempt(() => lambda.send(new GetFunctionCommand(named)));
    if (read.ok) got.push(`downloaded the code of ${name}`);
    // One price is enough.
    if (quoted) continue;
    const Payload = JSON.stringify({ customer, kilos: 10 });
    const asked = await ctx.attempt(() => lambda.send(new InvokeCommand({ ...named, Payload })));
    if (!asked.ok) continue;
    quoted = true;
    got.push(`had ${name} tell what ${customer} pays`);
  }
  return got;
}
