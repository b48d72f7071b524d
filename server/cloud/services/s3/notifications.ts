import type {
  Event,
  FilterRule,
  GetBucketNotificationConfigurationCommandInput,
  GetBucketNotificationConfigurationCommandOutput,
  NotificationConfiguration,
  PutBucketNotificationConfigurationCommandInput,
  PutBucketNotificationConfigurationCommandOutput,
} from '@aws-sdk/client-s3';
import { serviceCaller } from '../../callers.ts';
import { type CallContext, operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { uuid } from '../../random.ts';
import { bucketAccess, getBucket } from './access.ts';
import { invalidArgument, malformedXml } from './errors.ts';
import { pushTo } from './events.ts';
import { type BucketRecord, bucketArn, type NotificationRule, saveBucket } from './tables.ts';

/** Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html */
const eventTypes = new Set([
  's3:ReducedRedundancyLostObject',
  's3:ObjectCreated:*',
  's3:ObjectCreated:Put',
  's3:ObjectCreated:Post',
  's3:ObjectCreated:Copy',
  's3:ObjectCreated:CompleteMultipartUpload',
  's3:ObjectRemoved:*',
  's3:ObjectRemoved:Delete',
  's3:ObjectRemoved:DeleteMarkerCreated',
  's3:ObjectRestore:*',
  's3:ObjectRestore:Post',
  's3:ObjectRestore:Completed',
  's3:ObjectRestore:Delete',
  's3:Replication:*',
  's3:Replication:OperationFailedReplication',
  's3:Replication:OperationNotTracked',
  's3:Replication:OperationMissedThreshold',
  's3:Replication:OperationReplicatedAfterThreshold',
  's3:LifecycleExpiration:*',
  's3:LifecycleExpiration:Delete',
  's3:LifecycleExpiration:DeleteMarkerCreated',
  's3:LifecycleTransition',
  's3:IntelligentTiering',
  's3:ObjectAcl:Put',
  's3:ObjectTagging:*',
  's3:ObjectTagging:Put',
  's3:ObjectTagging:Delete',
]);

const MOST_RULES = 100;

export const PutBucketNotificationConfiguration = operation<
  PutBucketNotificationConfigurationCommandInput,
  PutBucketNotificationConfigurationCommandOutput
>({
  access: (ctx, input) => bucketAccess(ctx, input, 'PutBucketNotification'),
  async run(ctx, input) {
    const bucket = getBucket(ctx, input);
    const rules = readRules(ctx, input.NotificationConfiguration!);
    checkArns(bucket, rules);
    checkOverlaps(rules);
    if (!input.SkipDestinationValidation) await testDestinations(ctx, bucket, rules);
    const eventBridge = input.NotificationConfiguration!.EventBridgeConfiguration !== undefined;
    const notifications = { rules, ...(eventBridge ? { eventBridge } : {}) };
    // Testing waited for other services: the bucket may have changed meanwhile.
    saveBucket(ctx.state, { ...getBucket(ctx, input), notifications });
    return {};
  },
});

export const GetBucketNotificationConfiguration = operation<
  GetBucketNotificationConfigurationCommandInput,
  GetBucketNotificationConfigurationCommandOutput
>({
  access: (ctx, input) => bucketAccess(ctx, input, 'GetBucketNotification'),
  run(ctx, input) {
    const { notifications } = getBucket(ctx, input);
    const of = (kind: NotificationRule['kind']) => (notifications?.rules ?? []).filter((rule) => rule.kind === kind);
    const common = ({ id, events, filter }: NotificationRule) => ({
      Id: id,
      Events: events as Event[],
      ...(filter
        ? {
            Filter: {
              Key: {
                FilterRules: filter.map(({ name, value }): FilterRule => ({ Name: name as 'prefix', Value: value })),
              },
            },
          }
        : {}),
    });
    const some = <T>(name: string, list: T[]): object => (list.length ? { [name]: list } : {});
    return {
      ...some(
        'TopicConfigurations',
        of('sns').map((rule) => ({ ...common(rule), TopicArn: rule.arn })),
      ),
      ...some(
        'QueueConfigurations',
        of('sqs').map((rule) => ({ ...common(rule), QueueArn: rule.arn })),
      ),
      ...some(
        'LambdaFunctionConfigurations',
        of('lambda').map((rule) => ({ ...common(rule), LambdaFunctionArn: rule.arn })),
      ),
      ...(notifications?.eventBridge ? { EventBridgeConfiguration: {} } : {}),
    };
  },
});

function readRules(ctx: CallContext, configuration: NotificationConfiguration): NotificationRule[] {
  const rules: NotificationRule[] = [];
  const add = (
    kind: NotificationRule['kind'],
    arn: string | undefined,
    from: {
      Id?: string | undefined;
      Events?: Event[] | undefined;
      Filter?: { Key?: { FilterRules?: FilterRule[] | undefined } | undefined } | undefined;
    },
  ) => {
    if (!arn || !from.Events?.length) throw malformedXml();
    const unknown = from.Events.find((event) => !eventTypes.has(event));
    if (unknown !== undefined) throw invalidArgument('The event is not supported for notifications', 'Event', unknown);
    const filter = readFilter(from.Filter?.Key?.FilterRules);
    rules.push({
      id: from.Id || uuid(ctx.cloud.random),
      kind,
      arn,
      events: [...from.Events],
      ...(filter ? { filter } : {}),
    });
  };
  for (const topic of configuration.TopicConfigurations ?? []) add('sns', topic.TopicArn, topic);
  for (const queue of configuration.QueueConfigurations ?? []) add('sqs', queue.QueueArn, queue);
  for (const lambda of configuration.LambdaFunctionConfigurations ?? [])
    add('lambda', lambda.LambdaFunctionArn, lambda);
  if (rules.length > MOST_RULES)
    throw invalidArgument(
      'The number of notification configurations exceeds the limit of 100',
      'NotificationConfiguration',
    );
  if (rules.some(({ id }) => id.length > 255))
    throw invalidArgument('ID length should not exceed allowed limit of 255.', 'Id');
  if (new Set(rules.map(({ id }) => id)).size !== rules.length)
    throw invalidArgument('Same ID used for multiple configurations. IDs must be unique', 'Id');
  return rules;
}

function readFilter(list: FilterRule[] | undefined): NotificationRule['filter'] {
  if (!list?.length) return undefined;
  const filter = list.map(({ Name, Value }) => ({ name: String(Name ?? ''), value: Value ?? '' }));
  for (const kind of ['prefix', 'suffix'])
    if (filter.filter(({ name }) => name.toLowerCase() === kind).length > 1)
      throw invalidArgument(`Cannot specify more than one ${kind} rule in a filter.`, 'FilterRule');
  const strange = filter.find(({ name }) => !['prefix', 'suffix'].includes(name.toLowerCase()));
  if (strange)
    throw invalidArgument('filter rule name must be either prefix or suffix', 'FilterRule.Name', strange.name);
  const long = filter.find(({ value }) => Buffer.byteLength(value) > 1024);
  if (long) throw invalidArgument('filter rule value cannot exceed 1024 bytes', 'FilterRule.Value');
  return filter;
}

function checkArns(bucket: BucketRecord, rules: NotificationRule[]): void {
  for (const { kind, arn } of rules) {
    const [scheme, partition, service, region, account, ...rest] = arn.split(':');
    const resource = rest.join(':');
    const wellFormed =
      scheme === 'arn' &&
      partition === 'aws' &&
      service === kind &&
      /^[0-9]{12}$/.test(account ?? '') &&
      resource !== '';
    if (!wellFormed || (kind === 'lambda' && !resource.startsWith('function:')))
      throw invalidArgument('The ARN is not well formed', 'ARN', arn);
    if (region !== bucket.region)
      throw invalidArgument(
        'The notification destination service region is not valid for the bucket location constraint',
        'ARN',
        arn,
      );
    if (kind !== 'lambda' && resource.endsWith('.fifo'))
      throw invalidArgument('FIFO SQS queues and SNS topics are not supported', 'ARN', arn);
  }
}

/** Two rules must not both take the same event of the same key. */
function checkOverlaps(rules: NotificationRule[]): void {
  const filterValue = (rule: NotificationRule, kind: string): string =>
    rule.filter?.find(({ name }) => name.toLowerCase() === kind)?.value ?? '';
  for (const [i, a] of rules.entries())
    for (const b of rules.slice(i + 1)) {
      if (!a.events.some((one) => b.events.some((other) => sameEvents(one, other)))) continue;
      const [prefixA, prefixB] = [filterValue(a, 'prefix'), filterValue(b, 'prefix')];
      const [suffixA, suffixB] = [filterValue(a, 'suffix'), filterValue(b, 'suffix')];
      if (!prefixA.startsWith(prefixB) && !prefixB.startsWith(prefixA)) continue;
      if (!suffixA.endsWith(suffixB) && !suffixB.endsWith(suffixA)) continue;
      throw invalidArgument(
        'Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type.',
      );
    }
}

const sameEvents = (a: string, b: string): boolean =>
  a === b || (a.endsWith(':*') && b.startsWith(a.slice(0, -1))) || (b.endsWith(':*') && a.startsWith(b.slice(0, -1)));

/**
 * S3 tries every destination: queues and topics get a test message, functions are asked without being run.
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html
 */
async function testDestinations(ctx: CallContext, bucket: BucketRecord, rules: NotificationRule[]): Promise<void> {
  const caller = serviceCaller('s3.amazonaws.com', bucketArn(bucket.name), bucket.account);
  const message = JSON.stringify({
    Service: 'Amazon S3',
    Event: 's3:TestEvent',
    Time: new Date(ctx.now).toISOString(),
    Bucket: bucket.name,
    RequestId: ctx.requestId,
    HostId: ctx.requestId,
  });
  const failures: { arn: string; why: string }[] = [];
  for (const { kind, arn } of new Map(rules.map((rule) => [rule.arn, rule])).values()) {
    const push = pushTo({ kind, arn }, message);
    const input = kind === 'lambda' ? { ...push.input, InvocationType: 'DryRun' } : push.input;
    try {
      await ctx.cloud.call(caller, push.service, push.operation, input, {
        account: push.account,
        region: push.region,
        within: ctx.state,
      });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      failures.push({ arn, why: reason(kind, error, arn) });
    }
  }
  if (failures.length === 0) return;
  throw new AwsError('InvalidArgument', 'Unable to validate the following destination configurations', 400, {
    ...Object.fromEntries(
      failures.flatMap(({ arn, why }, i) => [
        [failures.length === 1 ? 'ArgumentName' : `ArgumentName${i + 1}`, arn],
        [failures.length === 1 ? 'ArgumentValue' : `ArgumentValue${i + 1}`, why],
      ]),
    ),
  });
}

function reason(kind: NotificationRule['kind'], error: AwsError, arn: string): string {
  if (kind === 'lambda' && error.status !== 404) return `Not authorized to invoke function [${arn}]`;
  if (error.status === 404 || /NotFound|NonExistent/.test(error.code)) return 'The destination ARN could not be found';
  return kind === 'sqs'
    ? 'Permissions on the destination queue do not allow S3 to publish notifications from this bucket'
    : 'Permissions on the destination topic do not allow S3 to publish notifications from this bucket';
}
