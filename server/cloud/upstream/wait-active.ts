import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { ClientClass } from '../clients.ts';

const changing = new Set(['CreateFunction', 'UpdateFunctionCode', 'UpdateFunctionConfiguration', 'PublishVersion']);
const MOST_ASKED = 200;

/**
 * Waits for a function that was made or changed, as the embedded cloud has it ready at once and whoever configures it
 * goes on at once. An endpoint that never gets it ready leaves it as it is.
 */
export async function waitUntilActive(
  client: <C>(Client: ClientClass<C>) => C,
  operation: string,
  output: unknown,
): Promise<unknown> {
  const { FunctionName, Version } = output as { FunctionName?: string; Version?: string };
  if (!changing.has(operation) || FunctionName === undefined) return output;
  for (let asked = 0; asked < MOST_ASKED; asked++) {
    const now = await client(LambdaClient).send(
      new GetFunctionConfigurationCommand({
        FunctionName,
        ...(operation === 'PublishVersion' && Version ? { Qualifier: Version } : {}),
      }),
    );
    if (now.State !== 'Pending' && now.LastUpdateStatus !== 'InProgress') {
      const { State, StateReason, StateReasonCode, LastUpdateStatus } = now;
      return { ...(output as object), State, StateReason, StateReasonCode, LastUpdateStatus };
    }
    await new Promise((resolve) => setTimeout(resolve, Math.min(10 * (asked + 1), 200)));
  }
  return output;
}
