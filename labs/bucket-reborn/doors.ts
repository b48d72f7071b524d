import {
  LambdaClient,
  ListAliasesCommand,
  ListFunctionUrlConfigsCommand,
  ListVersionsByFunctionCommand,
} from '@aws-sdk/client-lambda';
import { ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import { type CheckContext, functionsOf, queuesFeeding, takeovers, topicTargets } from '../../server/kit.ts';

/** The way from an uploaded invoice to the table, in all its parts. */

export interface Door {
  name: string;
  service: string;
  operation: string;
  input: object;
  /** Whether services are asked, too: URLs they do not call, and functions they do not change. */
  services: boolean;
}

/** Functions with all versions and aliases, and what changes them, their URLs, the queues that feed them, and topics that lead to them. */
export async function doorsOf(ctx: CheckContext): Promise<Door[]> {
  const lambda = ctx.admin().client(LambdaClient);
  const doors: Door[] = [];
  for (const FunctionName of await functionArns(ctx)) {
    const short = FunctionName.split(':').at(-1)!;
    const { Versions } = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName }));
    const { Aliases } = await lambda.send(new ListAliasesCommand({ FunctionName }));
    for (const Qualifier of [
      undefined,
      ...(Versions ?? []).map(({ Version }) => Version!),
      ...(Aliases ?? []).map(({ Name }) => Name!),
    ])
      doors.push({
        name: `the policy of ${short}${Qualifier ? `:${Qualifier}` : ''}`,
        service: 'lambda',
        operation: 'Invoke',
        input: { FunctionName, ...(Qualifier ? { Qualifier } : {}) },
        services: true,
      });
    for (const [operation, input] of takeovers(FunctionName))
      doors.push({ name: `the policy of ${short}`, service: 'lambda', operation, input, services: false });
    const { FunctionUrlConfigs } = await lambda.send(new ListFunctionUrlConfigsCommand({ FunctionName }));
    for (const { FunctionArn, AuthType } of FunctionUrlConfigs ?? [])
      doors.push({
        name: `the URL of ${short}`,
        service: 'lambda',
        operation: 'InvokeFunctionUrl',
        input: { FunctionName: FunctionArn, AuthType },
        services: false,
      });
  }
  for (const arn of await queuesFeeding(ctx))
    doors.push({
      name: `the policy of the queue ${arn.split(':').at(-1)}`,
      service: 'sqs',
      operation: 'SendMessage',
      input: { QueueUrl: queueUrl(ctx, arn), MessageBody: '{}' },
      services: true,
    });
  for (const TopicArn of await leadingTopics(ctx))
    doors.push({
      name: `the policy of the topic ${TopicArn.split(':').at(-1)}`,
      service: 'sns',
      operation: 'Publish',
      input: { TopicArn, Message: '{}' },
      services: true,
    });
  return doors;
}

/** The learner's functions, without qualifiers. */
async function functionArns(ctx: CheckContext): Promise<string[]> {
  return [...new Set((await functionsOf(ctx)).map(({ arn }) => arn.split(':').slice(0, 7).join(':')))];
}

/** The learner's topics that deliver to a function or a queue. */
export async function leadingTopics(ctx: CheckContext): Promise<string[]> {
  const { Topics } = await ctx.admin().client(SNSClient).send(new ListTopicsCommand({}));
  const found: string[] = [];
  for (const { TopicArn } of Topics ?? []) {
    const { functions, queues } = await topicTargets(ctx, TopicArn!);
    if (functions.length + queues.length > 0) found.push(TopicArn!);
  }
  return found;
}

function queueUrl(ctx: CheckContext, arn: string): string {
  const [, , , , account, name] = arn.split(':');
  return `https://sqs.${ctx.region}.amazonaws.com/${account}/${name}`;
}
