import type {
  DeleteSubscriptionFilterCommandInput,
  DeleteSubscriptionFilterCommandOutput,
  DescribeSubscriptionFiltersCommandInput,
  DescribeSubscriptionFiltersCommandOutput,
  PutSubscriptionFilterCommandInput,
  PutSubscriptionFilterCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs';
import { serviceCaller } from '../../callers.ts';
import { type CallContext, operation } from '../../context.ts';
import { AwsError, NotEmulated } from '../../errors.ts';
import { paginate } from '../../paginate.ts';
import { compileFilter } from './filter-pattern.ts';
import { type GroupPlace, groupAccess, invalidParameter, placeOf } from './names.ts';
import { subscriptionFilters } from './push.ts';
import { getGroup, logGroupArn } from './store.ts';

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutSubscriptionFilter.html: to functions only. */
export const PutSubscriptionFilter = operation<PutSubscriptionFilterCommandInput, PutSubscriptionFilterCommandOutput>({
  access: (ctx, input) => groupAccess(ctx, 'logs:PutSubscriptionFilter', placeOf(ctx, input)),
  async run(ctx, input) {
    const place = placeOf(ctx, input);
    getGroup(ctx.state, place, place.name);
    const { filterName: name = '', filterPattern = '', destinationArn = '' } = input;
    if (!/^[^:*]{1,512}$/.test(name)) throw invalidParameter('The filter name is invalid.');
    compileFilter(filterPattern);
    const target = /^arn:aws:lambda:[a-z0-9-]+:(\d{12}):function:[\w-]+(:[\w$-]+)?$/.exec(destinationArn.slice(0, 300));
    if (!target) {
      if (/^arn:aws:(kinesis|firehose|logs):/.test(destinationArn))
        throw new NotEmulated('logs: subscriptions to streams and destinations');
      throw invalidParameter('destinationArn is not a valid ARN.');
    }
    if (target[1] !== place.account)
      throw invalidParameter('destinationArn for vendor lambda cannot be used with a function of another account.');
    await mayInvoke(ctx, place, destinationArn);
    const id = `${place.name}:${name}`;
    const others = ctx.state
      .list(subscriptionFilters, place)
      .filter((other) => other.value.group === place.name && other.id !== id);
    if (others.length >= 2) throw new AwsError('LimitExceededException', 'Resource limit exceeded.');
    ctx.state.put(subscriptionFilters, place, id, {
      group: place.name,
      name,
      filterPattern,
      destinationArn,
      ...(input.roleArn === undefined ? {} : { roleArn: input.roleArn }),
      distribution: input.distribution ?? 'ByLogStream',
      created: ctx.now,
    });
    return {};
  },
});

/** CloudWatch Logs tries the function before it takes the subscription. */
async function mayInvoke(ctx: CallContext, place: GroupPlace, functionArn: string): Promise<void> {
  const caller = serviceCaller('logs.amazonaws.com', `${logGroupArn(place, place.name)}:*`, place.account);
  try {
    await ctx.cloud.call(
      caller,
      'lambda',
      'Invoke',
      { FunctionName: functionArn, InvocationType: 'DryRun' },
      { account: place.account, region: place.region, within: ctx.state },
    );
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw invalidParameter(
      'Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute your function.',
    );
  }
}

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeSubscriptionFilters.html */
export const DescribeSubscriptionFilters = operation<
  DescribeSubscriptionFiltersCommandInput,
  DescribeSubscriptionFiltersCommandOutput
>({
  access: (ctx, input) => groupAccess(ctx, 'logs:DescribeSubscriptionFilters', placeOf(ctx, input)),
  run(ctx, input) {
    const place = placeOf(ctx, input);
    getGroup(ctx.state, place, place.name);
    const wanted = ctx.state
      .list(subscriptionFilters, place)
      .filter(({ value }) => value.group === place.name && value.name.startsWith(input.filterNamePrefix ?? ''));
    const { page, next } = paginate(wanted, ({ id }) => id, {
      token: input.nextToken,
      limit: input.limit,
      max: 50,
      invalid: { code: 'InvalidParameterException', message: 'The specified nextToken is invalid.' },
    });
    return {
      subscriptionFilters: page.map(({ value }) => ({
        filterName: value.name,
        logGroupName: value.group,
        filterPattern: value.filterPattern,
        destinationArn: value.destinationArn,
        ...(value.roleArn === undefined ? {} : { roleArn: value.roleArn }),
        distribution: value.distribution,
        creationTime: value.created,
      })),
      ...(next ? { nextToken: next } : {}),
    };
  },
});

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteSubscriptionFilter.html */
export const DeleteSubscriptionFilter = operation<
  DeleteSubscriptionFilterCommandInput,
  DeleteSubscriptionFilterCommandOutput
>({
  access: (ctx, input) => groupAccess(ctx, 'logs:DeleteSubscriptionFilter', placeOf(ctx, input)),
  run(ctx, input) {
    const place = placeOf(ctx, input);
    getGroup(ctx.state, place, place.name);
    const id = `${place.name}:${input.filterName}`;
    if (!ctx.state.get(subscriptionFilters, place, id))
      throw new AwsError('ResourceNotFoundException', 'The specified subscription filter does not exist.');
    ctx.state.delete(subscriptionFilters, place, id);
    return {};
  },
});
