import { LambdaClient, ListEventSourceMappingsCommand, UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import type { CheckContext } from './check-context.ts';

/**
 * What comes to queues and streams during the work is read only afterwards, so that it does not depend on the machine's
 * speed which records are in one batch: as many as the mappings take, in their order.
 * @param isSource whose mappings are meant, by the ARN of a queue or a stream; those that are disabled stay so
 */
export async function inOneBatch(
  ctx: Pick<CheckContext, 'admin' | 'settle'>,
  isSource: (arn: string) => boolean,
  work: () => Promise<void>,
): Promise<void> {
  const lambda = ctx.admin().client(LambdaClient);
  const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand({}));
  const readers = EventSourceMappings.filter(
    ({ EventSourceArn, State }) => State === 'Enabled' && isSource(EventSourceArn!),
  );
  const enable = async (Enabled: boolean): Promise<void> => {
    for (const { UUID } of readers) await lambda.send(new UpdateEventSourceMappingCommand({ UUID: UUID!, Enabled }));
  };
  await enable(false);
  await work();
  await enable(true);
  await ctx.settle();
}
