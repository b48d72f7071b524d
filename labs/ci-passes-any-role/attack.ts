import { IAMClient, ListAttachedUserPoliciesCommand, ListUsersCommand } from '@aws-sdk/client-iam';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { type CheckContext, fail, hex, type Outcome, pass } from '../../server/kit.ts';
import { type Attack, paths } from './paths.ts';

/** Whoever has the pipeline's keys tries every known way from them to the administrator's role, until one works. */
export async function becomeAdministrator(ctx: CheckContext): Promise<Outcome> {
  const lambda = ctx.admin().client(LambdaClient);
  const victim = await ctx.attempt(() =>
    lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'break-glass' })),
  );
  const roles = new Set([ctx.outputs['administrator role']!, ...(victim.ok ? [victim.value.Role!] : [])]);
  const before = await administrators(ctx);
  let tried = 0;
  for (const role of roles) {
    let useless = false;
    for (const { name, deputy, run } of paths) {
      if (useless && !deputy) continue;
      const attack: Attack = {
        ctx,
        role,
        deployer: ctx.user('deployer').client(LambdaClient),
        newcomer: `svc-${hex(ctx.random, 6)}`,
        tag: hex(ctx.random, 4),
      };
      tried++;
      const ran = await run(attack);
      await ctx.settle();
      const now = (await administrators(ctx)).find((user) => user !== 'on-call' && !before.includes(user));
      // Code that has run with the role and got nowhere gets no further by another way.
      useless ||= ran;
      if (!now) continue;
      ctx.note(`the user ${now} is administrator`, 'succeeded');
      const short = role.slice(role.lastIndexOf('/') + 1);
      return pass(`the keys of deployer made the user ${now} administrator: ${name}, as ${short}`);
    }
  }
  return fail(`none of ${tried} ways leads from the keys of deployer to an administrator`);
}

/** Users with AWS's policy for administrators. */
async function administrators(ctx: CheckContext): Promise<string[]> {
  const iam = ctx.admin().client(IAMClient);
  const found: string[] = [];
  for (const { UserName } of (await iam.send(new ListUsersCommand({}))).Users ?? []) {
    const { AttachedPolicies } = await iam.send(new ListAttachedUserPoliciesCommand({ UserName: UserName! }));
    if (AttachedPolicies?.some(({ PolicyName }) => PolicyName === 'AdministratorAccess')) found.push(UserName!);
  }
  return found;
}
