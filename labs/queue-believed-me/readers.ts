import { LambdaClient, ListEventSourceMappingsCommand, UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import type { CheckContext, Outcome } from '../../server/kit.ts';

const most = 4;

/**
 * Where several functions read one queue, chance says who gets a message: each has its turn alone, until an outcome is
 * `decisive`. Without rivals it is one turn, and nothing is changed.
 */
export async function withEachReader(
  ctx: CheckContext,
  decisive: boolean,
  run: () => Promise<Outcome>,
): Promise<Outcome> {
  const lambda = ctx.admin().client(LambdaClient);
  const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand({}));
  const enabled = EventSourceMappings.filter(({ State }) => State === 'Enabled');
  const rivals = enabled.map(({ EventSourceArn }) => enabled.filter((each) => each.EventSourceArn === EventSourceArn));
  const turns = Math.min(most, Math.max(1, ...rivals.map(({ length }) => length)));
  let outcome: Outcome | undefined;
  for (let turn = 0; turn < turns && outcome?.passed !== decisive; turn++) {
    if (turns > 1)
      for (const [at, mapping] of enabled.entries())
        await lambda.send(
          new UpdateEventSourceMappingCommand({
            UUID: mapping.UUID!,
            Enabled: rivals[at]!.indexOf(mapping) === turn % rivals[at]!.length,
          }),
        );
    outcome = await run();
  }
  return outcome!;
}
