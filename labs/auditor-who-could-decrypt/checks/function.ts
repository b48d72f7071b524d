import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
} from '@aws-sdk/client-lambda';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { type Actor, type CheckContext, fail, hex, type Outcome, pass } from '../../../server/kit.ts';
import { berthOf, evidence } from '../harbour.ts';
import { nextReader } from '../readers.ts';

export async function berthsAreAssigned(ctx: CheckContext): Promise<Outcome> {
  const ship = `Tern-${hex(ctx.random, 4)}`;
  const answer = await ctx
    .user('port-office')
    .client(LambdaClient)
    .send(
      new InvokeCommand({
        FunctionName: 'berths',
        Qualifier: 'live',
        Payload: Buffer.from(JSON.stringify({ ship })),
      }),
    );
  const text = Buffer.from(answer.Payload ?? []).toString();
  if (answer.FunctionError) return fail(`berths:live fails: ${text.slice(0, 300)}${ctx.lastFailure()}`);
  return text.includes(`"${berthOf(ship)}"`)
    ? pass('port-office gets the berth of a ship from berths:live')
    : fail(`berths:live does not answer the berth of a ship: ${text.slice(0, 200)}`);
}

/** What the readers' work is: how functions are configured, and the evidence that they are sent. */
export async function readersStillRead(ctx: CheckContext): Promise<Outcome> {
  for (const name of ['auditor', 'night-desk', await nextReader(ctx)]) {
    const reader = ctx.user(name);
    const unread = await configurationsUnread(reader);
    if (unread) return fail(`${name} no longer ${unread}`);
    const got = await ctx.attempt(() =>
      reader.client(SSMClient).send(new GetParameterCommand({ Name: evidence, WithDecryption: true })),
    );
    if (!got.ok) return fail(`${name} no longer reads the evidence ${evidence}: ${got.message}`);
    if (got.value.Parameter?.Value !== ctx.secrets.evidence) return fail(`the evidence ${evidence} was changed`);
  }
  const RoleArn = ctx.outputs['dashboards role']!;
  const { Credentials } = await ctx
    .user('night-desk')
    .client(STSClient)
    .send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'dashboards' }));
  const unread = await configurationsUnread(
    ctx.holder('dashboards', {
      accessKeyId: Credentials!.AccessKeyId!,
      secretAccessKey: Credentials!.SecretAccessKey!,
      sessionToken: Credentials!.SessionToken!,
    }),
  );
  return unread ? fail(`dashboards no longer ${unread}`) : pass('readers read configurations and their evidence');
}

async function configurationsUnread(reader: Actor): Promise<string | undefined> {
  const lambda = reader.client(LambdaClient);
  const { Functions } = await lambda.send(new ListFunctionsCommand({}));
  if (!Functions?.some(({ FunctionName }) => FunctionName === 'berths')) return 'sees berths among the functions';
  const live = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'berths', Qualifier: 'live' }));
  return live.Role && live.Timeout ? undefined : 'reads the configuration of berths:live';
}
