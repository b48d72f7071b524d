import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListFunctionsCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { type CheckContext, fail, type Outcome, pass } from '../../../server/kit.ts';
import { tuned } from '../functions.ts';

/** The tuner's round: it lists functions, and gives each of its own other memory and another timeout. */
export async function functionsAreTuned(ctx: CheckContext): Promise<Outcome> {
  const lambda = ctx.user('tuner').client(LambdaClient);
  const MemorySize = 192 + 64 * (ctx.random.bytes(1)[0]! % 8);
  const Timeout = 3 + (ctx.random.bytes(1)[0]! % 5);
  let last = 'ListFunctions';
  const done = await ctx.attempt(async () => {
    await lambda.send(new ListFunctionsCommand({}));
    for (const FunctionName of tuned) {
      last = `GetFunctionConfiguration on ${FunctionName}`;
      await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
      last = `UpdateFunctionConfiguration on ${FunctionName}`;
      await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, MemorySize, Timeout }));
    }
  });
  if (!done.ok) return fail(`the tuner stops at ${last}: ${done.code}: ${done.message}`);
  return pass(`tuner set ${MemorySize} MB and ${Timeout} seconds on ${tuned.join(', ')}`);
}
