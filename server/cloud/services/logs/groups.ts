import type {
  AssociateKmsKeyCommandInput,
  AssociateKmsKeyCommandOutput,
  CreateLogGroupCommandInput,
  CreateLogGroupCommandOutput,
  DeleteLogGroupCommandInput,
  DeleteLogGroupCommandOutput,
  DeleteRetentionPolicyCommandInput,
  DeleteRetentionPolicyCommandOutput,
  DescribeLogGroupsCommandInput,
  DescribeLogGroupsCommandOutput,
  DisassociateKmsKeyCommandInput,
  DisassociateKmsKeyCommandOutput,
  PutRetentionPolicyCommandInput,
  PutRetentionPolicyCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs';
import { operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { paginate } from '../../paginate.ts';
import { requestTagContext } from '../../tags.ts';
import { metricFilters } from './metric-filters.ts';
import {
  accountAccess,
  checkGroupName,
  groupAccess,
  invalidParameter,
  placeOf,
  placeOfArn,
  tagAccess,
} from './names.ts';
import { subscriptionFilters } from './push.ts';
import { getGroup, logGroupArn, logGroups, newGroup, removeStream, streamsOf } from './store.ts';
import { checkTags } from './tags.ts';

/** differs from AWS: a million groups there. */
const mostGroups = 1_000;

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html */
export const CreateLogGroup = operation<CreateLogGroupCommandInput, CreateLogGroupCommandOutput>({
  access: (ctx, input) =>
    groupAccess(ctx, 'logs:CreateLogGroup', placeOf(ctx, input), '', requestTagContext(input.tags)),
  run(ctx, input) {
    const place = placeOf(ctx, input);
    const { logGroupClass = 'STANDARD', kmsKeyId, tags = {} } = input;
    checkGroupName(place.name);
    checkTags(tags);
    if (Object.keys(tags).length > 0) {
      const context = requestTagContext(tags);
      // "You must have either the logs:TagResource or logs:TagLogGroup permission" to create a group with tags.
      if (!ctx.allows(groupAccess(ctx, 'logs:TagLogGroup', place, '', context)))
        ctx.authorize(tagAccess(ctx, 'logs:TagResource', place, context));
    }
    if (ctx.state.get(logGroups, place, place.name))
      throw new AwsError('ResourceAlreadyExistsException', 'The specified log group already exists');
    if (ctx.state.list(logGroups, place).length >= mostGroups)
      throw new AwsError('LimitExceededException', 'Resource limit exceeded.');
    ctx.state.put(
      logGroups,
      place,
      place.name,
      newGroup(place.name, ctx.now, { logGroupClass, tags: { ...tags }, ...(kmsKeyId ? { kmsKeyId } : {}) }),
    );
    return {};
  },
});

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html */
export const DeleteLogGroup = operation<DeleteLogGroupCommandInput, DeleteLogGroupCommandOutput>({
  access: (ctx, input) => groupAccess(ctx, 'logs:DeleteLogGroup', placeOf(ctx, input)),
  run(ctx, input) {
    const place = placeOf(ctx, input);
    getGroup(ctx.state, place, place.name);
    for (const stream of streamsOf(ctx.state, place, place.name)) removeStream(ctx.state, place, stream);
    for (const { id, value } of ctx.state.list(subscriptionFilters, place))
      if (value.group === place.name) ctx.state.delete(subscriptionFilters, place, id);
    for (const { id, value } of ctx.state.list(metricFilters, place))
      if (value.group === place.name) ctx.state.delete(metricFilters, place, id);
    ctx.state.delete(logGroups, place, place.name);
    return {};
  },
});

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html: pages of at most 50. */
export const DescribeLogGroups = operation<DescribeLogGroupsCommandInput, DescribeLogGroupsCommandOutput>({
  access: (ctx) => accountAccess(ctx, 'logs:DescribeLogGroups'),
  run(ctx, input) {
    const { logGroupNamePrefix: prefix, logGroupNamePattern: pattern, logGroupClass, limit = 50 } = input;
    if (prefix !== undefined && pattern !== undefined)
      throw invalidParameter('LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.');
    const names = input.logGroupIdentifiers?.map((each) => (each.startsWith('arn:') ? placeOfArn(each).name : each));
    const wanted = ctx.state
      .list(logGroups, ctx)
      .map(({ value }) => value)
      .filter(
        ({ name, logGroupClass: its }) =>
          (prefix === undefined || name.startsWith(prefix)) &&
          (pattern === undefined || name.toLowerCase().includes(pattern.toLowerCase())) &&
          (logGroupClass === undefined || its === logGroupClass) &&
          (names === undefined || names.includes(name)),
      );
    const { page, next } = paginate(wanted, ({ name }) => name, {
      token: input.nextToken,
      limit,
      max: 50,
      invalid: { code: 'InvalidParameterException', message: 'The specified nextToken is invalid.' },
    });
    const filters = ctx.state.list(metricFilters, ctx);
    return {
      logGroups: page.map((group) => ({
        logGroupName: group.name,
        creationTime: group.created,
        ...(group.retentionInDays === undefined ? {} : { retentionInDays: group.retentionInDays }),
        metricFilterCount: filters.filter(({ value }) => value.group === group.name).length,
        arn: `${logGroupArn(ctx, group.name)}:*`,
        logGroupArn: logGroupArn(ctx, group.name),
        storedBytes: streamsOf(ctx.state, ctx, group.name).reduce((sum, { bytes }) => sum + bytes, 0),
        logGroupClass: group.logGroupClass,
        ...(group.kmsKeyId === undefined ? {} : { kmsKeyId: group.kmsKeyId }),
      })),
      ...(next ? { nextToken: next } : {}),
    };
  },
});

const retentions = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
export const PutRetentionPolicy = operation<PutRetentionPolicyCommandInput, PutRetentionPolicyCommandOutput>({
  access: (ctx, input) => groupAccess(ctx, 'logs:PutRetentionPolicy', placeOf(ctx, input)),
  run(ctx, input) {
    const place = placeOf(ctx, input);
    const group = getGroup(ctx.state, place, place.name);
    const days = input.retentionInDays!;
    if (!retentions.includes(days))
      throw invalidParameter(
        `1 validation error detected: Value '${days}' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: [${retentions.join(', ')}]`,
      );
    ctx.state.put(logGroups, place, place.name, { ...group, retentionInDays: days });
    return {};
  },
});

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteRetentionPolicy.html */
export const DeleteRetentionPolicy = operation<DeleteRetentionPolicyCommandInput, DeleteRetentionPolicyCommandOutput>({
  access: (ctx, input) => groupAccess(ctx, 'logs:DeleteRetentionPolicy', placeOf(ctx, input)),
  run(ctx, input) {
    const place = placeOf(ctx, input);
    const { retentionInDays: _gone, ...group } = getGroup(ctx.state, place, place.name);
    ctx.state.put(logGroups, place, place.name, group);
    return {};
  },
});

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_AssociateKmsKey.html. differs from AWS: the key is kept, and not asked. */
export const AssociateKmsKey = operation<AssociateKmsKeyCommandInput, AssociateKmsKeyCommandOutput>({
  access: (ctx, input) =>
    groupAccess(
      ctx,
      'logs:AssociateKmsKey',
      input.resourceIdentifier ? placeOfArn(input.resourceIdentifier) : placeOf(ctx, input),
    ),
  run(ctx, input) {
    const place = input.resourceIdentifier ? placeOfArn(input.resourceIdentifier) : placeOf(ctx, input);
    const group = getGroup(ctx.state, place, place.name);
    ctx.state.put(logGroups, place, place.name, { ...group, kmsKeyId: input.kmsKeyId! });
    return {};
  },
});

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DisassociateKmsKey.html */
export const DisassociateKmsKey = operation<DisassociateKmsKeyCommandInput, DisassociateKmsKeyCommandOutput>({
  access: (ctx, input) =>
    groupAccess(
      ctx,
      'logs:DisassociateKmsKey',
      input.resourceIdentifier ? placeOfArn(input.resourceIdentifier) : placeOf(ctx, input),
    ),
  run(ctx, input) {
    const place = input.resourceIdentifier ? placeOfArn(input.resourceIdentifier) : placeOf(ctx, input);
    const { kmsKeyId: _gone, ...group } = getGroup(ctx.state, place, place.name);
    ctx.state.put(logGroups, place, place.name, group);
    return {};
  },
});
