import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import {
  type CheckContext,
  digits,
  fail,
  networkOf,
  type Outcome,
  pass,
  reachFromEverySubnet,
} from '../../../server/kit.ts';
import { call, copiesOf, counter, intranetHost, slugger } from '../publisher.ts';

/** Titles with marks, and one that nobody could know before. */
export async function titlesBecomeSlugs(ctx: CheckContext): Promise<Outcome> {
  const number = digits(ctx.random, 8);
  for (const [title, slug] of [
    ['Über den Wolken, Teil 2', 'ueber-den-wolken-teil-2'],
    [`Crème brûlée & Smørrebrød ${number}`, `creme-brulee-smoerrebroed-${number}`],
  ]) {
    let answer = await call(ctx, 'author-portal', slugger, { title });
    // A busy machine makes time limits run out; a portal asks again.
    if (!answer.includes('"slug"')) answer = await call(ctx, 'author-portal', slugger, { title });
    if (!answer.includes(`"${slug}"`)) return fail(`${slugger} makes ${answer} of "${title}"`);
  }
  return pass(`${slugger} makes slugs of titles`);
}

/** stock asks the intranet, from each of its subnets, and can be deployed. */
export async function stockIsCounted(ctx: CheckContext): Promise<Outcome> {
  for (const { reach } of reachFromEverySubnet(ctx, await networkOf(ctx, counter), intranetHost(ctx, ctx.region)))
    if (!reach.reachable) return fail(`${counter} does not reach the intranet: ${reach.because}`);
  const isbn = `978${digits(ctx.random, 10)}`;
  let answer = await call(ctx, 'shop', counter, { isbn });
  if (!answer.includes('"copies"')) answer = await call(ctx, 'shop', counter, { isbn });
  if (!answer.includes(`"copies":${copiesOf(isbn)}}`)) return fail(`${counter} does not count ${isbn}: ${answer}`);

  const deployer = ctx.user('deployer').client(LambdaClient);
  const deployed = await ctx.attempt(async () => {
    const { VpcConfig } = await deployer.send(new GetFunctionConfigurationCommand({ FunctionName: counter }));
    const { SubnetIds = [], SecurityGroupIds = [] } = VpcConfig ?? {};
    await deployer.send(
      new UpdateFunctionConfigurationCommand({ FunctionName: counter, VpcConfig: { SubnetIds, SecurityGroupIds } }),
    );
  });
  if (!deployed.ok) return fail(`the deployer cannot configure ${counter}: ${deployed.message}`);
  return pass(`${counter} counts what the warehouse has`);
}
