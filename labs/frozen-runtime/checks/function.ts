import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { type CheckContext, fail, hex, type Outcome, pass } from '../../../server/kit.ts';
import { buy } from '../theatre.ts';

/** Customers buy; then the pipeline releases, and they buy what it has released. */
export async function ticketsAreSold(ctx: CheckContext): Promise<Outcome> {
  const customer = ctx.user('box-office');
  const sold = await buy(ctx, customer);
  if (sold.wrong) return fail(sold.wrong);
  const lambda = ctx.user('release').client(LambdaClient);
  const FunctionName = 'tickets';
  const released = await ctx.attempt(async () => {
    const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    const Variables = { ...Environment?.Variables, RELEASE: hex(ctx.random, 4) };
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }));
    const { Version } = await lambda.send(new PublishVersionCommand({ FunctionName }));
    await lambda.send(
      new UpdateAliasCommand({
        FunctionName,
        Name: 'prod',
        FunctionVersion: Version!,
        RoutingConfig: { AdditionalVersionWeights: {} },
      }),
    );
    return Version!;
  });
  if (!released.ok) return fail(`the pipeline (release) can release nothing any more: ${released.message}`);
  const next = await buy(ctx, customer);
  if (next.wrong) return fail(`after the pipeline has released version ${released.value}, ${next.wrong}`);
  return next.version === released.value
    ? pass(`box-office sells tickets, and release brought version ${next.version} to prod`)
    : fail(`release brought version ${released.value} to prod, and version ${next.version} answers`);
}
