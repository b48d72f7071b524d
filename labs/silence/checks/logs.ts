import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { type CheckContext, fail, functionsOf, type Outcome, pass } from '../../../server/kit.ts';

const least = 90;
const most = 400;

/** Where each function writes now, whether it can, and how long that stays. */
export async function logsAreKept(ctx: CheckContext): Promise<Outcome> {
  const functions = await functionsOf(ctx);
  const groups = new Set<string>();
  for (const { name, arn, roleArn } of functions) {
    const { LoggingConfig } = await ctx
      .admin()
      .client(LambdaClient)
      .send(new GetFunctionConfigurationCommand({ FunctionName: arn }));
    const logGroupName = LoggingConfig!.LogGroup!;
    groups.add(logGroupName);
    const { logGroups = [] } = await ctx
      .admin()
      .client(CloudWatchLogsClient)
      .send(new DescribeLogGroupsCommand({ logGroupNamePrefix: logGroupName }));
    const group = logGroups.find((each) => each.logGroupName === logGroupName);
    if (!group)
      return fail(
        `${name} writes to the log group ${logGroupName}, which is not there: it would be made without an end`,
      );
    const days = group.retentionInDays;
    if (days === undefined) return fail(`the log group ${logGroupName} of ${name} keeps its lines for ever`);
    if (days < least || days > most)
      return fail(`the log group ${logGroupName} of ${name} keeps its lines for ${days} days, not ${least} to ${most}`);
    const mute = muteBecause(ctx, arn, roleArn, logGroupName);
    if (mute) return fail(`${name} may not write to its log group ${logGroupName}: ${mute}`);
  }
  return functions.length === 0
    ? fail('there is no function that would write a log')
    : pass(`${[...groups].join(' and ')} keep their lines for ${least} to ${most} days`);
}

/** The action that the role of a function lacks for its own log. */
function muteBecause(ctx: CheckContext, arn: string, roleArn: string, logGroupName: string): string | undefined {
  const code = ctx.code(arn, roleArn);
  const logStreamName = '2026/11/20/[$LATEST]0123456789abcdef0123456789abcdef';
  const questions: [string, object][] = [
    ['CreateLogStream', { logGroupName, logStreamName }],
    ['PutLogEvents', { logGroupName, logStreamName, logEvents: [] }],
  ];
  for (const [operation, input] of questions) {
    const { decision, access } = code.probe('logs', operation, input);
    if (decision !== 'allowed') return `its role is refused ${access.action}`;
  }
  return undefined;
}
